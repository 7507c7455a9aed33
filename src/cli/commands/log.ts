import type { Argv } from 'yargs'
import { bytesText, timeText } from '../../daemon/quantity.ts'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs log`. */
export const log = command({
  command: 'log <drive>',
  describe: 'The commits of a drive, newest first',
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    limit: { type: 'number', alias: 'n', default: 20, describe: 'How many' },
    ...networkOption,
  },
  run: async ({ drive, limit, network }, context) => {
    const { commitsOf } = await import('../../daemon/history.ts')
    const commits = await withDrive(drive, { network }, context, async (opened) => {
      const list = []
      for await (const commit of commitsOf(opened)) {
        if (list.length >= limit) break
        list.push(commit)
      }
      return list
    })
    context.terminal.result(commits, () =>
      commits.map(
        ({ sequence, timeMs, writer, usedInodes, usedBytes, blob }) =>
          `${String(sequence).padStart(6)}  ${timeText(timeMs)}  ${writer}  ${usedInodes} entries, ${bytesText(usedBytes)}  ${blob ?? 'in the manifest'}`,
      ),
    )
  },
})
