import { ask } from '../../control/client.ts'
import { bytesText } from '../../daemon/quantity.ts'
import { command } from '../command.ts'
import { findDaemon } from '../find-daemon.ts'

const states = ['on', 'off'] as const

/** `walrusfs offline`. */
export const offline = command({
  command: 'offline <mount> [state]',
  describe: 'Have a mount leave the network alone (on), or go back to it (off)',
  epilog: `While it is offline, what is on this machine is read and written as ever, and what is not gives “Network is unreachable” at once. fsync
means what it means, changes wait here; off stores them and merges what others have changed. mount --offline begins that way. Without a state it says which.`,
  positionals: (argv) =>
    argv
      .positional('mount', { type: 'string', describe: 'Mount point or name of a drive' })
      .positional('state', { choices: states, describe: 'on or off' }),
  options: {
    mount: { type: 'string', hidden: true, demandOption: true },
    state: { choices: states, hidden: true },
  },
  run: async ({ mount, state }, { terminal, directories, signal }) => {
    const daemon = findDaemon(directories, mount)
    const wish = state === undefined ? {} : { on: state === 'on' }
    const now = await ask(daemon.socket, { op: 'offline', ...wish }, () => {}, signal)
    const waiting = now.dirtyBytes ? `; ${bytesText(now.dirtyBytes)} are only on this machine` : ''
    terminal.result(now, () => [
      `${now.drive} ${now.offline ? 'is offline' : 'uses the network'}${waiting}`,
    ])
  },
})
