/** How a drive's storage is kept from ending. Amounts are FROST (1e-9 WAL), decimal. Undefined fields: not looked yet. */
export interface RenewalStatus {
  /** Renews by itself. */
  readonly auto: boolean
  /** What ends within so many epochs is extended, so that it lasts `epochs`. */
  readonly marginEpochs: number
  readonly epochs: number
  /** For renewals by themselves, in one epoch. */
  readonly budget: string | undefined
  /** Of the last look. */
  readonly epoch: number | undefined
  /** Blobs that the drive needs. */
  readonly blobs: number | undefined
  /** Of them, those that this account can extend. */
  readonly ours: number | undefined
  /** Of them, those that end within the margin and were not extended. */
  readonly endangered: number | undefined
  /** Of them, those that are no longer stored. */
  readonly ended: number | undefined
  /** First epoch in which some blob that is still there is no longer stored. */
  readonly endEpoch: number | undefined
  readonly pricePerEpoch: string | undefined
  /** What comes next, and what it will cost. */
  readonly next: { readonly epoch: number; readonly cost: string } | undefined
  /** Since the mount. */
  readonly renewals: number
  readonly paid: string
  readonly lastMs: number | undefined
  /** Why the last look or renewal failed. */
  readonly why: string | undefined
}

/** What `renew` did or, with `dryRun`, would do. Amounts are FROST, decimal. */
export interface RenewalReport {
  readonly epoch: number
  readonly dryRun: boolean
  readonly blobs: number
  /** The same, by their end before and after. */
  readonly groups: readonly {
    readonly from: number
    readonly to: number
    readonly blobs: number
    readonly cost: string
  }[]
  readonly cost: string
  readonly paid: string
  readonly transactions: number
  /** Blobs that there was too little WAL or budget for, and how much is missing. */
  readonly short: number
  readonly missing: string
  /** Blobs that another account has to extend. */
  readonly foreign: number
  /** Blobs that are no longer stored. */
  readonly ended: number
  /** First epoch in which some blob is no longer stored, afterwards. */
  readonly endEpoch: number | undefined
  readonly problems: readonly string[]
}
