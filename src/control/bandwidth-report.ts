/** How fast a mount may be. */
export interface BandwidthStatus {
  /** As a person wrote it; `off`: no limit. */
  readonly limit: string
  /** Bytes a second that hold now; undefined: no limit. */
  readonly up: number | undefined
  readonly down: number | undefined
}

/** What `walrusfs bwlimit` prints with --json. Fields are added, never renamed. */
export interface BandwidthReport extends BandwidthStatus {
  readonly drive: string
}
