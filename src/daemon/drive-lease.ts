import { join } from 'node:path'
import { LeaseKeeper } from '../manifest/lease-keeper.ts'
import { ManifestError } from '../manifest/manifest.ts'
import { Trouble } from '../terms/trouble.ts'
import { LeaseFile } from './lease-file.ts'
import { timeText } from './quantity.ts'
import type { Drive } from './open-drive.ts'
import type { SharedParts } from './shared-parts.ts'

/**
 * Who has the drive alone. Taken here where this mount is to; `onFree` is told when others must not wait any longer. Throws
 * Trouble `leased` when another has it and this mount wants it.
 */
export async function openLease(
  { lifecycle, manifest, stateDirectory, request }: SharedParts,
  onFree: () => void,
  signal: AbortSignal,
): Promise<LeaseKeeper> {
  const { exclusiveMs: durationMs, pace } = request.settings
  return lifecycle.start('lease', async () => {
    const kept = new LeaseFile(join(stateDirectory, 'lease.json'))
    const log = request.log.room('lease')
    const keeper = new LeaseKeeper({ manifest, kept, durationMs, clock: pace.clock, log, onFree })
    try {
      await keeper.open(signal)
    } catch (error) {
      signal.throwIfAborted()
      throw leaseTrouble(error, request.drive.name)
    }
    const { other } = keeper
    if (other) {
      request.warn(
        `another writer has ${request.drive.name} alone until ${timeText(other.untilMs)}: what is changed here waits on this machine till then`,
      )
    }
    keeper.start()
    return [keeper, () => keeper.stop()] as const
  })
}

/** For what would rather fail than wait. Throws Trouble `leased` while another writer has the drive alone. */
export function refuseWhileLeased({
  writable,
  request,
}: Pick<Drive, 'writable' | 'request'>): void {
  try {
    writable?.lease.check()
  } catch (error) {
    throw leaseTrouble(error, request.drive.name)
  }
}

/** For a person, when the drive is another's alone; other errors stay as they are. */
function leaseTrouble(error: unknown, drive: string): unknown {
  if (!(error instanceof ManifestError && error.code === 'leased')) return error
  const text = `${error.message}; nothing was changed in ${drive}: try again then, or write through a mount without --exclusive, which waits`
  return new Trouble('leased', text, { cause: error })
}
