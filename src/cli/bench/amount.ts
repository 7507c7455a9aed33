/** How much was done, and how long it took in all. */
export interface Amount {
  /** Bytes, reads, files or fsyncs. */
  readonly count: number
  readonly seconds: number
}

/** So many of them a second. */
export function perSecond({ count, seconds }: Amount): number {
  return count / seconds
}

/** Times `work`, which says how much it did. */
export function timed(work: () => number): Amount {
  const began = performance.now()
  const count = work()
  return { count, seconds: (performance.now() - began) / 1e3 }
}

/** The amounts of several stretches as one. */
export function total(parts: readonly Amount[]): Amount {
  return parts.reduce(
    (sum, { count, seconds }) => ({ count: sum.count + count, seconds: sum.seconds + seconds }),
    { count: 0, seconds: 0 },
  )
}
