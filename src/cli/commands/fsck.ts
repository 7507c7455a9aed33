import type { Argv } from 'yargs'
import type { FsckReport } from '../../daemon/fsck-report.ts'
import { bytesText, counted } from '../../daemon/quantity.ts'
import { silentLog } from '../../runtime/log.ts'
import { exitCodes, Trouble, type TroubleCode } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { driveRequest, networkOption, refusePast } from '../drive-options.ts'
import { driveNamed } from '../find-daemon.ts'

/** `walrusfs fsck`. */
export const fsck = command({
  command: 'fsck <drive>',
  describe: 'Check that tree, packs, chain, journal, staging and disk cache agree',
  epilog: `Changes nothing without --repair. With it: cached copies that are damaged are thrown away, the journal is cut where it ends to count
(what is cut off is kept beside it), and files that nothing names are deleted. The state directory of a drive that is mounted is left
alone. What the network has of each byte is for walrusfs verify. Exit codes: 0 all is right, or was mended; 13 something is damaged; 9 the
network could not be asked, or the drive is sealed and nothing here opens it; 12 --repair, and the drive is mounted.`,
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive, or where it is mounted' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    repair: { type: 'boolean', default: false, describe: 'Mend what can be mended here' },
    ...networkOption,
  },
  run: async ({ drive, repair, network }, context) => {
    const { terminal, directories, signal } = context
    const { fsckDrive } = await import('../../daemon/fsck-drive.ts')
    const request = driveRequest(driveNamed(directories, drive), { network }, true, context)
    refusePast(request.drive)
    const log = context.verbose > 0 ? request.log : silentLog
    const live = (what: string) => terminal.live(`checking ${what}`)
    const report = await fsckDrive({ ...request, log }, repair, live, signal)
    terminal.result(report, () => reportLines(report))
    const code = codeOf(report, repair)
    if (code === undefined) return
    // The result says it all; a second JSON value behind it would be none.
    if (terminal.json) process.exitCode = exitCodes[code]
    else throw new Trouble(code, verdictText(code, report))
  },
})

function codeOf({ verdict, heldBy }: FsckReport, repair: boolean): TroubleCode | undefined {
  if (verdict === 'damaged') return 'damaged'
  if (repair && heldBy !== undefined) return 'locked'
  return verdict === 'ok' ? undefined : verdict
}

function verdictText(code: TroubleCode, { drive, heldBy }: FsckReport): string {
  if (code === 'locked')
    return `${drive} is mounted (process ${heldBy}): its journal and staging were left alone; unmount it and repair again`
  if (code === 'unreachable')
    return `not everything could be looked at, see above; what could be was checked`
  return `${drive} is not as it should be, see above (walrusfs fsck --repair mends what can be mended on this machine)`
}

function reportLines(report: FsckReport): string[] {
  const row = (key: string, value: string) => `${key.padEnd(12)} ${value}`
  const { tree, state, heldBy, cache, problems, repaired } = report
  const lines = [row('drive', `${report.drive} on ${report.network}`)]
  if (tree) {
    const { inodes, bytes, sequence } = tree
    lines.push(
      row('tree', `${inodes} files and directories, ${bytesText(bytes)}, snapshot ${sequence}`),
      row('packs', `${report.packs} on chain (epoch ${report.epoch})`),
    )
  }
  lines.push(row('state', stateText(state, heldBy)))
  lines.push(
    row(
      'cache',
      `${counted(cache.pieces, 'piece')} in ${counted(cache.files, 'file')}, ${bytesText(cache.bytes)}`,
    ),
  )
  for (const { where, text, mended, grave } of problems)
    lines.push(row(grave ? '!' : 'note', `${where}: ${text}${mended ? ' (mended)' : ''}`))
  for (const text of repaired) lines.push(row('repaired', text))
  if (problems.every(({ grave }) => !grave)) lines.push(row('health', 'ok'))
  return lines
}

function stateText(state: FsckReport['state'], heldBy: number | undefined): string {
  if (heldBy !== undefined) return `in use by process ${heldBy}: left alone (unmount to check it)`
  if (!state) return 'none on this machine'
  const { journal, changes, stagedBytes } = state
  if (changes === 0) return `${journal.records} records in the journal, nothing is only here`
  return `${counted(changes, 'change')} and ${bytesText(stagedBytes)} that are only here`
}
