import type { OfflineReport } from '../control/offline-report.ts'
import type { NetworkSwitch } from '../runtime/network-switch.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Drive } from './open-drive.ts'

/** Takes a mounted drive from the network, or back to it; what waited goes on at once then. */
export function goOffline(
  { connection, request, writable }: Drive,
  on: boolean | undefined,
): OfflineReport {
  const { switch: door } = connection
  if (on !== undefined && on !== door.isOffline) {
    door.set(on)
    request.log.info(on ? 'the drive is offline now' : 'the drive is online again')
    if (!on) writable?.writeBack.again()
  }
  return {
    drive: request.drive.name,
    offline: door.isOffline,
    dirtyBytes: writable?.dirtyBytes() ?? 0,
  }
}

/** Waits for what needs the network. Throws Trouble `unreachable` at once where the drive is offline, or goes offline, and something waits. */
export async function untilOffline<T>(
  door: NetworkSwitch,
  worktree: Pick<Drive['worktree'], 'dirty'>,
  signal: AbortSignal,
  wait: (either: AbortSignal) => Promise<T>,
): Promise<T> {
  const refused = new Trouble(
    'unreachable',
    'the drive is offline: what is only here is safe on this machine and waits (walrusfs offline DIR off)',
  )
  if (!door.isOffline) {
    const { ends } = door
    try {
      return await wait(AbortSignal.any([signal, ends]))
    } catch (error) {
      signal.throwIfAborted()
      throw ends.aborted ? refused : error
    }
  }
  if (worktree.dirty) throw refused
  return wait(signal)
}
