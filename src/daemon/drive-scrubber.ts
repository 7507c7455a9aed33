import { systemClock } from '../runtime/clock.ts'
import { Scrubber } from '../verification/scrubber.ts'
import type { Drive } from './open-drive.ts'

/** Re-reads what a drive needs, as its settings say. Does nothing until it is started. */
export function scrubberOf({ request, connection, cache, content, worktree }: Drive): Scrubber {
  const { scrubBytes: bytesPerSecond, scrubEveryMs: everyMs } = request.settings
  const log = request.log.room('scrub')
  const { store } = connection
  const root = () => worktree.base
  const parts = { source: content, cache, store, root, clock: systemClock, log }
  return new Scrubber(parts, { bytesPerSecond, everyMs })
}
