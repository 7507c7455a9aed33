import type { Argv } from 'yargs'
import { ask } from '../../control/client.ts'
import type { GcBlobs, GcReport } from '../../control/gc-report.ts'
import type { GcRequest } from '../../daemon/gc-wish.ts'
import type { Drive } from '../../daemon/open-drive.ts'
import { bytesText, counted } from '../../daemon/quantity.ts'
import { walText } from '../../renewal/wal.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command, type Context } from '../command.ts'
import { driveRequest, networkOption, settingOptions, type SettingFlags } from '../drive-options.ts'
import { runningDaemon } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs gc`. */
export const gc = command({
  command: 'gc <drive>',
  describe: 'Delete blobs that nothing needs any more; says what it would do, --yes does it',
  epilog:
    'DRIVE is a drive or a mount point. Kept are the present tree, snapshots as --keep says, and all that were frozen on chain. What only older snapshots need is gone for good, and so is log beyond it: with less than an hour kept, a machine that has the drive mounted may have to mount it again, and changes that wait on a machine whose state is gone cannot be merged any more (they stay there). The storage of deleted blobs stays with the account: what is stored next takes it before any is bought, until it ends.',
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive, or where it is mounted' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    yes: { type: 'boolean', alias: 'y', default: false, describe: 'Do it' },
    keep: {
      type: 'string',
      describe:
        'Keep snapshots for so long (30d), or so many (20: and the last hour’s), or all [30d]',
    },
    repack: {
      type: 'number',
      describe: 'Write anew what is live of packs that are live to less than so many percent [50]',
    },
    'orphan-epochs': {
      type: 'number',
      describe: 'Give up uploads that were begun so many epochs ago and never finished [2]',
    },
    snapshot: {
      type: 'string',
      array: true,
      describe: 'Keep this frozen snapshot (object id), where the full node does not tell of it',
    },
    strays: {
      type: 'boolean',
      default: false,
      describe: 'Delete packs, too, that no drive of this key names: of drives that it lost',
    },
    epochs: settingOptions.epochs,
    ...networkOption,
  },
  run: async (args, context) => {
    const { keep, repack, orphanEpochs, snapshot, strays, yes } = args
    const request: GcRequest = {
      ...(keep === undefined ? {} : { keep }),
      ...(repack === undefined ? {} : { repack }),
      ...(orphanEpochs === undefined ? {} : { orphanEpochs }),
      ...(snapshot === undefined ? {} : { snapshots: snapshot }),
      strays,
      dryRun: !yes,
    }
    const flags = { network: args.network, epochs: args.epochs }
    const report = await collected(args.drive, request, flags, context)
    context.terminal.result(report, () => reportLines(report))
  },
})

/** By the daemon where there is one: it holds the drive's state directory, and commits through it. */
async function collected(
  text: string,
  request: GcRequest,
  flags: SettingFlags,
  context: Context,
): Promise<GcReport> {
  const { terminal, signal, directories } = context
  const daemon = runningDaemon(directories, text)
  if (daemon) {
    try {
      const say = (step: Parameters<typeof terminal.progress>[0]) => terminal.progress(step)
      return await ask(daemon.socket, { op: 'gc', ...request }, say, signal)
    } catch (error) {
      if (!(error instanceof Trouble) || error.code !== 'read-only') throw error
    }
  }
  const drive = daemon?.drive ?? text
  const { gcWish } = await import('../../daemon/gc-wish.ts')
  const { planGc, runGc } = await import('../../daemon/drive-gc.ts')
  const wish = (opened: Drive) => gcWish(request, opened.request.settings)
  const plan = (opened: Drive) => planGc(opened, wish(opened), signal)
  if (request.dryRun) return withDrive(drive, flags, context, plan, true)
  const { openDrive } = await import('../../daemon/open-drive.ts')
  const opened = await openDrive(driveRequest(drive, flags, false, context), signal)
  try {
    return await runGc(opened, wish(opened), (step) => terminal.progress(step), signal)
  } finally {
    await opened.close()
  }
}

function reportLines(report: GcReport): string[] {
  const { dryRun, unneeded, repacked, orphans, strays, history, packs } = report
  const row = (key: string, value: string) => `${key.padEnd(12)} ${value}`
  const blobs = ({ blobs: count, billedBytes }: GcBlobs) =>
    `${counted(count, 'blob')}, billed ${bytesText(billedBytes)}`
  const lines = [
    row('packs', `${blobs(packs)}, ${bytesText(packs.storedBytes)} stored`),
    row('kept', `snapshots: ${report.keep} (${report.snapshots} looked at)`),
    row('history', `${blobs(history)}: only earlier snapshots need them`),
    row(
      'unneeded',
      `${blobs(unneeded)}${report.dropped ? `, ${report.dropped} gone already` : ''}`,
    ),
    row(
      'orphans',
      `${blobs(orphans)}${report.unfinished ? `; ${report.unfinished} uploads may still be going on` : ''}`,
    ),
    row(
      'mostly dead',
      `${blobs(repacked)}: ${bytesText(report.repackBytes)} of them are written anew; they go when no kept snapshot needs them`,
    ),
    row(
      'cost',
      `${walText(BigInt(report.cost))} for ${bytesText(report.newBilledBytes)} billed; saves ${walText(BigInt(report.savedPerEpoch))} an epoch, frees storage worth ${walText(BigInt(report.freedPrepaid))}, which new blobs take before any is bought`,
    ),
  ]
  if (strays.blobs)
    lines.push(
      row(
        '!',
        `${blobs(strays)} that no drive of this key names (--strays deletes packs among them)`,
      ),
    )
  if (report.foreign)
    lines.push(row('!', `${report.foreign} unneeded blobs are for another account to delete`))
  for (const note of report.notes) lines.push(row('!', note))
  lines.push(doneLine(report, dryRun))
  return lines
}

function doneLine(report: GcReport, dryRun: boolean): string {
  const { unneeded, repacked, orphans, dropped, deleted, commits, sequence } = report
  const isNothing = unneeded.blobs + repacked.blobs + orphans.blobs + dropped === 0
  if (!dryRun)
    return `deleted ${counted(deleted, 'blob')} in ${counted(commits, 'commit')}; sequence ${sequence}`
  return isNothing ? 'nothing to do' : 'nothing was changed: --yes does it'
}
