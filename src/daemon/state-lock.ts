import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { mountAt } from '../fuse/mount/mount-table.ts'
import { systemClock } from '../runtime/clock.ts'
import { FileLock } from '../runtime/file-lock.ts'
import { Trouble } from '../terms/trouble.ts'
import { readDaemonFile } from './daemon-file.ts'

const waitMs = 60_000
const pollMs = 100

/**
 * Takes a state directory for this process. A daemon that was unmounted a moment ago (umount(8) does not wait for it) may
 * still be storing what is left: that is waited for. Throws Trouble `locked`.
 */
export async function lockState(
  stateDirectory: string,
  drive: string,
  warn: (text: string) => void,
  signal: AbortSignal,
): Promise<FileLock> {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 })
  const endMs = systemClock.now() + waitMs
  for (let isFirst = true; ; isFirst = false) {
    const lock = FileLock.take(join(stateDirectory, 'lock'))
    if (lock instanceof FileLock) return lock
    const { heldBy } = lock
    if (!isLeaving(stateDirectory, heldBy) || systemClock.now() > endMs) {
      throw new Trouble(
        'locked',
        `another walrusfs (process ${heldBy}) already uses the state directory of ${drive} (${stateDirectory}); unmount it first, or mount with --read-only`,
      )
    }
    if (isFirst) warn(`process ${heldBy}, unmounted, still stores what is left; waiting for it`)
    await systemClock.sleep(pollMs, signal)
  }
}

/** Its daemon says where it was mounted, and nothing is mounted there. */
function isLeaving(stateDirectory: string, pid: string): boolean {
  const daemon = readDaemonFile(stateDirectory)
  return String(daemon?.pid) === pid && mountAt(daemon!.mountPoint) === undefined
}
