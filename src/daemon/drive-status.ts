import type { PinStatus } from '../control/pin-report.ts'
import type { ScrubStatus } from '../control/scrub-status.ts'
import type { LeaseView } from '../manifest/lease-keeper.ts'
import { rollbackText, type Rollback } from '../manifest/sightings.ts'
import type { DriveStatus, WritebackStatus } from '../control/status.ts'
import type { Outlook, RenewalProblem } from '../renewal/outlook.ts'
import type { AccountView } from './account-watch.ts'
import { bandwidthStatus } from './bandwidth-limit.ts'
import { commitEstimate } from './commit-estimate.ts'
import { estimateText } from './estimate-text.ts'
import { lagText } from './full-node-lag.ts'
import { sequenceOf } from './drive-sequence.ts'
import type { Drive } from './open-drive.ts'
import { bytesText, durationText, timeText } from './quantity.ts'
import { renewalStatus } from './renewal-report.ts'
import { version } from './version.ts'

/** Changes that wait for longer than this are a problem that `status` names. */
const lateMs = 5 * 60_000
/** Storage that ends within so many epochs, or this time, is one, too. */
const expiryMarginEpochs = 2
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
  account: AccountView & {
    readonly refused: string | undefined
    readonly scrub: ScrubStatus | undefined
    readonly pins: PinStatus | undefined
  },
  nowMs: number,
): DriveStatus {
  const { request, manifest, cache, worktree, connection, following, fullNode } = drive
  const writeback = writebackStatus(drive)
  const now = drive.writable?.writeBack.status
  const nodes = connection.store.health()
  const renewer = drive.writable?.renewer
  const budget = drive.writable?.budget.view()
  const spent = budget && drive.writable?.budget.problem(budget)
  const estimate = account.market && commitEstimate(drive, account.market)
  const renewal = renewer && renewalStatus(renewer)
  const expiry = renewer?.view.outlook ? renewer.view.outlook.problems : endProblems(account, nowMs)
  const { rollback } = manifest
  const lease = drive.writable?.lease.view
  const { isOffline } = connection.switch
  const online = [
    ...(account.refused ? [account.refused] : []),
    ...writebackProblems(budget?.held ? { ...writeback, why: spent } : writeback, nowMs),
    ...(fullNode.lag ? [lagText(fullNode.lag, request.network.name)] : []),
    ...(following.why ? [`what others commit may not show here: ${following.why}`] : []),
    ...expiry.map(({ text }) => text),
    ...(renewal?.why ? [`storage cannot be looked after, tried again: ${renewal.why}`] : []),
    ...(spent && !budget?.held ? [spent] : []),
    ...(estimate?.expensive ? [estimateText(estimate)] : []),
    ...scrubProblems(account.scrub),
    ...(account.pins?.why ? [`not all that is pinned is here: ${account.pins.why}`] : []),
    ...otherProblems(nodes, account),
  ]
  const offline = [
    'offline: what is not on this machine cannot be read, and changes wait here (walrusfs offline DIR off)',
    ...(account.refused ? [account.refused] : []),
    ...expiry.map(({ text }) => text),
  ]
  const problems = [
    ...(rollback ? [rollbackProblem(rollback, request.network.name)] : []),
    ...leaseProblems(lease),
    ...(isOffline ? offline : online),
  ]
  const isGrave = rollback !== undefined || expiry.some(({ grave }) => grave)
  const isHeld = (writeback.state === 'backing-off' && !isOffline) || budget?.held !== undefined
  const stuck = isHeld || isGrave
  return {
    drive: request.drive.name,
    network: request.network.name,
    manifest: manifest.id,
    shows: undefined,
    damagedFiles: undefined,
    ...mount,
    pid: process.pid,
    version,
    readOnly: request.readOnly,
    sealed: drive.keys !== undefined,
    offline: isOffline,
    bandwidth: bandwidthStatus(connection),
    sequence: String(sequenceOf(drive)),
    committedMs: now?.committedMs ?? worktree.base?.timeMs,
    usedBytes: worktree.usedBytes,
    usedInodes: worktree.usedInodes,
    writeback,
    estimate,
    cache: cache.stats,
    memoryBytes: process.memoryUsage.rss(),
    nodes,
    expiry: account.expiry,
    renewal,
    budget,
    scrub: account.scrub,
    pins: account.pins,
    balances: account.balances && balancesStatus(account.balances, renewer?.view.outlook),
    rollback: rollback && {
      shown: String(rollback.shown),
      seen: String(rollback.seen),
      sinceMs: rollback.sinceMs,
    },
    lease: lease && leaseStatus(lease),
    fullNode:
      fullNode.ageMs === undefined
        ? undefined
        : { ageMs: fullNode.ageMs, behindMs: fullNode.lag?.behindMs },
    health: stuck ? 'stuck' : problems.length ? 'degraded' : 'ok',
    problems,
  }
}

function rollbackProblem({ shown, seen }: Rollback, network: string): string {
  return `${rollbackText(shown, seen)}: wait, or use another full node (networks.${network}.suiUrl)`
}

function leaseProblems(lease: LeaseView | undefined): string[] {
  if (lease?.other) {
    const until = timeText(lease.other.untilMs)
    return [
      `another writer has the drive alone until ${until}, or longer if it goes on: changes wait on this machine till then`,
    ]
  }
  if (lease?.why === undefined) return []
  return [
    `other writers are not asked to wait (${lease.why}), tried again: what they write is merged`,
  ]
}

function leaseStatus({ untilMs, other }: LeaseView): DriveStatus['lease'] {
  if (other) return { ours: false, untilMs: other.untilMs }
  return untilMs === undefined ? undefined : { ours: true, untilMs }
}

function balancesStatus(
  { sui, wal }: NonNullable<AccountView['balances']>,
  outlook: Outlook | undefined,
): DriveStatus['balances'] {
  const { pricePerEpoch = 0n, epochDurationMs = 0 } = outlook ?? {}
  const epochs = pricePerEpoch > 0n ? Number(wal / pricePerEpoch) : undefined
  const lastsMs = epochs === undefined ? undefined : epochs * epochDurationMs
  return { sui: String(sui), wal: String(wal), epochs, lastsMs }
}

function writebackStatus({ writable, worktree, connection }: Drive): WritebackStatus {
  const now = writable?.writeBack.status
  return {
    state: now?.state ?? 'off',
    dirtyBytes: writable?.dirtyBytes() ?? 0,
    dirty: worktree.dirty,
    oldestDirtyMs: now?.oldestDirtyMs,
    step: now?.step,
    done: now?.done ?? 0,
    total: now?.total ?? 0,
    why: connection.switch.isOffline && now?.why ? 'the drive is offline' : now?.why,
    tries: now?.tries ?? 0,
    nextTryMs: now?.nextTryMs,
    commits: now?.commits ?? 0,
    appends: now?.appends ?? 0,
    conflicts: now?.conflicts ?? 0,
    uploadedBytes: now?.uploadedBytes ?? 0,
  }
}

function writebackProblems(writeback: WritebackStatus, nowMs: number): string[] {
  const problems: string[] = []
  if (writeback.why) problems.push(`changes wait on this machine: ${writeback.why}`)
  const age = writeback.oldestDirtyMs === undefined ? 0 : nowMs - writeback.oldestDirtyMs
  if (age > lateMs) {
    problems.push(
      `${bytesText(writeback.dirtyBytes)} are only here for ${durationText(age)} already`,
    )
  }
  return problems
}

/** By what the manifest says alone: of a mount that only reads, or before the first look at the blobs. */
function endProblems({ expiry }: AccountView, nowMs: number): RenewalProblem[] {
  if (!expiry) return []
  const { epoch, endEpoch, endMs } = expiry
  if (endEpoch - epoch > expiryMarginEpochs && endMs - nowMs >= expiryMarginMs) return []
  const text =
    endEpoch > epoch
      ? `the first blobs end with epoch ${endEpoch} (now ${epoch}): walrusfs renew`
      : `blobs may have ended with epoch ${endEpoch} (now ${epoch}): walrusfs cost says which`
  return [{ text, grave: endEpoch - epoch <= 1 }]
}

function scrubProblems(scrub: ScrubStatus | undefined): string[] {
  if (!scrub?.damaged) return []
  return [
    `${scrub.damaged} of ${scrub.sampled} pieces read from the network were damaged there: walrusfs verify says whom that hurts`,
  ]
}

function otherProblems(nodes: DriveStatus['nodes'], { balances }: AccountView): string[] {
  const problems: string[] = []
  if (balances?.sui === 0n) problems.push('no SUI left: the next commit will wait for gas')
  if (balances?.wal === 0n) problems.push('no WAL left: the next commit will wait for storage')
  return [...problems, ...nodeProblems(nodes)]
}

export function nodeProblems(nodes: DriveStatus['nodes']): string[] {
  return nodes
    .filter(({ state }) => state !== 'ok')
    .map(({ name, state, lastError }) => {
      const why = lastError ? ` (${lastError})` : ''
      return `storage node ${name} is ${state}${why}`
    })
}
