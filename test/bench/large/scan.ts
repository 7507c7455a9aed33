import { join } from 'node:path'
import type { DriveStatus } from '../../../src/control/status.ts'
import type { Machine } from '../../e2e/machine.ts'
import { forgetPages } from '../../../src/cli/bench/page-cache.ts'
import { readKnown } from '../growth/big-file.ts'
import { boundFlags, gigabytes } from './bounds.ts'
import { hotBytes, names } from './real-file.ts'
import { say, told } from './told.ts'

/** How often the hot file is used before the scan; its pages are dropped each time, so that the daemon is asked. */
const usesBefore = 3

/**
 * From an empty cache: uses a hot file some times, reads a long one through, and counts what of the hot file has to be
 * fetched again. Throws where more than a twentieth does.
 */
export async function scan(machine: Machine, bytes: number): Promise<void> {
  const mount = await machine.mount('demo', '--read-only', ...boundFlags)
  const pid = await machine.pidOf(mount)
  const path = join(mount, names.hot)
  for (let use = 0; use < usesBefore; use++) {
    await told(`hot ${gigabytes(hotBytes)}, use ${use + 1}`, pid, () =>
      readKnown(path, 0, hotBytes),
    )
    forgetPages(path)
  }
  await told(`scan of ${gigabytes(bytes)}`, pid, () => readKnown(join(mount, names.real), 0, bytes))
  const before = (await machine.status(mount)).cache
  await told('hot again', pid, () => readKnown(path, 0, hotBytes))
  const after = (await machine.status(mount)).cache
  say(`of the hot file's pieces ${served(before, after)}`)
  await machine.ok('umount', mount)
  const missed = after.misses - before.misses
  const pieces = missed + after.memoryHits - before.memoryHits + after.diskHits - before.diskHits
  if (missed > pieces / 20) throw new Error('the scan flushed the hot set out of the cache')
}

function served(before: DriveStatus['cache'], after: DriveStatus['cache']): string {
  return `${after.memoryHits - before.memoryHits} reads came from memory, ${after.diskHits - before.diskHits} from the disk, ${after.misses - before.misses} from the network`
}
