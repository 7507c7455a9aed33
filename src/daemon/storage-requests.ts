import type { ControlProgress } from '../control/protocol.ts'
import type { ControlHandler } from '../control/server.ts'
import { systemClock } from '../runtime/clock.ts'
import { Trouble } from '../terms/trouble.ts'
import { planGc, runGc } from './drive-gc.ts'
import { refuseWhileLeased } from './drive-lease.ts'
import { planRevive, runRevive } from './drive-revive.ts'
import { gcWish } from './gc-wish.ts'
import type { Drive, WritablePart } from './open-drive.ts'
import { parseMoment } from './past/moment.ts'
import { restoreInDrive } from './past/restore-in-drive.ts'
import { renewNow } from './renewal-report.ts'

/** Stores what was written before. */
type Sync = (progress: (progress: ControlProgress) => void, signal: AbortSignal) => Promise<string>

/** What a mounted drive answers to requests that concern its storage. They throw Trouble, `read-only` for a mount without a key. */
export function storageRequests(
  drive: Drive,
  sync: Sync,
): Pick<ControlHandler, 'renew' | 'gc' | 'revive' | 'restore'> {
  const { request: opened } = drive
  const writable = (): WritablePart => {
    if (drive.writable) return drive.writable
    throw new Trouble('read-only', `${opened.drive.name} is mounted read-only: it has no key`)
  }
  return {
    renew: async ({ budget, ...request }, _, signal) => {
      const limit = budget === undefined ? undefined : BigInt(budget)
      return renewNow(writable().renewer, { ...request, budget: limit }, signal)
    },
    gc: async (request, progress, signal) => {
      writable()
      const wish = gcWish(request, opened.settings)
      if (request.dryRun) return planGc(drive, wish, signal)
      refuseWhileLeased(drive)
      await sync(progress, signal)
      return runGc(drive, wish, progress, signal)
    },
    restore: async ({ at, path, into }, progress, signal) => {
      writable()
      const wish = { at: parseMoment(at, systemClock.now()), path, into }
      return restoreInDrive(drive, wish, progress, signal)
    },
    revive: async ({ history, dryRun }, progress, signal) => {
      const { renewer } = writable()
      const wish = { epochs: opened.settings.epochs, history }
      if (dryRun) return planRevive(drive, wish, signal)
      refuseWhileLeased(drive)
      const report = await runRevive(drive, wish, progress, signal)
      await renewer.check(signal).catch(() => {})
      return report
    },
  }
}
