import type { Argv } from 'yargs'
import { changeLine, countsText } from '../../daemon/past/change-rows.ts'
import type { PastCommit } from '../../daemon/past/past-commits.ts'
import { bytesText, timeText } from '../../daemon/quantity.ts'
import { nameFromText } from '../../terms/name.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { driveNamed } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs log`. */
export const log = command({
  command: 'log <drive> [path]',
  describe: 'The commits of a drive, newest first, or those that changed a path',
  epilog: `Each line: sequence number, time, who, how many paths were added (+), removed (-), changed (M) and moved (R), what the drive held
then, and the blob of its root record. DRIVE@SEQUENCE and DRIVE@TIME name such a state: mount, ls, cat, get, diff, restore and
verify take it. With DRIVE@…, log begins there. Small changes that wait in the manifest are states, too, until a commit takes
them up. What gc gave up is not listed, or marked where only a part of it is gone.`,
  positionals: (argv: Argv) =>
    argv
      .positional('drive', { type: 'string', describe: 'Which drive, or where it is mounted' })
      .positional('path', { type: 'string', describe: 'A file or a directory of it' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    path: { type: 'string', hidden: true },
    limit: { type: 'number', alias: 'n', default: 20, describe: 'How many' },
    names: {
      type: 'boolean',
      default: false,
      describe: 'Which paths each changed (-v does it, too)',
    },
    ...networkOption,
  },
  run: async ({ drive, path, limit, names, network }, context) => {
    const { commitsOf } = await import('../../daemon/past/past-commits.ts')
    const { KeptPast } = await import('../../daemon/past/kept-past.ts')
    const { directories, verbose, terminal } = context
    const parts = path?.split('/').filter((part) => part !== '' && part !== '.')
    const wish = { names: names || verbose > 0, path: parts?.map(nameFromText) }
    const name = driveNamed(directories, drive)
    const commits = await withDrive(name, { network }, context, async (opened) => {
      const past = await KeptPast.open(opened.content, opened.worktree, opened.present)
      const list: PastCommit[] = []
      if (limit < 1) return list
      for await (const commit of commitsOf(past, wish)) {
        list.push(commit)
        if (list.length >= limit) break
      }
      return list
    })
    if (path !== undefined && commits.length === 0) {
      throw new Trouble('not-found', `no commit of ${name} that is kept has changed ${path}`)
    }
    terminal.result(commits, () => commits.flatMap(linesOf))
  },
})

function linesOf(commit: PastCommit): string[] {
  const { sequence, timeMs, writer, usedInodes, usedBytes, blob, whole, changes, paths } = commit
  const what = changes ? countsText(changes) : 'changes not known'
  const columns = [
    String(sequence).padStart(6),
    timeText(timeMs),
    writer,
    what,
    `${usedInodes} entries, ${bytesText(usedBytes)}`,
    blob ?? 'in the manifest',
    ...(whole ? [] : ['(a part of it was given up by gc)']),
  ]
  return [columns.join('  '), ...(paths ?? []).map((row) => `          ${changeLine(row)}`)]
}
