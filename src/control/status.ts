import type { CacheStats } from '../cache/piece-cache.ts'
import type { NodeHealth } from '../store/blob-store.ts'
import type { BandwidthStatus } from './bandwidth-report.ts'
import type { PinStatus } from './pin-report.ts'
import type { ScrubStatus } from './scrub-status.ts'
import type { BudgetStatus } from './budget-status.ts'
import type { CommitEstimate } from './commit-estimate.ts'
import type { RenewalStatus } from './renewal-status.ts'

/** What `walrusfs status --json` prints for one mount. Fields are added, never renamed. */
export interface DriveStatus {
  readonly drive: string
  readonly network: string
  /** Undefined for what is no drive: a blob, a quilt, a site. */
  readonly manifest: string | undefined
  /** What that is, a line for people; undefined for a drive. */
  readonly shows: string | undefined
  /** Files of it that are not what their hash promises and so are not served. */
  readonly damagedFiles: number | undefined
  readonly mountPoint: string
  readonly driver: string
  readonly driverDetails: string
  readonly pid: number
  readonly version: string
  readonly readOnly: boolean
  /** Nobody reads it without its key. */
  readonly sealed: boolean
  /** The network is not used. */
  readonly offline: boolean
  /** Undefined without a limit. */
  readonly bandwidth: BandwidthStatus | undefined
  readonly startedMs: number
  /** The last commit that this mount knows of. */
  readonly sequence: string
  readonly committedMs: number | undefined
  readonly usedBytes: number
  readonly usedInodes: number
  readonly writeback: WritebackStatus
  /** What storing all that waits would cost; undefined where nothing waits, or before the first look at the prices. */
  readonly estimate: CommitEstimate | undefined
  readonly cache: CacheStats
  readonly memoryBytes: number
  readonly nodes: readonly NodeHealth[]
  readonly expiry: ExpiryStatus | undefined
  /** Undefined for a mount that changes nothing. */
  readonly renewal: RenewalStatus | undefined
  /** What storage costs in this month; undefined for a mount that changes nothing. */
  readonly budget: BudgetStatus | undefined
  readonly scrub: ScrubStatus | undefined
  /** Undefined where nothing is pinned. */
  readonly pins: PinStatus | undefined
  /** MIST and FROST (1e-9 SUI and WAL), decimal. */
  readonly balances:
    | {
        readonly sui: string
        readonly wal: string
        /** So many epochs of all that the drive needs the WAL pays, and how long that is; undefined: nothing is stored, or not known yet. */
        readonly epochs: number | undefined
        readonly lastsMs: number | undefined
      }
    | undefined
  /** The full node shows an older drive than was seen: sequence numbers, and since when (wall clock, ms). */
  readonly rollback:
    { readonly shown: string; readonly seen: string; readonly sinceMs: number } | undefined
  /** Who has the drive alone, this mount or another writer, and until when (the chain's clock, ms); undefined: nobody. */
  readonly lease: { readonly ours: boolean; readonly untilMs: number } | undefined
  /**
   * Age of the full node's latest checkpoint by this machine's clock (at the last look), and, once the node shows the
   * past, how far it is behind; ms. Undefined before the first look.
   */
  readonly fullNode: { readonly ageMs: number; readonly behindMs: number | undefined } | undefined
  readonly health: 'ok' | 'degraded' | 'stuck'
  /** What is wrong now, a line each, worst first. */
  readonly problems: readonly string[]
}

/** How far local changes are from the chain. */
export interface WritebackStatus {
  readonly state: 'idle' | 'waiting' | 'committing' | 'backing-off' | 'off'
  /** Bytes that are only on this machine. */
  readonly dirtyBytes: number
  /** Anything, bytes or names, that is only on this machine. */
  readonly dirty: boolean
  readonly oldestDirtyMs: number | undefined
  /** While committing: the step, and bytes of it done. */
  readonly step: CommitStep | undefined
  readonly done: number
  readonly total: number
  /** While backing off: why, how often tried, and when next (wall clock, ms). */
  readonly why: string | undefined
  readonly tries: number
  readonly nextTryMs: number | undefined
  readonly commits: number
  /** Small changes that went into the manifest. */
  readonly appends: number
  readonly conflicts: number
  readonly uploadedBytes: number
}

/** Where a commit is on its way. */
export type CommitStep = 'append' | 'pack' | 'register' | 'upload' | 'commit'

/** When the first of the drive's blobs ends. */
export interface ExpiryStatus {
  readonly epoch: number
  readonly endEpoch: number
  /** Estimated wall clock of that epoch's start, ms. */
  readonly endMs: number
}
