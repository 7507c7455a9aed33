import type { Extent, ExtentMap, ExtentSource, SettledRange } from '../extent-map.ts'
import type { Slice } from '../slice.ts'
import { appendJoined, clipExtent, continues, sourceFrom } from './extent.ts'
import { ExtentRuns } from './extent-runs.ts'
import type { Position } from './extent-runs.ts'

/** The extents of one file in memory. */
export class ExtentList implements ExtentMap {
  #runs = new ExtentRuns()
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
    const last = this.#runs.last
    const extent = { start, end, source }
    if (last && (last.end > start || continues(last, extent))) {
      return this.#replace(start, end, extent)
    }
    this.#runs.push(extent)
    this.#add(extent, 1)
  }

  clear(start: number, end: number): void {
    const last = this.#runs.last
    if (!last || last.end <= start || !(start < end)) return
    this.#replace(start, end, undefined)
  }

  at(offset: number): Extent | undefined {
    const extent = this.#runs.at(this.#runs.find(offset))
    return extent && extent.start <= offset ? extent : undefined
  }

  *over(start: number, end: number): Generator<Extent> {
    for (const extent of this.#runs.from(this.#runs.find(start))) {
      if (extent.start >= end) return
      yield clipExtent(extent, start, end)
    }
  }

  all(): Iterable<Extent> {
    return this.#runs.from({ run: 0, index: 0 })
  }

  nextData(offset: number): number | undefined {
    const extent = this.#runs.at(this.#runs.find(offset))
    return extent && Math.max(extent.start, offset)
  }

  nextHole(offset: number): number {
    let end = offset
    for (const extent of this.#runs.from(this.#runs.find(offset))) {
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
    copy.#runs = this.#runs.copy()
    copy.#count = this.#count
    copy.#coveredBytes = this.#coveredBytes
    copy.#sliceBytes = this.#sliceBytes
    return copy
  }

  /** Puts one extent (or a hole) over [start, end): what it cuts is clipped, what it touches is joined. */
  #replace(start: number, end: number, extent: Extent | undefined): void {
    const found = this.#runs.find(start)
    const from = this.#touching(found, start) ?? found
    const parts: Extent[] = []
    let to = from
    let placed = false
    const place = () => {
      if (extent && !placed) appendJoined(parts, extent)
      placed = true
    }
    for (let at = this.#runs.at(to); at && at.start <= end; at = this.#runs.at(to)) {
      if (at.start < start) appendJoined(parts, clipExtent(at, 0, start))
      if (at.end > start) place()
      if (at.end > end) appendJoined(parts, clipExtent(at, end, Infinity))
      this.#add(at, -1)
      to = this.#runs.next(to)
    }
    place()
    for (const part of parts) this.#add(part, 1)
    this.#runs.replace(from, to, parts)
  }

  /** The extent before `found` where it ends exactly at `start`. */
  #touching(found: Position, start: number): Position | undefined {
    const before = this.#runs.previous(found)
    return before && this.#runs.at(before)!.end === start ? before : undefined
  }

  #add({ start, end, source }: Extent, sign: 1 | -1): void {
    this.#count += sign
    this.#coveredBytes += sign * (end - start)
    if (source.kind === 'slice') this.#sliceBytes += sign * (end - start)
  }
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
