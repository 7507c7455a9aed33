import { constants } from 'node:os'
import { FsError } from '../../terms/errno.ts'
import { libc, SystemCallError } from '../libc.ts'
import { isRoot, runFusermount } from './fusermount.ts'

const { EBUSY, EINVAL, ENOENT } = constants.errno
/** umount(2) */
const MNT_DETACH = 2
const UMOUNT_NOFOLLOW = 8

/**
 * Unmounts what is on top at a path, without a shell and without blocking this thread, which may be the one that has to answer the
 * kernel meanwhile. `lazy` detaches it though it is in use. Throws FsError EBUSY, EPERM or EIO; nothing mounted is no error.
 */
export async function unmountPath(path: string, lazy: boolean): Promise<void> {
  if (isRoot()) await unmountDirectly(path, lazy)
  else await unmountAsUser(path, lazy)
}

async function unmountDirectly(path: string, lazy: boolean): Promise<void> {
  try {
    await libc().umount2(path, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0))
  } catch (cause) {
    const number = cause instanceof SystemCallError ? cause.errno : undefined
    if (number === EINVAL || number === ENOENT) return
    throw new FsError(number === EBUSY ? 'EBUSY' : 'EIO', `cannot unmount ${path}`, { cause })
  }
}

async function unmountAsUser(path: string, lazy: boolean): Promise<void> {
  const { code, words } = await runFusermount([lazy ? '-uz' : '-u', '--', path])
  if (code === 0 || /not mounted|not found in|Invalid argument/.test(words)) return
  if (/busy/i.test(words)) throw new FsError('EBUSY', `${path} is in use`)
  throw new FsError(/permit|denied/i.test(words) ? 'EPERM' : 'EIO', words)
}
