import { handOverDirtyPages } from '../fuse/mount/hand-over.ts'

/**
 * Has the kernel hand over the dirty pages that it gathers for a mount. Resolves also where that fails or the mount is gone;
 * an abort gives up waiting.
 */
export async function flushKernel(mountPoint: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const given = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.race([given, handOverDirtyPages(mountPoint).catch(() => {})])
}
