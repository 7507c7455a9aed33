import type { Argv } from 'yargs'
import { findDrive } from '../../daemon/drive-reference.ts'
import { changeLine, countsText } from '../../daemon/past/change-rows.ts'
import { splitMoment } from '../../daemon/past/moment.ts'
import { timeText } from '../../daemon/quantity.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { networkOption, openConfig } from '../drive-options.ts'
import { driveNamed } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs diff`. */
export const diff = command({
  command: 'diff <from> [to]',
  describe: 'What changed between two states of a drive',
  epilog: `FROM and TO are DRIVE@SEQUENCE, DRIVE@TIME, or the object id of a snapshot, of one drive; TO may be @SEQUENCE or @TIME alone, and is
the present state if it is left out. Lines: + added, - removed, M bytes or attributes changed, T another type, R moved or renamed (a
directory with all in it). What of a mounted drive is not committed yet is in neither: walrusfs sync before.`,
  positionals: (argv: Argv) =>
    argv
      .positional('from', { type: 'string', describe: 'The earlier state' })
      .positional('to', { type: 'string', describe: 'The later one [the present]' }),
  options: {
    from: { type: 'string', hidden: true, demandOption: true },
    to: { type: 'string', hidden: true },
    'exit-code': { type: 'boolean', default: false, describe: 'End with 1 if something differs' },
    ...networkOption,
  },
  run: async ({ from, to, exitCode, network }, context) => {
    const { diffDrive } = await import('../../daemon/past/diff-drive.ts')
    const { terminal, directories, signal } = context
    const first = driveNamed(directories, from)
    const second = to === undefined || to.startsWith('@') ? to : driveNamed(directories, to)
    const { drive } = splitMoment(first)
    if (second === undefined && drive === first && !drive.startsWith('0x')) {
      throw new Trouble(
        'usage',
        `say since when: walrusfs diff ${drive}@SEQUENCE (walrusfs log ${drive} lists them)`,
      )
    }
    const config = openConfig(context).value
    const a = findDrive(first, config, network)
    const b =
      second === undefined
        ? undefined
        : findDrive(
            second.startsWith('@') ? `${drive}${second}` : second,
            config,
            network ?? a.network,
          )
    const found = await withDrive(drive, { network }, context, (opened) =>
      diffDrive(
        opened,
        { manifest: a.manifest, at: a.at },
        { manifest: b?.manifest, at: b?.at },
        signal,
      ),
    )
    const { changes, counts } = found
    const [before, after] = [found.from, found.to].map(
      ({ sequence, timeMs }) => `${sequence}${sequence > 0 ? ` (${timeText(timeMs)})` : ''}`,
    )
    if (!terminal.json)
      terminal.note(`${found.drive} from ${before} to ${after}: ${countsText(counts)}`)
    terminal.result(found, () => changes.map(changeLine))
    if (exitCode && changes.length > 0) process.exitCode = 1
  },
})
