import { accessSync, constants, statfsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Argv } from 'yargs'
import { byteCount, bytesText } from '../../daemon/quantity.ts'
import { Trouble } from '../../terms/trouble.ts'
import { bytesNeeded } from '../bench/round.ts'
import type { Sizes } from '../bench/round.ts'
import { command } from '../command.ts'
import type { Context } from '../command.ts'
import { runningDaemon } from '../find-daemon.ts'

/** `walrusfs bench`. */
export const bench = command({
  command: 'bench <dir>',
  describe: 'How fast a directory is: a mount, or any other to compare it with',
  epilog:
    'Writes into a new directory in <dir>, and deletes it at the end. What a drive stores to Walrus meanwhile is paid for like any other data: ' +
    'what it writes once is --size and 4 KiB for each of --files. walrusfs bench ~/drive --against /tmp compares a mount with the disk.',
  positionals: (argv: Argv) => argv.positional('dir', { type: 'string', describe: 'Where' }),
  options: {
    dir: { type: 'string', hidden: true, demandOption: true },
    against: { type: 'string', describe: 'Measure this directory in turn and print ratios' },
    size: { type: 'string', default: '64M', describe: 'Of the file that is written and read' },
    reads: { type: 'number', default: 4000, describe: 'Reads of 4 KiB at random places in it' },
    files: { type: 'number', default: 1000, describe: 'Files of 4 KiB' },
    fsyncs: { type: 'number', default: 50, describe: 'Appends of 4 KiB, each with an fsync' },
    rounds: { type: 'number', default: 3, describe: 'Of which the median is printed' },
  },
  run: async ({ dir, against, size, reads, files, fsyncs, rounds }, context) => {
    const { terminal, signal } = context
    const sizes: Sizes = {
      fileBytes: sizeOf(size),
      reads: wholeNumber('reads', reads),
      files: wholeNumber('files', files),
      fsyncs: wholeNumber('fsyncs', fsyncs),
    }
    const directories = [dir, ...(against === undefined ? [] : [against])].map((path) =>
      resolve(path),
    )
    for (const path of directories) mustHaveRoom(path, sizes)
    for (const path of directories) sayWhatIsStored(path, context)
    const { measureInTurn } = await import('../bench/rounds.ts')
    const { linesOf, tableOf } = await import('../bench/report.ts')
    const count = wholeNumber('rounds', rounds)
    const says = (round: number, path: string): void =>
      terminal.live(`round ${round + 1} of ${count}: ${path}`)
    const found = await measureInTurn(directories, sizes, count, says, signal).catch(inOneLine)
    const lines = linesOf(found, sizes)
    const result = { dir: directories[0], against: directories[1], sizes, measures: lines }
    terminal.result(result, () => tableOf(lines, directories))
  },
})

function sizeOf(text: string): number {
  try {
    const bytes = byteCount(text)
    if (bytes >= 1) return bytes
  } catch (error) {
    throw new Trouble('usage', `--size: ${(error as Error).message}`)
  }
  throw new Trouble('usage', '--size must be at least one byte')
}

function wholeNumber(flag: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new Trouble('usage', `--${flag} must be a whole number from 1 on`)
}

function mustHaveRoom(path: string, sizes: Sizes): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new Trouble('not-found', `${path} is not there`)
  if (!found.isDirectory()) throw new Trouble('usage', `${path} is no directory`)
  try {
    accessSync(path, constants.W_OK)
  } catch {
    throw new Trouble('read-only', `nothing can be written in ${path}: what is to be measured?`)
  }
  const { bavail, bsize } = statfsSync(path)
  const [needed, free] = [bytesNeeded(sizes), bavail * bsize]
  if (free >= needed) return
  throw new Trouble(
    'disk-full',
    `${path} has ${bytesText(free)} free and the measures need ${bytesText(needed)}; nothing was written. Give a smaller --size or fewer --files`,
  )
}

/** What a full disk or a mount that went away says, for a person. */
function inOneLine(error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === undefined || error instanceof Trouble) throw error
  throw new Trouble(
    code === 'ENOSPC' ? 'disk-full' : 'failed',
    `the measures ended early (${message}); what they had written is deleted where it could be`,
    { cause: error },
  )
}

function sayWhatIsStored(path: string, { directories, terminal }: Context): void {
  const daemon = runningDaemon(directories, path)
  if (!daemon) return
  terminal.note(
    `${path} is the drive ${daemon.drive}: what it stores to Walrus before the end is paid for`,
  )
}
