import { readFileSync } from 'node:fs'
import type { Argv } from 'yargs'
import { ask } from '../../control/client.ts'
import { maxRequestBytes } from '../../control/protocol.ts'
import type { WarmupReport } from '../../control/warmup-report.ts'
import { bytesText, counted } from '../../daemon/quantity.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { placesByMount } from '../place-in-mount.ts'
import { TransferLine } from '../transfer-line.ts'

/** Lists of paths are sent in parts of this size. */
const requestBytes = maxRequestBytes / 4
const shownFailures = 10

/** `walrusfs warmup`. */
export const warmup = command({
  command: 'warmup [path..]',
  describe: 'Fetch files, and all below directories, of a mount into the disk cache',
  epilog: `What is there afterwards is read without the network as long as the cache keeps it; walrusfs pin keeps it for good. Ctrl-C ends it;
what was fetched stays, and the same command goes on. Exit code 9: something could not be fetched now, 13: something is lost or damaged.`,
  positionals: (argv: Argv) =>
    argv.positional('path', { type: 'string', array: true, describe: 'In a mounted drive' }),
  options: {
    path: { type: 'string', array: true, hidden: true },
    'from-file': {
      type: 'string',
      describe: 'Take paths from this file, a line each (-: standard input)',
      requiresArg: true,
    },
  },
  run: async (args, { terminal, directories, signal }) => {
    const paths = [...((args.path ?? []) as string[]), ...pathsIn(args.fromFile)]
    if (paths.length === 0) throw new Trouble('usage', 'say what to fetch: walrusfs warmup PATH…')
    const line = new TransferLine(terminal)
    const reports: WarmupReport[] = []
    for (const { daemon, paths: below } of placesByMount(directories, paths)) {
      for (const part of inParts(below)) {
        const request = { op: 'warmup', paths: part } as const
        reports.push(await ask(daemon.socket, request, line.show, signal))
      }
    }
    const all = sum(reports)
    terminal.result(all, () => reportLines(all))
    if (all.bytes > all.cacheBytes) {
      terminal.warn(
        `that is ${bytesText(all.bytes)}, and the disk cache may keep ${bytesText(all.cacheBytes)} beside what is pinned: a part of it is evicted again (mount with a larger --cache-size)`,
      )
    }
    failIfAny(all)
  },
})

function pathsIn(file: string | undefined): string[] {
  if (file === undefined) return []
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  } catch (error) {
    throw new Trouble('usage', `${file} cannot be read: ${(error as Error).message}`)
  }
}

function* inParts(paths: readonly string[]): Generator<string[]> {
  let part: string[] = []
  let bytes = 0
  for (const path of paths) {
    const more = JSON.stringify(path).length + 1
    if (part.length > 0 && bytes + more > requestBytes) {
      yield part
      part = []
      bytes = 0
    }
    part.push(path)
    bytes += more
  }
  if (part.length > 0) yield part
}

function sum(reports: readonly WarmupReport[]): WarmupReport {
  const [first] = reports
  const add = (of: (one: WarmupReport) => number) =>
    reports.reduce((total, one) => total + of(one), 0)
  return {
    drive: [...new Set(reports.map(({ drive }) => drive))].join(', '),
    files: add(({ files }) => files),
    bytes: add(({ bytes }) => bytes),
    presentBytes: add(({ presentBytes }) => presentBytes),
    fetchedBytes: add(({ fetchedBytes }) => fetchedBytes),
    localBytes: add(({ localBytes }) => localBytes),
    failedFiles: add(({ failedFiles }) => failedFiles),
    failed: reports.flatMap(({ failed }) => failed),
    cacheBytes: first!.cacheBytes,
  }
}

function reportLines(report: WarmupReport): string[] {
  const { files, bytes, fetchedBytes, presentBytes, failed, failedFiles } = report
  const more = failedFiles - Math.min(failed.length, shownFailures)
  return [
    `${counted(files, 'file')}, ${bytesText(bytes)}: ${bytesText(fetchedBytes)} fetched, ${bytesText(presentBytes)} were here already`,
    ...failed.slice(0, shownFailures).map(({ path, why }) => `not fetched: ${path}: ${why}`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ]
}

function failIfAny({ failedFiles, failed, files }: WarmupReport): void {
  if (failedFiles === 0) return
  const isLost = failed.some(({ again }) => !again)
  throw new Trouble(
    isLost ? 'damaged' : 'unreachable',
    `${failedFiles} of ${files} files could not be fetched${isLost ? ': walrusfs verify says what is damaged' : '; what was fetched is here: try again'}`,
  )
}
