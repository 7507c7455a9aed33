/** A pack that is no longer stored. */
export interface LostPackReport {
  readonly blob: string
  /** First epoch in which it was not stored. */
  readonly endEpoch: number
  /** 0 where nobody knows. */
  readonly bytes: number
  /** Of the present tree: files that show bytes of it, and directories of which names lie in it. */
  readonly files: number
  readonly directories: number
  /**
   * What this machine's cache has of it: all (`file`, as it was written; `pieces`, of which it is put together); all pieces, and its
   * index cannot be made as it was (`index`); not all (`partial`).
   */
  readonly copy: 'file' | 'pieces' | 'index' | 'partial'
  /** Of a partial one: pieces that are not here, their stored bytes, and bytes of which not even the hash is known here. */
  readonly missingPieces: number
  readonly missingBytes: number
  readonly unknownBytes: number
  /** Some paths that the missing pieces belong to; of directories with `/` behind, of earlier snapshots with `@SEQUENCE:` before. */
  readonly paths: readonly string[]
  /** By this run. */
  readonly revived: boolean
  /** Why not, although all of it seemed to be here. */
  readonly why: string | undefined
}

/** What `revive` did or, with `dryRun`, would do. Amounts are FROST (1e-9 WAL), decimal. */
export interface ReviveReport {
  readonly dryRun: boolean
  /** Sequence number of the manifest that was looked at, or that the last commit gave it. */
  readonly sequence: string
  readonly epoch: number
  /** How long it is paid for. */
  readonly epochs: number
  /** Packs of the drive before. */
  readonly packs: number
  readonly lost: readonly LostPackReport[]
  /** Packs that are lost, too, and that only earlier snapshots need: `--history`. */
  readonly history: number
  /** Nodes of the present tree that are nowhere to be had: nobody knows what is below them. */
  readonly lostNodes: number
  /** Of what this cache can bring back: what Walrus bills for it, and what it costs with the table of packs. */
  readonly billedBytes: number
  readonly cost: string
  /** Done: packs that are stored again, commits. */
  readonly revived: number
  readonly commits: number
  /** What else a person should know. */
  readonly notes: readonly string[]
}
