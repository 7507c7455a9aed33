import { existsSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Argv } from 'yargs'
import { ask } from '../../control/client.ts'
import type { RestoreReport } from '../../control/restore-report.ts'
import { parseMoment, splitMoment } from '../../daemon/past/moment.ts'
import { bytesText, counted, timeText } from '../../daemon/quantity.ts'
import { systemClock } from '../../runtime/clock.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command, type Context } from '../command.ts'
import { driveRequest, networkOption, settingOptions } from '../drive-options.ts'
import { driveNamed, runningDaemon } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs restore`. */
export const restore = command({
  command: 'restore <drive> <path>',
  describe: 'Bring back a file or a directory of an earlier state',
  epilog: `DRIVE is DRIVE@SEQUENCE, DRIVE@TIME, or the object id of a snapshot. With --to it is copied to this machine, with modes, times,
extended attributes, links and holes (owners, too, as root). With --in-place it goes back into the drive, where it was; with --into-drive
to another path of it: no byte is copied or uploaded, the new files show what is stored already. Nothing is deleted: what stands
there now becomes “name (before restore TIME)”. A mounted drive does it itself, and shows it at once.`,
  positionals: (argv: Argv) =>
    argv
      .positional('drive', { type: 'string', describe: 'Which drive, and which state of it' })
      .positional('path', { type: 'string', describe: 'What to bring back' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    path: { type: 'string', hidden: true, demandOption: true },
    to: { type: 'string', describe: 'Copy it into this local directory, or to a new local name' },
    'in-place': { type: 'boolean', default: false, describe: 'Into the drive, where it was' },
    'into-drive': { type: 'string', describe: 'Into the drive, at this path' },
    ...networkOption,
    epochs: settingOptions.epochs,
  },
  run: async (args, context) => {
    const { path, to, inPlace, intoDrive } = args
    const drive = driveNamed(context.directories, args.drive)
    const { drive: name, at } = splitMoment(drive)
    const ways = [to !== undefined, inPlace, intoDrive !== undefined].filter(Boolean).length
    if (ways !== 1) {
      throw new Trouble('usage', 'say where to: --to LOCAL, --in-place, or --into-drive PATH')
    }
    if (to !== undefined) {
      if (at === undefined && !drive.startsWith('0x')) throw sinceWhen(drive)
      return toLocal(drive, path, to, args.network, context)
    }
    if (at === undefined) throw sinceWhen(drive)
    parseMoment(at, systemClock.now())
    const wish = { at, path, into: intoDrive ?? path }
    const flags = { network: args.network, epochs: args.epochs }
    const report = await inDrive(name, wish, flags, context)
    context.terminal.result(report, () => reportLines(report))
  },
})

function sinceWhen(drive: string): Trouble {
  return new Trouble(
    'usage',
    `say of when: ${drive}@SEQUENCE or ${drive}@TIME (walrusfs log ${drive} lists them)`,
  )
}

async function toLocal(
  drive: string,
  path: string,
  to: string,
  network: string | undefined,
  context: Context,
): Promise<void> {
  const { terminal, signal } = context
  const isDirectory = statSync(to, { throwIfNoEntry: false })?.isDirectory() === true
  const target = isDirectory ? join(to, basename(path) || drive) : to
  if (existsSync(target)) {
    throw new Trouble('exists', `${target} is there already; nothing was restored`)
  }
  const { fetchTree } = await import('../../daemon/fetch-tree.ts')
  const restored = await withDrive(drive, { network }, context, (opened) =>
    fetchTree(opened, path, target, (step) => terminal.progress(step), signal),
  )
  const { files, bytes, leftOut, xattrsLeftOut } = restored
  if (leftOut > 0) terminal.warn(`${leftOut} devices, sockets and pipes were left out`)
  if (xattrsLeftOut > 0)
    terminal.warn(`${xattrsLeftOut} extended attributes were not taken by this machine`)
  terminal.result({ ...restored, target }, () => [
    `${target}: ${counted(files, 'file')}, ${bytesText(bytes)}`,
  ])
}

/** By the daemon where there is one: it holds the drive's state directory. */
async function inDrive(
  name: string,
  wish: { readonly at: string; readonly path: string; readonly into: string },
  flags: { readonly network: string | undefined; readonly epochs: number | undefined },
  context: Context,
): Promise<RestoreReport> {
  const { terminal, signal, directories } = context
  const say = (step: Parameters<typeof terminal.progress>[0]) => terminal.progress(step)
  const daemon = runningDaemon(directories, name)
  if (daemon) {
    try {
      return await ask(daemon.socket, { op: 'restore', ...wish }, say, signal)
    } catch (error) {
      if (!(error instanceof Trouble) || error.code !== 'read-only') throw error
    }
  }
  const { openDrive } = await import('../../daemon/open-drive.ts')
  const { storedTrouble } = await import('../../daemon/stored-trouble.ts')
  const { restoreInDrive } = await import('../../daemon/past/restore-in-drive.ts')
  const opened = await openDrive(driveRequest(name, flags, false, context), signal)
  try {
    const at = parseMoment(wish.at, systemClock.now())
    return await restoreInDrive(opened, { ...wish, at }, say, signal)
  } catch (error) {
    throw storedTrouble(error, name)
  } finally {
    await opened.close()
  }
}

function reportLines(report: RestoreReport): string[] {
  const { path, from, kept, files, bytes, sequence } = report
  return [
    `${path} is as it was at ${from.sequence} (${timeText(from.timeMs)}): ${counted(files, 'file')}, ${bytesText(bytes)}, none of it uploaded`,
    ...(kept === undefined ? [] : [`what stood there is ${kept} now`]),
    `committed: sequence ${sequence}`,
  ]
}
