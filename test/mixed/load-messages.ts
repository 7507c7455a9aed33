/** An error of an act, told to who knows what was wrong with the network and the daemon meanwhile. */
export interface TroubleReport {
  readonly type: 'trouble'
  readonly id: number
  /** Whose mount. */
  readonly side: SideName
  readonly what: string
  readonly code: string
  readonly beganMs: number
}

export type SideName = 'writer' | 'follower'

/** What the load process is asked for. */
export type LoadRequest =
  | { readonly type: 'pause'; readonly id: number }
  | { readonly type: 'resume'; readonly id: number }
  /** Only small saves, with seconds between them, for so long: small changes go into the manifest then. */
  | { readonly type: 'lull'; readonly id: number; readonly ms: number }
  /** The drive as it is mounted there, against what the workers know. Only while they pause. */
  | { readonly type: 'compare'; readonly id: number; readonly mount: string }
  | { readonly type: 'tally'; readonly id: number }
  /** It was, or was not, to be expected. */
  | { readonly type: 'verdict'; readonly id: number; readonly isExcused: boolean }

/** What the load process says. */
export type LoadMessage =
  | TroubleReport
  | { readonly type: 'failed'; readonly what: string }
  | { readonly type: 'done'; readonly id: number; readonly result: unknown }

/** What the comparison of a whole tree came to. */
export interface Comparison {
  readonly wrong: readonly string[]
  readonly files: number
  readonly bytes: number
}

/** How often something was done, and how long it took. */
export interface OperationTally {
  readonly kind: string
  count: number
  bytes: number
  /** Errors that were to be expected. */
  excused: number
  totalMs: number
  longestMs: number
}

/** How a load process works. */
export interface LoadPlan {
  readonly seed: number
  readonly writer: string
  /** Where the drive is mounted to be read only. */
  readonly follower: string
  readonly smallWorkers: number
  readonly smallFiles: number
  readonly smallMostBytes: number
  readonly largeWorkers: number
  readonly largeLeastBytes: number
  readonly largeMostBytes: number
  /** Of each large worker's files together. */
  readonly largeAllBytes: number
  /** What one worker reads and writes in a second, on average, at most. */
  readonly bytesPerSecond: number
  /** The longest that a worker waits between two acts. */
  readonly thinkMs: number
}
