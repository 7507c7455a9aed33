import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Has the kernel hand over the dirty pages that it gathers for a mount (syncfs(2)), by another process: this one must serve
 * them meanwhile. Resolves also where that fails or the mount is gone; an abort gives up waiting.
 */
export async function flushKernel(mountPoint: string, signal: AbortSignal): Promise<void> {
  const child = spawn('sync', ['-f', '--', mountPoint], { stdio: 'ignore', detached: true })
  child.unref()
  await once(child, 'close', { signal }).catch(() => child.kill('SIGKILL'))
}
