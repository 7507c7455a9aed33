import type { TroubleCode } from '../terms/trouble.ts'
import type { CommitEstimate } from './commit-estimate.ts'
import type { GcReport } from './gc-report.ts'
import type { BandwidthReport } from './bandwidth-report.ts'
import type { OfflineReport } from './offline-report.ts'
import type { RestoreReport } from './restore-report.ts'
import type { ReviveReport } from './revive-report.ts'
import type { RenewalReport } from './renewal-status.ts'
import type { DriveStatus } from './status.ts'
import { parsePaths } from './path-requests.ts'
import type { PinReport } from './pin-report.ts'
import type { WarmupReport } from './warmup-report.ts'

/**
 * The control socket: one JSON object per line. A request is one line; the answer is any number of progress lines and
 * then one result or error line.
 */
export type ControlRequest =
  | { readonly op: 'status' }
  /** Answers when everything written before it is committed. */
  | { readonly op: 'sync'; readonly overBudget?: boolean }
  /** What storing all that waits would cost, at the prices of this moment. */
  | { readonly op: 'estimate' }
  /** Drains (unless lazy), unmounts, ends the daemon. */
  | { readonly op: 'unmount'; readonly lazy: boolean }
  /** Extends the drive's storage at once, for so many epochs from now, for at most so much FROST (decimal). */
  | {
      readonly op: 'renew'
      readonly epochs?: number
      readonly budget?: string
      readonly dryRun: boolean
    }
  /** Deletes blobs that nothing needs, or says what it would do. What is not given has the daemon's default. */
  | {
      readonly op: 'gc'
      /** `30d`, `20`, `all`. */
      readonly keep?: string
      /** Percent. */
      readonly repack?: number
      readonly orphanEpochs?: number
      /** Object ids of frozen snapshots. */
      readonly snapshots?: readonly string[]
      readonly strays: boolean
      readonly dryRun: boolean
    }
  /** Stores anew what is no longer stored and this machine's cache has all of, or says what it would do. */
  | {
      readonly op: 'revive'
      /** What only earlier snapshots need, too. */
      readonly history: boolean
      readonly dryRun: boolean
    }
  /** Brings a path of an earlier state (`12`, `2026-11-20`, `2h`) back into the drive, and commits it. */
  | { readonly op: 'restore'; readonly at: string; readonly path: string; readonly into: string }
  /** Brings everything below these paths of the drive into the disk cache. */
  | { readonly op: 'warmup'; readonly paths: readonly string[] }
  /** Keeps what is below these paths in the disk cache; or no longer; or (no path) lists what is kept. `wait`: until it is there. */
  | { readonly op: 'pin'; readonly paths: readonly string[]; readonly wait: boolean }
  | { readonly op: 'unpin'; readonly paths: readonly string[] }
  /** Takes the mount from the network, or back to it; or (`on` absent) says which. */
  | { readonly op: 'offline'; readonly on?: boolean }
  /** Sets how fast it may be, as `--bwlimit` has it; or (`limit` absent) says it. */
  | { readonly op: 'bwlimit'; readonly limit?: string }
  /** Prometheus text. */
  | { readonly op: 'metrics' }
  /** Where the dashboard is; it is served from then on. */
  | { readonly op: 'dashboard' }

/** What each operation answers. */
export interface ControlResults {
  readonly status: DriveStatus
  readonly sync: { readonly sequence: string }
  readonly estimate: { readonly estimate: CommitEstimate | undefined }
  readonly unmount: { readonly drained: boolean }
  readonly renew: RenewalReport
  readonly gc: GcReport
  readonly revive: ReviveReport
  readonly restore: RestoreReport
  readonly warmup: WarmupReport
  readonly pin: PinReport
  readonly unpin: PinReport
  readonly offline: OfflineReport
  readonly bwlimit: BandwidthReport
  readonly metrics: { readonly text: string }
  readonly dashboard: DashboardPlace
}

/** Where the dashboard of a mount is. Both are for its owner alone: they let in whoever has them. */
export interface DashboardPlace {
  readonly url: string
  /** A file that leads there, for programs whose arguments others can read. */
  readonly file: string
}

/** How far a wait has come. */
export interface ControlProgress {
  readonly step: string
  readonly done: number
  readonly total: number
  /** The same in files, where that is known. */
  readonly files?: { readonly done: number; readonly total: number }
  /** Why it does not go on at the moment. */
  readonly why?: string | undefined
}

export type ControlReply =
  | { readonly progress: ControlProgress }
  | { readonly result: unknown }
  | { readonly error: { readonly code: TroubleCode; readonly message: string } }

/** The longest request line the daemon takes. */
export const maxRequestBytes = 1 << 16

/** Checks a request line; undefined when it is none of ours. */
export function parseRequest(line: string): ControlRequest | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || !('op' in value)) return undefined
  switch (value.op) {
    case 'status':
    case 'estimate':
    case 'metrics':
    case 'dashboard':
      return { op: value.op }
    case 'sync':
      return { op: 'sync', overBudget: 'overBudget' in value && value.overBudget === true }
    case 'unmount':
      return { op: 'unmount', lazy: 'lazy' in value && value.lazy === true }
    case 'renew':
      return parseRenewal(value)
    case 'gc':
      return parseGc(value)
    case 'revive':
      return parseRevive(value)
    case 'restore':
      return parseRestore(value)
    case 'warmup':
    case 'pin':
    case 'unpin':
      return parsePaths(value.op, value)
    case 'offline':
      return 'on' in value && typeof value.on === 'boolean'
        ? { op: 'offline', on: value.on }
        : { op: 'offline' }
    case 'bwlimit':
      return 'limit' in value && typeof value.limit === 'string'
        ? { op: 'bwlimit', limit: value.limit }
        : { op: 'bwlimit' }
    default:
      return undefined
  }
}

function parseRenewal(value: object): ControlRequest | undefined {
  const { epochs, budget, dryRun } = value as Readonly<Record<string, unknown>>
  if (epochs !== undefined && !(Number.isSafeInteger(epochs) && (epochs as number) > 0)) return
  if (budget !== undefined && !(typeof budget === 'string' && /^\d{1,20}$/.test(budget))) return
  return {
    op: 'renew',
    ...(epochs === undefined ? {} : { epochs: epochs as number }),
    ...(budget === undefined ? {} : { budget }),
    dryRun: dryRun !== false,
  }
}

function parseGc(value: object): ControlRequest | undefined {
  const { keep, repack, orphanEpochs, snapshots, strays, dryRun } = value as Readonly<
    Record<string, unknown>
  >
  if (keep !== undefined && typeof keep !== 'string') return
  if (repack !== undefined && typeof repack !== 'number') return
  if (orphanEpochs !== undefined && typeof orphanEpochs !== 'number') return
  if (snapshots !== undefined && !isTexts(snapshots)) return
  return {
    op: 'gc',
    ...(keep === undefined ? {} : { keep }),
    ...(repack === undefined ? {} : { repack }),
    ...(orphanEpochs === undefined ? {} : { orphanEpochs }),
    ...(snapshots === undefined ? {} : { snapshots }),
    strays: strays === true,
    dryRun: dryRun !== false,
  }
}

function parseRevive(value: object): ControlRequest | undefined {
  const { history, dryRun } = value as Readonly<Record<string, unknown>>
  return { op: 'revive', history: history === true, dryRun: dryRun !== false }
}

function parseRestore(value: object): ControlRequest | undefined {
  const { at, path, into } = value as Readonly<Record<string, unknown>>
  if (typeof at !== 'string' || typeof path !== 'string' || typeof into !== 'string') return
  return { op: 'restore', at, path, into }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
