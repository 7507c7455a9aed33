/** What `walrusfs offline` prints with --json. Fields are added, never renamed. */
export interface OfflineReport {
  readonly drive: string
  readonly offline: boolean
  /** Bytes that wait on this machine. */
  readonly dirtyBytes: number
}
