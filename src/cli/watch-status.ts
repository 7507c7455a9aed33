import { ask } from '../control/client.ts'
import type { DaemonFile } from '../daemon/daemon-file.ts'
import type { Directories } from '../daemon/directories.ts'
import { systemClock } from '../runtime/clock.ts'
import { Trouble } from '../terms/trouble.ts'
import { ended, hasTakenLeave } from './find-daemon.ts'
import type { Pane } from './status-panes.ts'

const everyMs = 500

/**
 * Shows the state of a mount till it is unmounted or the signal aborts, which is how it is meant to end. Throws Trouble `not-running`
 * when the daemon ends without unmounting.
 */
export async function watchStatus(
  daemon: DaemonFile,
  directories: Directories,
  pane: Pane,
  signal: AbortSignal,
): Promise<void> {
  let seen = false
  try {
    for (;;) {
      const status = await ask(daemon.socket, { op: 'status' }, () => {}, signal)
      seen = true
      pane.show(status, systemClock.now())
      await systemClock.sleep(everyMs, signal)
    }
  } catch (error) {
    if (signal.aborted) return
    if (!seen || !(error instanceof Trouble) || error.code !== 'not-running') throw error
  }
  await ended(daemon.pid, signal).catch(() => {})
  if (hasTakenLeave(directories, daemon)) {
    return pane.end(`${daemon.mountPoint} was unmounted`, systemClock.now())
  }
  throw new Trouble(
    'not-running',
    `the daemon of ${daemon.mountPoint} has ended without unmounting: mount ${daemon.drive} again, what was fsynced is there`,
  )
}
