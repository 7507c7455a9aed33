import type { Extent, ExtentMap, ExtentSource, SettledRange } from '../extent-map.ts'
import type { Slice } from '../slice.ts'
import { appendJoined, clipExtent, continues, sourceFrom } from './extent.ts'
import { ExtentRuns } from './extent-runs.ts'
import type { Position } from './extent-runs.ts'

/** The extents of one file in memory. Most files have one, which costs no list. */
export class ExtentList implements ExtentMap {
  #only: Extent | undefined = undefined
  /** Used, and then for ever, since there were two. */
  #runs: ExtentRuns | undefined = undefined
  #count = 0
  #coveredBytes = 0
  #sliceBytes = 0

  get count(): number {
    return this.#count
  }

  get coveredBytes(): number {
    return this.#coveredBytes
  }

  get sliceBytes(): number {
    return this.#sliceBytes
  }

  put(start: number, end: number, source: ExtentSource): void {
    if (!(start < end)) return
    const last = this.#last()
    const extent = { start, end, source }
    if (last && (last.end > start || continues(last, extent))) {
      return this.#replace(start, end, extent)
    }
    if (last || this.#runs) this.#many().push(extent)
    else this.#only = extent
    this.#add(extent, 1)
  }

  clear(start: number, end: number): void {
    const last = this.#last()
    if (!last || last.end <= start || !(start < end)) return
    this.#replace(start, end, undefined)
  }

  at(offset: number): Extent | undefined {
    const extent = this.#runs ? this.#runs.at(this.#runs.find(offset)) : this.#only
    return extent && extent.start <= offset && offset < extent.end ? extent : undefined
  }

  *over(start: number, end: number): Generator<Extent> {
    for (const extent of this.#from(start)) {
      if (extent.start >= end) return
      yield clipExtent(extent, start, end)
    }
  }

  all(): Iterable<Extent> {
    if (this.#runs) return this.#runs.from({ run: 0, index: 0 })
    return this.#only ? [this.#only] : []
  }

  nextData(offset: number): number | undefined {
    for (const extent of this.#from(offset)) return Math.max(extent.start, offset)
    return undefined
  }

  nextHole(offset: number): number {
    let end = offset
    for (const extent of this.#from(offset)) {
      if (extent.start > end) break
      end = extent.end
    }
    return end
  }

  settle(found: (slice: Slice) => readonly SettledRange[] | undefined): void {
    if (this.#sliceBytes === 0) return
    const settled: Extent[] = []
    for (const extent of this.all()) {
      if (extent.source.kind === 'slice') settled.push(...settledParts(extent, found))
    }
    for (const { start, end, source } of settled) this.put(start, end, source)
  }

  snapshot(): ExtentList {
    const copy = new ExtentList()
    copy.#only = this.#only
    copy.#runs = this.#runs?.copy()
    copy.#count = this.#count
    copy.#coveredBytes = this.#coveredBytes
    copy.#sliceBytes = this.#sliceBytes
    return copy
  }

  #last(): Extent | undefined {
    return this.#runs ? this.#runs.last : this.#only
  }

  /** The extents that end behind an offset. */
  #from(offset: number): Iterable<Extent> {
    if (this.#runs) return this.#runs.from(this.#runs.find(offset))
    return this.#only && this.#only.end > offset ? [this.#only] : []
  }

  #many(): ExtentRuns {
    if (!this.#runs) {
      this.#runs = new ExtentRuns()
      if (this.#only) this.#runs.push(this.#only)
      this.#only = undefined
    }
    return this.#runs
  }

  /** Puts one extent (or a hole) over [start, end): what it cuts is clipped, what it touches is joined. */
  #replace(start: number, end: number, extent: Extent | undefined): void {
    if (this.#only) {
      const parts = this.#cut([this.#only], start, end, extent)
      this.#only = parts[0]
      for (const part of parts.slice(1)) this.#many().push(part)
      return
    }
    const runs = this.#many()
    const found = runs.find(start)
    const from = touching(runs, found, start) ?? found
    const touched: Extent[] = []
    let to = from
    for (let at = runs.at(to); at && at.start <= end; at = runs.at(to)) {
      touched.push(at)
      to = runs.next(to)
    }
    runs.replace(from, to, this.#cut(touched, start, end, extent))
  }

  /** What is to stand in the place of some extents when one (or a hole) was put over [start, end). */
  #cut(
    touched: readonly Extent[],
    start: number,
    end: number,
    extent: Extent | undefined,
  ): Extent[] {
    const parts: Extent[] = []
    let placed = false
    const place = () => {
      if (extent && !placed) appendJoined(parts, extent)
      placed = true
    }
    for (const at of touched) {
      if (at.start < start) appendJoined(parts, clipExtent(at, 0, start))
      if (at.end > start) place()
      if (at.end > end) appendJoined(parts, clipExtent(at, end, Infinity))
      this.#add(at, -1)
    }
    place()
    for (const part of parts) this.#add(part, 1)
    return parts
  }

  #add({ start, end, source }: Extent, sign: 1 | -1): void {
    this.#count += sign
    this.#coveredBytes += sign * (end - start)
    if (source.kind === 'slice') this.#sliceBytes += sign * (end - start)
  }
}

/** The extent before `found` where it ends exactly at `start`. */
function touching(runs: ExtentRuns, found: Position, start: number): Position | undefined {
  const before = runs.previous(found)
  return before && runs.at(before)!.end === start ? before : undefined
}

/** What of a slice's extent is stored now, as extents. */
function settledParts(
  extent: Extent,
  found: (slice: Slice) => readonly SettledRange[] | undefined,
): Extent[] {
  if (extent.source.kind !== 'slice') return []
  const { slice, at } = extent.source
  const parts: Extent[] = []
  for (const range of found(slice) ?? []) {
    const from = Math.max(range.from, at)
    const to = Math.min(range.to, at + (extent.end - extent.start))
    if (from >= to) continue
    const start = extent.start + (from - at)
    parts.push({
      start,
      end: start + (to - from),
      source: sourceFrom(range.source, from - range.from),
    })
  }
  return parts
}
