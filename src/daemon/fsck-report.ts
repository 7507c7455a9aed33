import type { CheckedCache } from '../cache/check-cache.ts'
import type { InspectedState } from '../writeback/inspect-state.ts'

/** Something that is not as it should be. */
export interface FsckProblem {
  readonly where: 'tree' | 'chain' | 'state' | 'cache'
  readonly text: string
  /** Bytes or names are lost or hurt, or will be; else it is only told. */
  readonly grave: boolean
  /** By this run. */
  readonly mended: boolean
}

/** What `walrusfs fsck --json` prints. Fields are added, never renamed. */
export interface FsckReport {
  readonly drive: string
  readonly network: string
  /** The tree that was walked; undefined where there is none, or it could not be read at all. */
  readonly tree:
    { readonly sequence: number; readonly inodes: number; readonly bytes: number } | undefined
  readonly packs: number
  readonly epoch: number | undefined
  /** Undefined where there is no state directory, or somebody uses it. */
  readonly state: Omit<InspectedState, 'base'> | undefined
  /** The process that uses the state directory, so that it was left alone. */
  readonly heldBy: number | undefined
  readonly cache: CheckedCache
  readonly problems: readonly FsckProblem[]
  /** What --repair did, a line each. */
  readonly repaired: readonly string[]
  /** `unreachable`: the network could not be asked, and nothing else is damaged. */
  readonly verdict: 'ok' | 'damaged' | 'unreachable'
}

/** Gathers what parts of a check find. */
export class FsckFindings {
  readonly problems: FsckProblem[] = []
  readonly repaired: string[] = []
  isUnreachable = false

  tell(where: FsckProblem['where'], text: string, grave = true, mended = false): void {
    this.problems.push({ where, text, grave, mended })
  }

  get verdict(): FsckReport['verdict'] {
    if (this.problems.some(({ grave, mended }) => grave && !mended)) return 'damaged'
    return this.isUnreachable ? 'unreachable' : 'ok'
  }
}
