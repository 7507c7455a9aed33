import type { Argv } from 'yargs'
import { ask } from '../../control/client.ts'
import type { RenewalReport } from '../../control/renewal-status.ts'
import { frostOf, walText } from '../../renewal/wal.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command, type Context } from '../command.ts'
import { networkOption, settingOptions } from '../drive-options.ts'
import { runningDaemon } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'
import { counted } from '../../daemon/quantity.ts'

interface Wish {
  readonly epochs: number | undefined
  readonly budget: bigint | undefined
  readonly dryRun: boolean
}

/** `walrusfs renew`. */
export const renew = command({
  command: 'renew <drive>',
  describe: 'Extend the storage of a whole drive now, so that it lasts for some epochs',
  epilog:
    'DRIVE is a drive or a mount point. Mounts with a key renew by themselves (mount --auto-renew); this is for drives that are not mounted for long, for paying ahead, and for what a budget held back.',
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive, or where it is mounted' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    epochs: { type: 'number', describe: 'Everything is to last for so many epochs from now [10]' },
    budget: { type: 'string', describe: 'Pay at most so much WAL; what ends first comes first' },
    'dry-run': { type: 'boolean', default: false, describe: 'Only say what it would do and cost' },
    'renew-margin': settingOptions['renew-margin'],
    ...networkOption,
  },
  run: async (args, context) => {
    const { terminal } = context
    const wish = { epochs: args.epochs, budget: budgetOf(args.budget), dryRun: args.dryRun }
    const flags = { network: args.network, renewMargin: args.renewMargin }
    const report = await renewed(args.drive, wish, flags, context)
    terminal.result(report, () => reportLines(report))
    if (!report.dryRun && report.short > 0 && wish.budget === undefined) {
      throw new Trouble(
        'no-wal',
        `${counted(report.short, 'blob')} could not be extended as far as asked: ${walText(BigInt(report.missing))} more are needed`,
      )
    }
  },
})

function budgetOf(text: string | undefined): bigint | undefined {
  try {
    return text === undefined ? undefined : frostOf(text)
  } catch (error) {
    throw new Trouble('usage', (error as Error).message)
  }
}

/** By the daemon where there is one: it knows what was extended, and so does its next commit. */
async function renewed(
  text: string,
  wish: Wish,
  flags: Parameters<typeof withDrive>[1],
  context: Context,
): Promise<RenewalReport> {
  checkEpochs(wish.epochs)
  const daemon = runningDaemon(context.directories, text)
  if (daemon) {
    const { epochs, budget, dryRun } = wish
    const request = {
      op: 'renew',
      dryRun,
      ...(epochs === undefined ? {} : { epochs }),
      ...(budget === undefined ? {} : { budget: String(budget) }),
    } as const
    try {
      return await ask(daemon.socket, request, () => {}, context.signal)
    } catch (error) {
      if (!(error instanceof Trouble) || error.code !== 'read-only') throw error
    }
  }
  return apart(daemon?.drive ?? text, wish, flags, context)
}

async function apart(
  drive: string,
  wish: Wish,
  flags: Parameters<typeof withDrive>[1],
  context: Context,
): Promise<RenewalReport> {
  const { renewerOf } = await import('../../daemon/drive-renewer.ts')
  const { spendingOf } = await import('../../daemon/drive-budget.ts')
  const { renewNow } = await import('../../daemon/renewal-report.ts')
  const work = async (opened: Parameters<Parameters<typeof withDrive<RenewalReport>>[3]>[0]) => {
    const { keys, drive: reference } = opened.request
    if (reference.key === undefined || !keys.has(reference.key)) {
      throw new Trouble(
        'no-key',
        `no key is known for ${reference.name}: only the account that stored a blob can extend it`,
      )
    }
    const spending = spendingOf(opened)
    const onPaid = (frost: bigint) => spending.renewed(frost)
    return renewNow(renewerOf({ ...opened, onPaid }), wish, context.signal)
  }
  return withDrive(drive, flags, context, work, true)
}

function checkEpochs(epochs: number | undefined): void {
  if (epochs === undefined || (Number.isSafeInteger(epochs) && epochs > 0)) return
  throw new Trouble('usage', 'epochs is to be a whole number from 1 on')
}

function reportLines(report: RenewalReport): string[] {
  const { dryRun, groups, blobs, cost, paid, transactions, foreign, ended, endEpoch } = report
  const lines = groups.map(
    ({ from, to, blobs: count, cost: part }) =>
      `${counted(count, 'blob')}${dryRun ? ' would be' : ''} extended from epoch ${from} till ${to}: ${walText(BigInt(part))}`,
  )
  if (foreign > 0) lines.push(`for another account to extend: ${counted(foreign, 'blob')}`)
  if (ended > 0) lines.push(`no longer stored: ${counted(ended, 'blob')} (named by walrusfs cost)`)
  if (blobs === 0) lines.push('nothing needs to be extended')
  else if (dryRun) lines.push(`that would cost ${walText(BigInt(cost))}; nothing was paid`)
  else lines.push(`paid ${walText(BigInt(paid))} in ${transactions} transactions`)
  if (endEpoch !== undefined) {
    lines.push(
      `the drive ${dryRun ? 'would be' : 'is'} stored till epoch ${endEpoch} (now ${report.epoch})`,
    )
  }
  return lines
}
