import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import type { Argv } from 'yargs'
import { checkApart, isOpenedDevice, mountPointOf, seenAt } from '../../daemon/mount-point.ts'
import { findDrive } from '../../daemon/drive-reference.ts'
import type { MountRequest } from '../../daemon/mount-request.ts'
import type { ForeignMountRequest } from '../../daemon/mounted-foreign.ts'
import type { DriveRequest } from '../../daemon/open-drive.ts'
import { splitMoment } from '../../daemon/past/moment.ts'
import { collectLessOften, keepLargeBuffers, returnFreeMemory } from '../../runtime/allocator.ts'
import type { GivenSettings } from '../../daemon/settings.ts'
import { Trouble } from '../../terms/trouble.ts'
import { asker } from '../ask-secret.ts'
import { announceReady, runInBackground } from '../background.ts'
import { command, unlockOf, type Context } from '../command.ts'
import {
  driveRequest,
  driveOptions,
  networkOption,
  openConfig,
  optionsOfDrive,
  type SettingFlags,
} from '../drive-options.ts'
import { asStoredOption, foreignRequest } from '../foreign-request.ts'
import { parseMountOptions } from '../mount-options.ts'
import { remount } from '../remount.ts'
import { directoriesOf } from '../../daemon/directories.ts'

type MountFlags = SettingFlags & {
  readonly drive: string
  readonly dir: string
  readonly foreground: boolean
  readonly acceptRollback: boolean
  readonly offline: boolean
  readonly asStored?: boolean
  readonly o: readonly string[] | undefined
  readonly keyFile?: string
  readonly passphraseFile?: string
}

/** `walrusfs mount`. */
export const mount = command({
  command: 'mount <drive> <dir>',
  describe: 'Mount a drive on a directory',
  epilog: `DRIVE is a name in the configuration, or the object id of a manifest or of a snapshot; with @MOMENT behind it (@12,
@2026-11-20T10:00, @3d) its state at that sequence number, or at that time: read-only, and it stays there. Or it is blob:ID or
quilt:ID: whatever is on Walrus, read-only and without a key. The daemon goes to the background and mount
returns when the drive answers. -o takes options as fstab has them: ro, allow_other, nonempty, relatime, and any flag of
this command (cache_size=20G, writeback_delay=5s, …). A sealed drive opens with a key of keys/ that has a slot of it, with
--passphrase-file or --key-file, or with what is typed when it is asked for; else the exit status is 26.`,
  positionals: (argv: Argv) =>
    argv
      .positional('drive', { type: 'string', describe: 'Which drive' })
      .positional('dir', { type: 'string', describe: 'Where: an empty directory' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    dir: { type: 'string', hidden: true, demandOption: true },
    foreground: {
      type: 'boolean',
      default: false,
      describe: 'Stay here; SIGINT or SIGTERM unmounts',
    },
    'accept-rollback': {
      type: 'boolean',
      default: false,
      describe: 'Take the drive as the full node shows it, although this machine saw a newer state',
    },
    offline: {
      type: 'boolean',
      default: false,
      describe: 'Begin without the network, with what this machine remembers and has',
    },
    ...asStoredOption,
    o: { type: 'string', array: true, nargs: 1, describe: 'Mount options, comma-separated' },
    ...networkOption,
    ...driveOptions,
  },
  run: async (args, context) => {
    const flags = withMountOptions(args as unknown as MountFlags)
    const unlock = unlockOf(flags)
    const where = flags.system
      ? { ...context, unlock, directories: directoriesOf(process.env, true) }
      : { ...context, unlock }
    if (flags.remount) {
      return remount(flags.dir, [flags.readOnly === true ? 'ro' : 'rw', ...flags.extra])
    }
    if (flags.foreground) return stay(flags, where)
    await inBackground(flags, where)
  },
})

type Flags = MountFlags & {
  readonly system: boolean
  readonly remount?: boolean
  readonly accessTimes: MountRequest['accessTimes']
  readonly extra: readonly string[]
}

/** Lays the options of -o over the flags. */
function withMountOptions(flags: MountFlags): Flags {
  const { o = [], ...rest } = flags
  return { ...rest, o, system: false, accessTimes: 'none', ...parseMountOptions(o) }
}

/** What a daemon says when it serves. */
interface Ready {
  readonly drive: string
  readonly mountPoint: string
  readonly pid: number
}

async function stay(flags: Flags, context: Context): Promise<void> {
  const { runMount } = await import('../../daemon/run-mount.ts')
  const foreign = foreignMount(flags, context)
  const request = foreign ?? mountRequest(flags, context)
  keepLargeBuffers()
  collectLessOften()
  const daemon = await open(request, context.signal)
  const mountPoint = seenAt(request.mountPoint)
  const ready: Ready = { drive: daemon.name, mountPoint, pid: process.pid }
  announceReady(ready)
  returnFreeMemory()
  // It may not live to do so at its end.
  flushCompileCache()
  const again = new Promise<void>((resolve) => {
    context.signal.addEventListener('abort', () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => resolve())
    })
  })
  const drained = await runMount(daemon, context.signal, again, request.log)
  if (!drained) {
    throw new Trouble(
      'undrained',
      `some changes of ${nameOf(request)} are only on this machine; the next mount goes on with them`,
    )
  }
}

async function open(request: MountRequest | ForeignMountRequest, signal: AbortSignal) {
  if ('reference' in request) {
    const { MountedForeign } = await import('../../daemon/mounted-foreign.ts')
    return MountedForeign.open(request, signal)
  }
  const { MountedDrive } = await import('../../daemon/mounted-drive.ts')
  return MountedDrive.open(request, signal)
}

async function inBackground(flags: Flags, context: Context): Promise<void> {
  const foreign = foreignMount(flags, context)
  const request = foreign ?? mountRequest(flags, context)
  const { state } = request.directories
  // What only looks has no state directory.
  const log = foreign ? join(state, 'looks.log') : join(state, nameOf(request), 'daemon.log')
  const args = [...process.argv.slice(2), '--foreground']
  const ready = await runInBackground(args, log, context.terminal, context.signal, asker())
  const { drive, mountPoint } = ready as Ready
  const readOnly = foreign !== undefined || (request as MountRequest).readOnly
  const result = { drive, mountPoint, readOnly }
  const how = readOnly ? ', read-only' : ''
  context.terminal.result(result, () =>
    context.terminal.quiet ? [] : [`${drive} is mounted on ${mountPoint}${how}`],
  )
}

function nameOf(request: MountRequest | ForeignMountRequest): string {
  return 'reference' in request ? request.reference.name : request.drive.name
}

/** Where and how, whatever is mounted. */
function placeOf(flags: Flags, given: GivenSettings, context: Context) {
  const mountPoint = mountPointOf(flags.dir)
  checkApart(mountPoint, context.directories)
  const { allowOther = false, driver = 'auto' } = given
  const { extra } = flags
  if (isOpenedDevice(mountPoint) && allowOther && !extra.includes('default_permissions')) {
    throw new Trouble(
      'usage',
      'allow_other without default_permissions would let everybody read and change every file: give both to mount.fuse3',
    )
  }
  return { mountPoint, driver, allowOther, extra }
}

/** Undefined for a drive. */
function foreignMount(flags: Flags, context: Context): ForeignMountRequest | undefined {
  const request = foreignRequest(flags.drive, flags, context)
  if (!request) return undefined
  if (flags.offline) {
    throw new Trouble('usage', '--offline is for drives: of what others published nothing is kept')
  }
  const given = optionsOfDrive(flags.drive, flags, openConfig(context).value)
  return { ...request, ...placeOf(flags, given, context) }
}

function mountRequest(flags: Flags, context: Context): MountRequest {
  const config = openConfig(context).value
  const { name } = findDrive(flags.drive, config, flags.network)
  const given = optionsOfDrive(name, flags, config)
  const request = requestFor(flags, given.readOnly === true, context)
  if (request.readOnly && flags.exclusive) {
    throw new Trouble('usage', '--exclusive keeps other writers waiting: it is not for --read-only')
  }
  const { accessTimes, acceptRollback, offline } = flags
  if (offline && (flags.exclusive || acceptRollback)) {
    throw new Trouble(
      'usage',
      '--offline asks nobody: it goes neither with --exclusive nor with --accept-rollback',
    )
  }
  return { ...request, ...placeOf(flags, given, context), accessTimes, acceptRollback, offline }
}

/** What is past, or frozen on chain, needs no key and no --read-only. */
function requestFor(flags: Flags, readOnly: boolean, context: Context): DriveRequest {
  const isPast = splitMoment(flags.drive).at !== undefined
  try {
    return driveRequest(flags.drive, flags, readOnly || isPast, context)
  } catch (error) {
    if (!(error instanceof Trouble) || error.code !== 'no-key') throw error
    if (!flags.drive.startsWith('0x')) throw error
    return { ...driveRequest(flags.drive, flags, true, context), unlessFrozen: error }
  }
}
