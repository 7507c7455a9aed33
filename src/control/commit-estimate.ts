/** What storing all that waits would cost. Amounts are FROST (1e-9 WAL), decimal. */
export interface CommitEstimate {
  /** Bytes of files that wait, before compression: less may be stored. */
  readonly bytes: number
  /** It goes into the manifest: no pack, and nothing but gas. */
  readonly small: boolean
  readonly packs: number
  /** What Walrus bills for them: encoded, in whole MiB per blob. */
  readonly billedBytes: number
  readonly cost: string
  /** More than `--warn-cost` says. */
  readonly expensive: boolean
  /** What a person should know of it. */
  readonly why: string | undefined
}
