/** What `walrusfs warmup` prints with --json, of one mount. Fields are added, never renamed. */
export interface WarmupReport {
  readonly drive: string
  /** Regular files below the paths; one with several names once. */
  readonly files: number
  /** Stored bytes of their pieces, each piece once. */
  readonly bytes: number
  /** Of them, those that were in the disk cache already. */
  readonly presentBytes: number
  readonly fetchedBytes: number
  /** Bytes that are only on this machine so far: in staging, and not in the cache. */
  readonly localBytes: number
  /** Files of which something could not be fetched. */
  readonly failedFiles: number
  /** The first of them, and why. */
  readonly failed: readonly {
    readonly path: string
    readonly why: string
    /** Trying again later can help. */
    readonly again: boolean
  }[]
  /** What the disk cache may hold beside what is pinned. */
  readonly cacheBytes: number
}
