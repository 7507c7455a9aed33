import type { DriveStatus } from '../control/status.ts'

/** What the page is told, as JSON. Amounts of money are FROST (1e-9 WAL), decimal. Names are as others chose them: text, never HTML. */
export interface DashboardData {
  readonly status: DriveStatus
  readonly history: DashboardHistory
  readonly changes: DashboardChanges
  readonly money: DashboardMoney
}

/** The states that a drive has had, the latest first. */
export interface DashboardHistory {
  readonly commits: readonly DashboardCommit[]
  /** There are more, or there were. */
  readonly hasMore: boolean
}

/** One state, as `log --json` shows it. */
export interface DashboardCommit {
  readonly sequence: number
  readonly timeMs: number
  readonly writer: string
  readonly usedBytes: number
  readonly usedInodes: number
  /** Undefined for a small change that lies in the manifest. */
  readonly blob: string | undefined
  readonly whole: boolean
  /** Undefined where what was before is gone. */
  readonly changes: DashboardCounts | undefined
}

/** How many paths changed, and how. */
export interface DashboardCounts {
  readonly added: number
  readonly removed: number
  readonly changed: number
  readonly moved: number
}

/** Which paths one commit changed. */
export interface DashboardChanges {
  readonly sequence: number
  readonly rows: readonly DashboardChange[]
  /** So many more are not in the list. */
  readonly more: number
}

/** One path. */
export interface DashboardChange {
  readonly change: 'added' | 'removed' | 'changed' | 'moved'
  readonly path: string
  /** Of something that moved: its path before. */
  readonly from?: string
  readonly type: string
  readonly size?: number
  readonly sizeBefore?: number
}

/** How long a drive is paid for, what it costs, and what comes. */
export interface DashboardMoney {
  readonly epoch: number
  readonly epochDurationMs: number
  /** When this was looked up. */
  readonly lookedMs: number
  readonly blobs: number
  readonly storedBytes: number
  readonly billedBytes: number
  readonly costPerEpoch: string
  readonly costPerMonth: string
  readonly prepaid: string
  /** Blobs by the first epoch in which they are no longer stored. */
  readonly ends: readonly {
    readonly endEpoch: number
    readonly blobs: number
    readonly billedBytes: number
  }[]
  readonly ended: number
  /** Blobs that another account has to extend. */
  readonly foreign: number
  /** Undefined without a key. */
  readonly balance: string | undefined
  /** What renewals will cost, if the drive stays as it is, through the beginning of `untilEpoch`. */
  readonly untilEpoch: number
  readonly payments: readonly {
    readonly epoch: number
    readonly ms: number
    readonly blobs: number
    readonly cost: string
  }[]
  /** The epoch whose payment the balance does not cover. */
  readonly shortFrom: number | undefined
}
