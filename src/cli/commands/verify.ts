import type { Argv } from 'yargs'
import { bytesText, counted } from '../../daemon/quantity.ts'
import type { HurtPiece, VerifyReport } from '../../daemon/verify-drive.ts'
import { exitCodes, Trouble, type TroubleCode } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { driveNamed } from '../find-daemon.ts'
import { withLook } from '../with-look.ts'

/** More paths of one piece, and more lines, are counted only. */
const shownPaths = 5
const shownLines = 50

/** `walrusfs verify`. */
export const verify = command({
  command: 'verify <drive>',
  describe: 'Read all that a drive needs from the network, past every cache, and check it',
  epilog: `Every piece of the last snapshot is read from the storage nodes and compared with its hash, and every pack with what the chain
says of it. Nothing is changed, and nothing costs WAL or SUI. Exit codes: 0 all is right; 13 something is damaged or lost (the
paths that it hurts are named); 9 nothing is known to be damaged, but not everything could be reached.`,
  positionals: (argv: Argv) =>
    argv.positional('drive', { type: 'string', describe: 'Which drive, or where it is mounted' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    history: {
      type: 'boolean',
      alias: 'all',
      default: false,
      describe: 'All earlier snapshots that the drive keeps, too',
    },
    ...networkOption,
  },
  run: async ({ drive, history, network }, context) => {
    const { terminal, directories, signal } = context
    const { verifyDrive } = await import('../../daemon/verify-drive.ts')
    const report = await withLook(driveNamed(directories, drive), { network }, context, (look) =>
      verifyDrive(
        look,
        { history },
        (step, done, total) => {
          if (step === 'find') terminal.live(`finding what there is: ${counted(done, 'piece')}`)
          else terminal.progress({ step: 'verify', done, total })
        },
        signal,
      ),
    )
    terminal.result(report, () => reportLines(report))
    const { verdict } = report
    if (verdict !== 'ok') fail(verdict, report, terminal.json)
  },
})

function fail(code: TroubleCode & VerifyReport['verdict'], report: VerifyReport, json: boolean) {
  // The result says it all; a second JSON value behind it would be none.
  if (json) {
    process.exitCode = exitCodes[code]
    return
  }
  throw new Trouble(
    code,
    code === 'damaged'
      ? `${report.drive} is damaged, see above; what is not named there is whole`
      : `not everything of ${report.drive} could be reached, and nothing is known to be damaged: verify again later`,
  )
}

function reportLines(report: VerifyReport): string[] {
  const row = (key: string, value: string) => `${key.padEnd(12)} ${value}`
  const { packs, pieces, bytes, rows, nodes, damaged, problems } = report
  if (report.sequence === undefined && damaged.length + problems.length === 0)
    return [row('drive', `${report.drive} on ${report.network}, empty: nothing to verify`)]
  const history = report.snapshots > 1 ? ` and ${report.snapshots - 1} before it` : ''
  const snapshot = report.sequence === undefined ? '' : `, snapshot ${report.sequence}`
  const { rebuilt, decoded } = rows
  return [
    row('drive', `${report.drive} on ${report.network}${snapshot}${history}`),
    row(
      'verified',
      `${counted(pieces, 'piece')} in ${counted(packs, 'pack')}, ${bytesText(bytes)}`,
    ),
    ...(rebuilt + decoded > 0
      ? [row('rebuilt', `${rebuilt} rows from symbols, ${decoded} from whole blobs`)]
      : []),
    ...(report.endEpoch === undefined
      ? []
      : [row('stored till', `epoch ${report.endEpoch} (now ${report.epoch})`)]),
    ...nodes.map(({ name, lies, failures, requests, lastError }) =>
      row(
        'node',
        lies > 0
          ? `${name} lied ${lies} times: ${lastError}`
          : `${name} failed ${failures} of ${requests} requests: ${lastError}`,
      ),
    ),
    ...problems.map(({ blob, text }) => row('!', blob ? `pack ${blob}: ${text}` : text)),
    ...damagedLines(damaged).map((line) => row('!', line)),
  ]
}

/** Pieces that hurt the same are one line. */
function damagedLines(damaged: readonly HurtPiece[]): string[] {
  const groups = [
    ...Map.groupBy(damaged, ({ fault, paths }) => [fault, ...paths].join('\n')).values(),
  ]
  const lines = groups.slice(0, shownLines).map((pieces) => {
    const { fault, paths, blob, offset, why } = pieces[0]!
    const shown = paths.slice(0, shownPaths).join(', ')
    const more = paths.length > shownPaths ? ` and ${paths.length - shownPaths} more` : ''
    const what = { wrong: 'damaged', gone: 'lost', unreachable: 'not reached' }[fault]
    const count = pieces.length > 1 ? `${counted(pieces.length, 'piece')}, the first at ` : ''
    return `${what}: ${shown}${more} (${count}byte ${offset} of blob ${blob}: ${why})`
  })
  if (groups.length > shownLines)
    lines.push(`and ${groups.length - shownLines} more (--json has all)`)
  return lines
}
