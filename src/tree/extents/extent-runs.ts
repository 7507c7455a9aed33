import type { Extent } from '../extent-map.ts'

/** More extents than this in one run split it. */
const maxRun = 256

/** A run of sorted extents. Only the owner may change it; others copy it first. */
interface Run {
  readonly owner: object
  readonly items: Extent[]
}

/** Where an extent is: the number of its run and its number in the run. */
export interface Position {
  readonly run: number
  readonly index: number
}

/**
 * A long sorted list of extents in runs of bounded length, so that a change in the middle moves few of them.
 * A copy shares all runs; whoever changes one later makes its own copy of that run.
 */
export class ExtentRuns {
  #runs: Run[] = []
  #runsAreShared = false
  #owner: object = {}

  copy(): ExtentRuns {
    const copy = new ExtentRuns()
    copy.#runs = this.#runs
    copy.#runsAreShared = true
    this.#runsAreShared = true
    this.#owner = {}
    return copy
  }

  get last(): Extent | undefined {
    return this.#runs.at(-1)?.items.at(-1)
  }

  /** The first extent whose end lies behind `offset`, or the place behind the last one. */
  find(offset: number): Position {
    const run = lowerBound(this.#runs.length, (i) => this.#runs[i]!.items.at(-1)!.end > offset)
    const items = this.#runs[run]?.items
    if (!items) return { run, index: 0 }
    return { run, index: lowerBound(items.length, (i) => items[i]!.end > offset) }
  }

  at(position: Position): Extent | undefined {
    return this.#runs[position.run]?.items[position.index]
  }

  next(position: Position): Position {
    const items = this.#runs[position.run]?.items
    if (items && position.index + 1 < items.length) {
      return { run: position.run, index: position.index + 1 }
    }
    return { run: position.run + 1, index: 0 }
  }

  /** The place before this one; undefined at the first. */
  previous(position: Position): Position | undefined {
    if (position.index > 0) return { run: position.run, index: position.index - 1 }
    const items = this.#runs[position.run - 1]?.items
    return items && { run: position.run - 1, index: items.length - 1 }
  }

  *from(position: Position): Generator<Extent> {
    let index = position.index
    for (let run = position.run; run < this.#runs.length; run++) {
      const { items } = this.#runs[run]!
      for (; index < items.length; index++) yield items[index]!
      index = 0
    }
  }

  push(extent: Extent): void {
    const run = this.#runs.length - 1
    if (run < 0 || this.#runs[run]!.items.length >= maxRun) {
      this.#owned().push({ owner: this.#owner, items: [extent] })
    } else {
      this.#ownedRun(run).push(extent)
    }
  }

  /** Puts extents in place of those in [from, to). */
  replace(from: Position, to: Position, extents: readonly Extent[]): void {
    if (from.run >= this.#runs.length) {
      for (const extent of extents) this.push(extent)
      return
    }
    const items = this.#ownedRun(from.run)
    if (to.run === from.run) {
      items.splice(from.index, to.index - from.index, ...extents)
    } else {
      items.splice(from.index, Infinity, ...extents)
      const cut = to.index === 0 ? [] : this.#runs[to.run]!.items.slice(to.index)
      items.push(...cut)
      this.#owned().splice(from.run + 1, to.run - from.run - (to.index === 0 ? 1 : 0))
    }
    this.#rebalance(from.run)
  }

  /** Splits a run that grew too long, joins one that got short with the next, drops an empty one. */
  #rebalance(run: number): void {
    const runs = this.#owned()
    const items = this.#ownedRun(run)
    const next = runs[run + 1]?.items
    if (next && items.length + next.length <= maxRun / 2) {
      items.push(...next)
      runs.splice(run + 1, 1)
    }
    if (items.length === 0) runs.splice(run, 1)
    if (items.length > maxRun) {
      const tail = items.splice(items.length >> 1)
      runs.splice(run + 1, 0, { owner: this.#owner, items: tail })
    }
  }

  #owned(): Run[] {
    if (this.#runsAreShared) {
      this.#runs = [...this.#runs]
      this.#runsAreShared = false
    }
    return this.#runs
  }

  #ownedRun(index: number): Extent[] {
    const runs = this.#owned()
    const run = runs[index]!
    if (run.owner === this.#owner) return run.items
    const items = [...run.items]
    runs[index] = { owner: this.#owner, items }
    return items
  }
}

/** The first index for which `isAfter` holds; it holds for all behind it. */
function lowerBound(length: number, isAfter: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isAfter(middle)) high = middle
    else low = middle + 1
  }
  return low
}
