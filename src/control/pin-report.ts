/** A path that is kept in the disk cache. */
export interface PinView {
  /** In the drive. */
  readonly path: string
  readonly state: 'present' | 'fetching' | 'waiting' | 'gone'
  /** Regular files below it. */
  readonly files: number
  /** Stored bytes below it. */
  readonly bytes: number
}

/** How the pins of a mount are. */
export interface PinStatus {
  readonly count: number
  /** Stored bytes that are to be kept: files, and the directories that lead to them. */
  readonly bytes: number
  /** Of them, those that are. */
  readonly presentBytes: number
  /** What all pins of this cache directory may take. */
  readonly limitBytes: number
  /** Why it does not go on at the moment. */
  readonly why: string | undefined
}

/** What `walrusfs pin` and `unpin` print with --json. Fields are added, never renamed. */
export interface PinReport extends PinStatus {
  readonly drive: string
  readonly mountPoint: string
  readonly pins: readonly PinView[]
}
