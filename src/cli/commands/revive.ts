import type { Argv } from 'yargs'
import { ask } from '../../control/client.ts'
import type { LostPackReport, ReviveReport } from '../../control/revive-report.ts'
import type { Drive } from '../../daemon/open-drive.ts'
import { bytesText, counted } from '../../daemon/quantity.ts'
import { walText } from '../../renewal/wal.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command, type Context } from '../command.ts'
import { driveRequest, networkOption, settingOptions, type SettingFlags } from '../drive-options.ts'
import { runningDaemon } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs revive`. */
export const revive = command({
  command: 'revive <drive>',
  describe: 'Store blobs anew whose storage has ended, from this machine’s cache; --yes does it',
  epilog: `DRIVE is a drive or a mount point. A blob is named by its bytes: stored anew it has the same id, and all that names it can be read
again. It takes all of its bytes: packs that were written here and are still in the cache, or whose pieces were all read here. What this
cache does not have all of is named; run it on another machine then, whose cache may have it: caches of several machines are not put
together. Exit codes: 0 nothing is lost (any more), or it was only said what would be done; 13 something that is needed stays lost.`,
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive, or where it is mounted' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    yes: { type: 'boolean', alias: 'y', default: false, describe: 'Do it' },
    history: {
      type: 'boolean',
      alias: 'all',
      default: false,
      describe: 'What only earlier snapshots need, too',
    },
    epochs: settingOptions.epochs,
    ...networkOption,
  },
  run: async (args, context) => {
    const { history, yes } = args
    const flags = { network: args.network, epochs: args.epochs }
    const report = await revived(args.drive, { history, dryRun: !yes }, flags, context)
    const { terminal } = context
    terminal.result(report, () => reportLines(report))
    const left = report.lost.filter((pack) => !pack.revived).length
    if (report.dryRun || left === 0) return
    if (terminal.json) process.exitCode = 13
    else {
      throw new Trouble(
        'damaged',
        `${left} of ${report.lost.length} blobs stay lost, see above; run it on a machine whose cache has all of them`,
      )
    }
  },
})

interface Request {
  readonly history: boolean
  readonly dryRun: boolean
}

/** By the daemon where there is one: it holds the drive's state directory, and commits through it. */
async function revived(
  text: string,
  request: Request,
  flags: SettingFlags,
  context: Context,
): Promise<ReviveReport> {
  const { terminal, signal, directories } = context
  const daemon = runningDaemon(directories, text)
  if (daemon) {
    try {
      const say = (step: Parameters<typeof terminal.progress>[0]) => terminal.progress(step)
      return await ask(daemon.socket, { op: 'revive', ...request }, say, signal)
    } catch (error) {
      if (!(error instanceof Trouble) || error.code !== 'read-only') throw error
    }
  }
  const drive = daemon?.drive ?? text
  const { planRevive, runRevive } = await import('../../daemon/drive-revive.ts')
  const wish = (opened: Drive) => ({
    epochs: opened.request.settings.epochs,
    history: request.history,
  })
  const plan = (opened: Drive) => planRevive(opened, wish(opened), signal)
  if (request.dryRun) return withDrive(drive, flags, context, plan, true)
  const { openDrive } = await import('../../daemon/open-drive.ts')
  const opened = await openDrive(driveRequest(drive, flags, false, context), signal)
  try {
    return await runRevive(opened, wish(opened), (step) => terminal.progress(step), signal)
  } finally {
    await opened.close()
  }
}

function reportLines(report: ReviveReport): string[] {
  const { lost, packs, epoch, epochs, history, lostNodes, dryRun, notes } = report
  const row = (key: string, value: string) => `${key.padEnd(12)} ${value}`
  const lines = [row('packs', `${packs}, ${lost.length} of them no longer stored (epoch ${epoch})`)]
  for (const pack of lost) {
    lines.push(row('lost', lostText(pack)), row('', `${neededText(pack)}; ${copyText(pack)}`))
    if (pack.why !== undefined) lines.push(row('!', pack.why))
  }
  if (lostNodes > 0)
    lines.push(row('!', `${lostNodes} parts of the tree are nowhere to be had: more may be needed`))
  if (history > 0)
    lines.push(row('history', `${history} more that only earlier snapshots need (--history)`))
  for (const note of notes) lines.push(row('!', note))
  const here = lost.filter(({ copy }) => copy === 'file' || copy === 'pieces').length
  if (here > 0 && dryRun)
    lines.push(
      row(
        'cost',
        `${walText(BigInt(report.cost))} for ${bytesText(report.billedBytes)} billed, ${counted(epochs, 'epoch')}`,
      ),
    )
  lines.push(doneLine(report, here))
  return lines
}

function lostText({ blob, endEpoch, bytes }: LostPackReport): string {
  return `${blob}${bytes ? `, ${bytesText(bytes)}` : ''}: its storage ended with epoch ${endEpoch}`
}

function neededText({ files, directories }: LostPackReport): string {
  const names = directories > 0 ? ` and the names in ${count(directories, 'directory')}` : ''
  return files + directories > 0 ? `${count(files, 'file')}${names} need it` : 'no file needs it'
}

function count(number: number, what: 'file' | 'directory'): string {
  if (number === 1) return `1 ${what}`
  return `${number} ${what === 'file' ? 'files' : 'directories'}`
}

function copyText(pack: LostPackReport): string {
  switch (pack.copy) {
    case 'file':
      return 'all of it is here, as it was written'
    case 'pieces':
      return 'all its pieces are here'
    case 'index':
      return 'all its pieces are here, but not as they were put together: it has to come from where it was written'
    case 'partial': {
      const { missingPieces, missingBytes, unknownBytes, paths } = pack
      const parts = [
        ...(missingPieces > 0
          ? [`${counted(missingPieces, 'piece')} (${bytesText(missingBytes)})`]
          : []),
        ...(unknownBytes > 0 ? [`${bytesText(unknownBytes)} that no tree names here`] : []),
      ]
      const whose = paths.length > 0 ? `, of ${paths.join(', ')}` : ''
      return `here it lacks ${parts.join(' and ')}${whose}`
    }
  }
}

function doneLine({ dryRun, lost, revived, sequence }: ReviveReport, here: number): string {
  if (lost.length === 0) return 'nothing is lost'
  if (!dryRun) return `${revived} of ${lost.length} are stored again; sequence ${sequence}`
  return here > 0
    ? `${here} of ${lost.length} can be stored again; nothing was changed: --yes does it`
    : 'this cache has none of them whole: nothing can be done from here'
}
