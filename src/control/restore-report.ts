/** What `walrusfs restore --in-place` prints with --json. Fields are added, never renamed. */
export interface RestoreReport {
  readonly drive: string
  /** The state that it was taken from. */
  readonly from: { readonly sequence: number; readonly timeMs: number }
  /** Where it is now. */
  readonly path: string
  /** What stood there is here now. */
  readonly kept: string | undefined
  readonly files: number
  readonly directories: number
  /** Bytes that the files show. None of them was uploaded. */
  readonly bytes: number
  /** The drive's sequence number with it. */
  readonly sequence: string
}
