import { spawn } from 'node:child_process'
import { ask } from '../../control/client.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { findDaemon } from '../find-daemon.ts'

/** `walrusfs dashboard`. */
export const dashboard = command({
  command: 'dashboard [mount]',
  describe: 'A page in the browser: what a mount is doing, its history, nodes, expiry and cost',
  epilog: `The mount's daemon serves it on 127.0.0.1, from the first time that it is asked for until the drive is unmounted. The address lets
in whoever has it: treat it like a password. From another machine: ssh -L PORT:127.0.0.1:PORT, with the same PORT on both sides.`,
  positionals: (argv) =>
    argv.positional('mount', { type: 'string', describe: 'Mount point or name of a drive' }),
  options: {
    mount: { type: 'string', hidden: true },
    open: { type: 'boolean', default: false, describe: 'Open it in the browser, too' },
  },
  run: async (args, { terminal, directories, signal }) => {
    const daemon = findDaemon(directories, args.mount)
    const place = await ask(daemon.socket, { op: 'dashboard' }, () => {}, signal)
    terminal.result(place, () => [place.url])
    if (args.open) await openInBrowser(place.file)
  },
})

/** The file, not the address: arguments of a program can be read by everybody on the machine. */
async function openInBrowser(file: string): Promise<void> {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  const why = await new Promise<string | undefined>((resolve) => {
    const child = spawn(opener, [file], { stdio: 'ignore', detached: true })
    child.on('error', (error) => resolve(error.message))
    child.on('exit', (code) => resolve(code === 0 ? undefined : `it ended with ${code}`))
    child.unref()
  })
  if (why === undefined) return
  throw new Trouble(
    'failed',
    `${opener} did not open a browser (${why}): open the address above by hand`,
  )
}
