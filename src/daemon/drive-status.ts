import type { DriveStatus, WritebackStatus } from '../control/status.ts'
import type { AccountView } from './account-watch.ts'
import type { Drive } from './open-drive.ts'
import { bytesText, durationText } from './quantity.ts'
import { version } from './version.ts'

/** Changes that wait for longer than this are a problem that `status` names. */
const lateMs = 5 * 60_000
/** Storage that ends sooner than this is one, too. */
const expiryMarginMs = 14 * 86_400_000

/** What the mount itself knows. */
export interface MountFacts {
  readonly mountPoint: string
  readonly driver: string
  readonly driverDetails: string
  readonly startedMs: number
}

/** The state of a mount, for `status`, metrics and `.walrusfs/status.json`. */
export function driveStatus(
  drive: Drive,
  mount: MountFacts,
  account: AccountView,
  nowMs: number,
): DriveStatus {
  const { request, manifest, cache, worktree, connection } = drive
  const writeback = writebackStatus(drive)
  const now = drive.writable?.writeBack.status
  const nodes = connection.store.health()
  const problems = problemsOf(writeback, nodes, account, nowMs)
  return {
    drive: request.drive.name,
    network: request.network.name,
    manifest: manifest.id,
    ...mount,
    pid: process.pid,
    version,
    readOnly: request.readOnly,
    sequence: String(now?.sequence ?? drive.state.sequence),
    committedMs: now?.committedMs ?? worktree.base?.timeMs,
    usedBytes: worktree.usedBytes,
    usedInodes: worktree.usedInodes,
    writeback,
    cache: cache.stats,
    memoryBytes: process.memoryUsage.rss(),
    nodes,
    expiry: account.expiry,
    balances: account.balances && {
      sui: String(account.balances.sui),
      wal: String(account.balances.wal),
    },
    health: writeback.state === 'backing-off' ? 'stuck' : problems.length ? 'degraded' : 'ok',
    problems,
  }
}

function writebackStatus({ writable, worktree }: Drive): WritebackStatus {
  const now = writable?.writeBack.status
  return {
    state: now?.state ?? 'off',
    dirtyBytes: writable?.dirtyBytes() ?? 0,
    dirty: worktree.dirty,
    oldestDirtyMs: now?.oldestDirtyMs,
    step: now?.step,
    done: now?.done ?? 0,
    total: now?.total ?? 0,
    why: now?.why,
    tries: now?.tries ?? 0,
    nextTryMs: now?.nextTryMs,
    commits: now?.commits ?? 0,
    conflicts: now?.conflicts ?? 0,
    uploadedBytes: now?.uploadedBytes ?? 0,
  }
}

function problemsOf(
  writeback: WritebackStatus,
  nodes: DriveStatus['nodes'],
  { balances, expiry }: AccountView,
  nowMs: number,
): string[] {
  const problems: string[] = []
  if (writeback.why) problems.push(`changes wait on this machine: ${writeback.why}`)
  const age = writeback.oldestDirtyMs === undefined ? 0 : nowMs - writeback.oldestDirtyMs
  if (age > lateMs) {
    problems.push(
      `${bytesText(writeback.dirtyBytes)} are only here for ${durationText(age)} already`,
    )
  }
  if (expiry && expiry.endMs - nowMs < expiryMarginMs) {
    problems.push(
      `the first blobs end with epoch ${expiry.endEpoch} (now ${expiry.epoch}): renew them`,
    )
  }
  if (balances?.sui === 0n) problems.push('no SUI left: the next commit will wait for gas')
  if (balances?.wal === 0n) problems.push('no WAL left: the next commit will wait for storage')
  for (const { name, state, lastError } of nodes) {
    if (state !== 'ok')
      problems.push(`storage node ${name} is ${state}${lastError ? ` (${lastError})` : ''}`)
  }
  return problems
}
