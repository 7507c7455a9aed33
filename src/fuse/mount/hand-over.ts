import { open } from 'node:fs/promises'
import { libc } from '../libc.ts'

/**
 * Makes the kernel hand all dirty pages of a mount over to its daemon, and waits until it has (syncfs(2)). The daemon then has everything that was written before;
 * whether it is stable is another question. Runs in the pool, so the daemon may call it for its own mount. Throws what open(2) and syncfs(2) say.
 */
export async function handOverDirtyPages(mountPoint: string): Promise<void> {
  const directory = await open(mountPoint, 'r')
  try {
    await libc().syncfs(directory.fd)
  } finally {
    await directory.close()
  }
}
