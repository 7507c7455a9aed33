import type { WholeFiles } from '../content/whole-files.ts'
import type { Driver, Mounted } from '../fuse/driver.ts'
import { systemClock } from '../runtime/clock.ts'
import { FsError } from '../terms/errno.ts'
import { nameFromText } from '../terms/name.ts'
import type { Invalidations } from '../vfs/invalidations.ts'
import { PosixFileSystem } from '../vfs/posix-file-system.ts'
import type { VfsOptions } from '../vfs/vfs-options.ts'
import { snapshotsDirectory } from '../vfs/past/snapshots-directory.ts'
import { statusDirectory, virtualDirectoryAttributes } from '../vfs/status-directory.ts'
import type { VirtualDirectory } from '../vfs/virtual-node.ts'
import { OverBudget } from '../writeback/commit-budget.ts'
import { FileCosts } from './file-cost.ts'
import { MountedPast } from './past/still-past.ts'
import { mountTrouble } from './mount-point.ts'
import type { MountRequest } from './mount-request.ts'
import type { Drive, WritablePart } from './open-drive.ts'
import { Throttle } from './throttle.ts'
import { toldAttribute } from './told-attributes.ts'

/** What the file system asks of the daemon, or tells it. */
export interface UpwardCalls {
  readonly statusText: () => string
  readonly onStale: (stale: Invalidations) => void
  readonly writeTime: VfsOptions['writeTime']
  readonly onRefused: NonNullable<VfsOptions['onRefused']>
}

/** The file system of a drive, as its settings want it. */
export function fileSystemOf(
  drive: Drive,
  request: MountRequest,
  up: UpwardCalls,
): PosixFileSystem {
  const { worktree, content, writable } = drive
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const remote = request.settings.durability === 'remote' && writable
  const { switch: door } = drive.connection
  const costs = new FileCosts(drive, systemClock)
  const commit = async (): Promise<void> => {
    if (!remote) return
    try {
      await committed(remote.writeBack, door.ends)
    } catch (error) {
      if (!door.isOffline) throw error
      throw new FsError('ENETUNREACH', 'nothing is committed while the drive is offline')
    }
  }
  return new PosixFileSystem(
    { worktree, content, clock: systemClock },
    {
      readOnly: () => request.readOnly,
      accessTimes: request.accessTimes,
      virtual: virtualDirectory(drive, owner, up.statusText),
      onStale: up.onStale,
      onRefused: up.onRefused,
      toldAttribute: (inode, name) => toldAttribute({ drive, costs }, inode, name),
      ...(up.writeTime && { writeTime: up.writeTime }),
      ...(drive.whole ? { whole: drive.whole } : {}),
      ...(remote ? { commit } : {}),
      ...(writable
        ? {
            settle: writable.handOver,
            throttle: new Throttle(
              writable.dirtyBytes,
              request.settings.dirtyLimitBytes,
              () => door.isOffline,
            ).wait,
          }
        : {}),
    },
  )
}

/** For an fsync that waits for Walrus. Throws FsError EIO where the budget lets nothing through. */
async function committed(writeBack: WritablePart['writeBack'], signal: AbortSignal): Promise<void> {
  try {
    await writeBack.sync(signal)
  } catch (error) {
    if (!(error instanceof OverBudget)) throw error
    throw new FsError('EIO', error.message, { cause: error })
  }
}

/** `.walrusfs` in the root of the mount. */
function virtualDirectory(
  { worktree, content, present }: Drive,
  owner: { readonly uid: number; readonly gid: number },
  statusText: () => string,
): VirtualDirectory {
  const past = new MountedPast(content, worktree, present)
  const attributes = virtualDirectoryAttributes(systemClock, owner, 2)
  const node = snapshotsDirectory(past, content, attributes)
  return statusDirectory(systemClock, owner, statusText, [
    { name: nameFromText('snapshots'), node },
  ])
}

/** What mounting takes, whatever is mounted. */
export type MountWishes = Pick<
  MountRequest,
  'mountPoint' | 'readOnly' | 'allowOther' | 'extra' | 'log' | 'warn'
> & { readonly drive: { readonly name: string } }

/** Throws Trouble `mount-point`, `fuse`. */
export async function mountWith(
  driver: Driver,
  fileSystem: PosixFileSystem,
  whole: WholeFiles | undefined,
  request: MountWishes,
): Promise<Mounted> {
  const { mountPoint, readOnly, allowOther, extra, log, drive } = request
  for (const limitation of driver.limitations)
    request.warn(`the ${driver.name} driver: ${limitation}`)
  // With the writeback cache the kernel believes its own sizes, not those that others commit.
  const writebackCache = !readOnly
  const source = `walrusfs:${drive.name}`
  const passthrough = whole?.directory
  const how = { readOnly, allowOther, extra, writebackCache, passthrough }
  try {
    const mounted = await driver.mount(fileSystem, { mountPoint, source, log, ...how })
    await checkPassthrough(mounted, whole, request)
    return mounted
  } catch (error) {
    throw mountTrouble(error, mountPoint)
  }
}

async function checkPassthrough(
  { passthroughRefused }: Mounted,
  whole: WholeFiles | undefined,
  request: MountWishes,
): Promise<void> {
  if (whole === undefined || passthroughRefused === undefined) return
  request.warn(`passthrough is not used: ${passthroughRefused}`)
  request.log.warn('passthrough is not used', { why: passthroughRefused })
  await whole.stop()
}
