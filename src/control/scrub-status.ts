/** What a mount has re-read by itself to find what went bad. Counts are since the mount. */
export interface ScrubStatus {
  /** Bytes a second; 0: off. */
  readonly rate: number
  readonly running: boolean
  /** When the last whole pass ended (wall clock, ms). */
  readonly lastMs: number | undefined
  readonly passes: number
  /** Pieces of the disk cache that were re-read, and those that had gone bad and were dropped. */
  readonly cached: number
  readonly cachedDamaged: number
  /** Pieces that were read from the network as a sample, and those of them that are not right there. */
  readonly sampled: number
  readonly damaged: number
}
