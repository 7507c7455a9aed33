import type { Argv } from 'yargs'
import { ask } from '../../control/client.ts'
import type { PinReport } from '../../control/pin-report.ts'
import { bytesText } from '../../daemon/quantity.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command, type Context } from '../command.ts'
import { runningDaemons } from '../find-daemon.ts'
import { placesByMount } from '../place-in-mount.ts'
import { TransferLine } from '../transfer-line.ts'

const positionals = (argv: Argv) =>
  argv.positional('path', { type: 'string', array: true, describe: 'In a mounted drive' })
const path = { type: 'string', array: true, hidden: true } as const

/** `walrusfs pin`. */
export const pin = command({
  command: 'pin [path..]',
  describe: 'Keep files, and all below directories, of a mount in the disk cache: readable offline',
  epilog: `They are fetched in the background, and so is whatever comes to lie below such a path later, from here or from another machine. Pins are kept
over restarts. A directory keeps its pin when it is renamed; of a file, whatever lies at its path is kept. All pins may take 90 % of the cache.`,
  positionals,
  options: {
    path,
    list: { type: 'boolean', default: false, describe: 'Only list what is pinned' },
    wait: { type: 'boolean', default: false, describe: 'Return when everything is here' },
  },
  run: async ({ path: paths = [], list, wait }, context) => {
    if (list !== (paths.length === 0)) {
      throw new Trouble('usage', 'say what to keep (walrusfs pin PATH…), or --list alone')
    }
    const { terminal, directories, signal } = context
    const line = new TransferLine(terminal)
    const asked = list
      ? runningDaemons(directories).map((daemon) => ({ daemon, paths: [] }))
      : placesByMount(directories, paths)
    const reports: PinReport[] = []
    for (const { daemon, paths: below } of asked) {
      const request = { op: 'pin', paths: below, wait } as const
      const report = ask(daemon.socket, request, line.show, signal).then((one) => [one])
      reports.push(...(await (list ? report.catch(nothingThere) : report)))
    }
    show(reports, context)
    const why = wait ? reports.find((report) => report.why)?.why : undefined
    if (why !== undefined) {
      throw new Trouble('unreachable', `not all of it is here: ${why}; it is tried again`)
    }
  },
})

/** `walrusfs unpin`. */
export const unpin = command({
  command: 'unpin <path..>',
  describe: 'Let the cache evict what was pinned',
  positionals,
  options: { path: { ...path, demandOption: true } },
  run: async ({ path: paths }, context) => {
    const { directories, signal } = context
    const reports: PinReport[] = []
    for (const { daemon, paths: below } of placesByMount(directories, paths, true)) {
      const request = { op: 'unpin', paths: below } as const
      reports.push(await ask(daemon.socket, request, () => {}, signal))
    }
    show(reports, context)
  },
})

/** What others published has no pins. */
function nothingThere(error: unknown): PinReport[] {
  if (error instanceof Trouble && error.code === 'usage') return []
  throw error
}

function show(reports: readonly PinReport[], { terminal }: Context): void {
  terminal.result(reports, () => reports.flatMap(reportLines))
}

function reportLines(report: PinReport): string[] {
  const { drive, mountPoint, pins, bytes, presentBytes, limitBytes, why } = report
  if (pins.length === 0) return [`${drive}: nothing is pinned`]
  const rest = why === undefined ? '' : `; waiting: ${why}`
  return [
    ...pins.map(
      (one) =>
        `${one.state.padEnd(9)} ${bytesText(one.bytes).padStart(9)} ${String(one.files).padStart(6)} files  ${mountPoint}${one.path === '/' ? '' : one.path}`,
    ),
    `${drive}: ${bytesText(presentBytes)} of ${bytesText(bytes)} are here, at most ${bytesText(limitBytes)} may be pinned${rest}`,
  ]
}
