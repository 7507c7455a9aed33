import { spawnSync } from 'node:child_process'

/**
 * Tells systemd of a service of Type=notify. Node has no datagram sockets, so `systemd-notify` sends it (the unit says
 * NotifyAccess=all). Nothing happens elsewhere.
 */
export function notifySystemd(...assignments: readonly string[]): void {
  if (!process.env['NOTIFY_SOCKET']) return
  spawnSync('systemd-notify', [`--pid=${process.pid}`, ...assignments], { stdio: 'ignore' })
}
