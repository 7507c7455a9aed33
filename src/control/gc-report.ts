/** Blobs of one kind. */
export interface GcBlobs {
  readonly blobs: number
  readonly storedBytes: number
  /** What Walrus bills for them: encoded, in whole MiB per blob. */
  readonly billedBytes: number
}

/** What `gc` did or, with `dryRun`, would do. Amounts are FROST (1e-9 WAL), decimal. */
export interface GcReport {
  readonly dryRun: boolean
  /** Sequence number of the manifest that was looked at, or that the last commit gave it. */
  readonly sequence: string
  readonly epoch: number
  /** Which snapshots are kept, as text; how many had to be looked at; of how many of them something is gone already. */
  readonly keep: string
  readonly snapshots: number
  readonly broken: number
  /** All packs of the drive before. */
  readonly packs: GcBlobs
  /** Nothing needs them: they are deleted. */
  readonly unneeded: GcBlobs
  /** The same, and they are gone already or are another drive's, too: they leave the drive's table. */
  readonly dropped: number
  /** The same, and another account has to delete them. */
  readonly foreign: number
  /** Only earlier snapshots that are kept need them. */
  readonly history: GcBlobs
  /** Mostly dead: what is live of them, `repackBytes`, is written anew. They go when no kept snapshot needs them. */
  readonly repacked: GcBlobs
  readonly repackBytes: number
  /** Blob objects that no tree names: uploads never finished, second objects of a blob. They are deleted. */
  readonly orphans: GcBlobs
  /** Uploads that are not finished and may still be. */
  readonly unfinished: number
  /** Blobs of this key that no drive of it names; packs among them are deleted with `--strays`. */
  readonly strays: GcBlobs
  /** Given back by what is deleted, an epoch, and what was paid for later ones; it stays with the account as storage, which new blobs take. */
  readonly savedPerEpoch: string
  readonly freedPrepaid: string
  /** New packs: what Walrus bills for them, and what they cost. */
  readonly newBilledBytes: number
  readonly cost: string
  /** Done: commits, deleted blob objects. */
  readonly commits: number
  readonly deleted: number
  /** What else a person should know. */
  readonly notes: readonly string[]
}
