import { ask } from '../../control/client.ts'
import { command } from '../command.ts'
import { findDaemon } from '../find-daemon.ts'

/** `walrusfs sync`. */
export const sync = command({
  command: 'sync [mount]',
  describe: 'Return when everything written before is stored on Walrus and committed on chain',
  positionals: (argv) =>
    argv.positional('mount', { type: 'string', describe: 'Mount point or name of a drive' }),
  options: { mount: { type: 'string', hidden: true } },
  run: async (args, { terminal, directories, signal }) => {
    const daemon = findDaemon(directories, args.mount)
    const done = await ask(daemon.socket, { op: 'sync' }, (step) => terminal.progress(step), signal)
    terminal.result(done, () => [`committed: sequence ${done.sequence}`])
  },
})
