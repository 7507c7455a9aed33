import { ask } from '../../control/client.ts'
import type { BandwidthStatus } from '../../control/bandwidth-report.ts'
import { bytesText } from '../../daemon/quantity.ts'
import { command } from '../command.ts'
import { findDaemon } from '../find-daemon.ts'

/** `walrusfs bwlimit`. */
export const bwlimit = command({
  command: 'bwlimit <mount> [limit..]',
  describe: 'Set how fast a mount may send and fetch, or say it',
  epilog: `LIMIT is bytes a second with a unit (512K, 2M), up:down (512K:2M, off:1M), off, or a timetable by the local time of this machine:
“08:00,512K:2M 19:00,off”, “Mon-08:00,512K Sat-00:00,off”. It holds until the mount ends; mount --bwlimit and the configuration (bwlimit) say what it begins with.
Slivers to and from storage nodes count; their metadata, and what the full node is asked, does not.`,
  positionals: (argv) =>
    argv
      .positional('mount', { type: 'string', describe: 'Mount point or name of a drive' })
      .positional('limit', { type: 'string', array: true, describe: 'How fast' }),
  options: {
    mount: { type: 'string', hidden: true, demandOption: true },
    limit: { type: 'string', array: true, hidden: true },
  },
  run: async ({ mount, limit = [] }, { terminal, directories, signal }) => {
    const daemon = findDaemon(directories, mount)
    const wish = limit.length === 0 ? {} : { limit: limit.join(' ') }
    const now = await ask(daemon.socket, { op: 'bwlimit', ...wish }, () => {}, signal)
    terminal.result(now, () => [`${now.drive}: ${bandwidthText(now)}`])
  },
})

/** For people: `up 512 KiB/s, down no limit (08:00,512K:off 19:00,off)`. */
export function bandwidthText({ limit, up, down }: BandwidthStatus): string {
  const rate = (bytes: number | undefined) =>
    bytes === undefined ? 'no limit' : `${bytesText(bytes)}/s`
  const now = `up ${rate(up)}, down ${rate(down)}`
  return limit.includes(',') ? `${now} (${limit})` : now
}
