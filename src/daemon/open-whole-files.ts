import type { MemoryOverDiskCache } from '../cache/memory-over-disk-cache.ts'
import { WholeFiles } from '../content/whole-files.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import { localDisk } from '../runtime/disk.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import type { DriveRequest } from './open-drive.ts'

/**
 * Whole files for the kernel, of a drive that is only read: with the writeback cache, without which writing is slow, a kernel has
 * no passthrough.
 */
export async function openWholeFiles(
  { settings, readOnly, log, warn }: DriveRequest,
  cache: MemoryOverDiskCache,
  codec: PieceCodec,
  lifecycle: Lifecycle,
): Promise<WholeFiles | undefined> {
  if (!settings.passthrough) return undefined
  if (!readOnly) {
    warn('passthrough is not used: the kernel has it for mounts with --read-only alone')
    return undefined
  }
  return lifecycle.start('whole files', async () => {
    const whole = new WholeFiles({
      shelf: cache.whole,
      cache,
      codec,
      disk: localDisk,
      makeRoom: () => cache.makeRoom(),
      log: log.room('content'),
    })
    return [whole, () => whole.stop()] as const
  })
}
