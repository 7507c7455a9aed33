import { ask } from '../../control/client.ts'
import type { PinStatus } from '../../control/pin-report.ts'
import type { DriveStatus, WritebackStatus } from '../../control/status.ts'
import type { BudgetStatus } from '../../control/budget-status.ts'
import type { ScrubStatus } from '../../control/scrub-status.ts'
import type { RenewalStatus } from '../../control/renewal-status.ts'
import { estimateText } from '../../daemon/estimate-text.ts'
import { bytesText, durationText } from '../../daemon/quantity.ts'
import { walText } from '../../renewal/wal.ts'
import { Trouble } from '../../terms/trouble.ts'
import { canMoveCursor } from '../color.ts'
import { command } from '../command.ts'
import { findDaemon } from '../find-daemon.ts'
import { bandwidthText } from './bwlimit.ts'
import { progressText } from '../progress-line.ts'
import { ChangeLines, JsonLines, RenewedLines, type Pane } from '../status-panes.ts'
import { watchStatus } from '../watch-status.ts'

/** `walrusfs status`. */
export const status = command({
  command: 'status [mount]',
  describe: 'What a mount is doing: what is only here, cache, nodes, expiry, money, problems',
  epilog: `With --watch a terminal shows all of it, renewed in place. What is no terminal gets a line for each change, with its time; with --json
one line of JSON for each.`,
  positionals: (argv) =>
    argv.positional('mount', { type: 'string', describe: 'Mount point or name of a drive' }),
  options: {
    mount: { type: 'string', hidden: true },
    metrics: { type: 'boolean', default: false, describe: 'Print Prometheus metrics instead' },
    watch: {
      type: 'boolean',
      alias: 'w',
      default: false,
      describe: 'Go on showing it, as it changes, till the drive is unmounted or Ctrl-C',
    },
  },
  run: async (args, { terminal, directories, signal }) => {
    const daemon = findDaemon(directories, args.mount)
    const ignore = () => {}
    if (args.watch && args.metrics) throw new Trouble('usage', '--watch shows no metrics')
    if (args.watch) {
      const enough = AbortSignal.any([signal, closingOf(process.stdout)])
      return watchStatus(daemon, directories, paneOf(terminal.json), enough)
    }
    if (args.metrics) {
      const { text } = await ask(daemon.socket, { op: 'metrics' }, ignore, signal)
      process.stdout.write(text)
      return
    }
    const now = await ask(daemon.socket, { op: 'status' }, ignore, signal)
    terminal.result(now, () => statusLines(now, Date.now()))
  },
})

/** Aborts when nobody reads any more, as behind `head`. */
function closingOf(stream: NodeJS.WritableStream): AbortSignal {
  const closed = new AbortController()
  stream.on('error', (error) => closed.abort(error))
  return closed.signal
}

/** Where --watch shows it. */
function paneOf(json: boolean): Pane {
  if (json) return new JsonLines(process.stdout)
  if (canMoveCursor(process.stdout)) return new RenewedLines(process.stdout, statusLines)
  return new ChangeLines(process.stdout)
}

/** The state of a mount for people. */
export function statusLines(status: DriveStatus, nowMs: number): string[] {
  const rows: (readonly [string, string])[] = [
    [
      'drive',
      `${status.drive} on ${status.network}${status.sealed ? ', sealed' : ', public'}${status.readOnly ? ', read-only' : ''}`,
    ],
    ['mounted', `${status.mountPoint} (${status.driver} driver: ${status.driverDetails})`],
    status.shows === undefined
      ? ['manifest', `${status.manifest}, sequence ${status.sequence}`]
      : ['shows', status.shows],
    ...(status.offline ? [['network', 'not used: offline'] as const] : []),
    ...(status.bandwidth ? [['bandwidth', bandwidthText(status.bandwidth)] as const] : []),
    ['stored', storedText(status)],
    ['only here', writebackText(status.writeback, nowMs)],
    ['cache', cacheText(status)],
    ...(status.pins ? [['pinned', pinsText(status.pins)] as const] : []),
    ['memory', bytesText(status.memoryBytes)],
    ['nodes', nodesText(status)],
  ]
  if (status.expiry) rows.push(['stored till', expiryText(status, nowMs)])
  if (status.renewal) rows.push(['renewal', renewalText(status.renewal)])
  if (status.lease?.ours) rows.push(['exclusive', leaseText(status.lease, nowMs)])
  if (status.scrub?.passes) rows.push(['scrub', scrubText(status.scrub, nowMs)])
  if (status.estimate) rows.push(['next commit', estimateText(status.estimate)])
  if (status.budget) rows.push(['this month', budgetText(status.budget)])
  if (status.balances) rows.push(['balance', balanceText(status.balances)])
  rows.push(['health', status.health])
  const problems = status.problems.map((problem) => ['!', problem] as const)
  return [...rows, ...problems].map(([key, value]) => `${key.padEnd(12)} ${value}`)
}

function storedText({ usedBytes, usedInodes, shows }: DriveStatus): string {
  // Sizes of what others published are found out as somebody looks.
  const known = shows === undefined ? '' : ', as far as it was looked at,'
  return `${bytesText(usedBytes)}${known} in ${usedInodes} files and directories`
}

/** What is not on the network yet, and what is done about it. */
export function writebackText(writeback: WritebackStatus, nowMs: number): string {
  if (writeback.state === 'off') return 'nothing (read-only)'
  if (!writeback.dirty) return 'nothing: everything is committed'
  const age =
    writeback.oldestDirtyMs === undefined
      ? ''
      : `, oldest ${durationText(Math.max(0, nowMs - writeback.oldestDirtyMs))}`
  const amount = `${bytesText(writeback.dirtyBytes)}${age}`
  switch (writeback.state) {
    case 'committing':
      return `${amount}; ${progressText({ ...writeback, step: writeback.step ?? 'commit' })}`
    case 'backing-off':
      return `${amount}; waiting: ${writeback.why} (tried ${writeback.tries} times)`
    case 'idle':
    case 'waiting':
      return amount
  }
}

function cacheText({ cache }: DriveStatus): string {
  const asked = cache.memoryHits + cache.diskHits + cache.misses
  const rate = asked ? `, ${Math.round(((asked - cache.misses) / asked) * 100)}% hits` : ''
  return `${bytesText(cache.diskBytes)} on disk, ${bytesText(cache.memoryBytes)} in memory${rate}`
}

function pinsText({ count, bytes, presentBytes, limitBytes }: PinStatus): string {
  const part = presentBytes === bytes ? 'all here' : `${bytesText(presentBytes)} here so far`
  return `${bytesText(bytes)} by ${count} paths, ${part} (at most ${bytesText(limitBytes)})`
}

function nodesText({ nodes }: DriveStatus): string {
  const bad = nodes.filter((node) => node.state !== 'ok')
  const names = bad.map((node) => `${node.name} ${node.state}`).join(', ')
  return `${nodes.length - bad.length} of ${nodes.length} ok${names ? ` (${names})` : ''}`
}

function expiryText({ expiry }: DriveStatus, nowMs: number): string {
  if (!expiry) return ''
  const left = durationText(Math.max(0, expiry.endMs - nowMs))
  return `epoch ${expiry.endEpoch} (now ${expiry.epoch}; about ${left} from now)`
}

function renewalText({ auto, next, renewals, paid }: RenewalStatus): string {
  if (!auto) return 'only by hand: walrusfs renew'
  const then = next ? `next in epoch ${next.epoch} for ${walText(BigInt(next.cost))}` : 'automatic'
  return renewals ? `${then}; ${renewals} so far, ${walText(BigInt(paid))}` : then
}

function leaseText({ untilMs }: NonNullable<DriveStatus['lease']>, nowMs: number): string {
  return `other writers are asked to wait, for ${durationText(untilMs - nowMs)} more and then anew`
}

function scrubText(
  { lastMs, cached, cachedDamaged, sampled, damaged }: ScrubStatus,
  nowMs: number,
) {
  const age = durationText(Math.max(0, nowMs - (lastMs ?? nowMs)))
  const dropped = cachedDamaged ? ` (${cachedDamaged} bad, dropped)` : ''
  const bad = damaged ? ` (${damaged} DAMAGED)` : ''
  return `${cached} cached pieces${dropped}, ${sampled} of the network${bad}; last ended ${age} ago`
}

function budgetText({ month, spent, limit, stored, renewed }: BudgetStatus): string {
  const of = limit === undefined ? '' : ` of ${walText(BigInt(limit))}`
  const parts = `new data ${walText(BigInt(stored))}, renewals ${walText(BigInt(renewed))}`
  return `${walText(BigInt(spent))}${of} in ${month} (${parts})`
}

/** What lasts for longer is nothing that anybody has to think of: ten years. */
const worthTellingMs = 10 * 365 * 86_400_000

function balanceText({ sui, wal, epochs, lastsMs }: NonNullable<DriveStatus['balances']>): string {
  const coins = (amount: string) => (Number(amount) / 1e9).toFixed(4)
  const isSoon = epochs !== undefined && lastsMs !== undefined && lastsMs < worthTellingMs
  const lasts = isSoon
    ? `, enough for ${epochs} epochs of what is stored (${durationText(lastsMs)})`
    : ''
  return `${coins(sui)} SUI, ${coins(wal)} WAL${lasts}`
}
