import { constants } from 'node:os'
import { open } from 'node:fs/promises'
import { libc, SystemCallError } from '../libc.ts'

/** How often the kernel is asked before an EINTR is believed. */
const tries = 5

/**
 * Makes the kernel hand all dirty pages of a mount over to its daemon, and waits until it has (syncfs(2)). The daemon then has everything that was written before;
 * whether it is stable is another question. Runs in the pool, so the daemon may call it for its own mount. Throws what open(2) and syncfs(2) say.
 */
export async function handOverDirtyPages(mountPoint: string): Promise<void> {
  const directory = await open(mountPoint, 'r')
  try {
    await syncfs(directory.fd)
  } finally {
    await directory.close()
  }
}

/**
 * The kernel notes an EINTR when a program is killed while it hands pages over, and tells the next syncfs of it, once. What
 * it still has it hands over all the same: asked again it says how that went.
 */
async function syncfs(fd: number): Promise<void> {
  for (let left = tries - 1; ; left--) {
    try {
      await libc().syncfs(fd)
      return
    } catch (error) {
      const isNoted = error instanceof SystemCallError && error.errno === constants.errno.EINTR
      if (!isNoted || left === 0) throw error
    }
  }
}
