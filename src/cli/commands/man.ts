import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Argv } from 'yargs'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'

/** `walrusfs man`. */
export const man = command({
  command: 'man [page]',
  describe: 'Show a manual page: of walrusfs, of a command, config(5) or mount.walrusfs(8)',
  epilog:
    'On a terminal man(1) shows it; elsewhere it is printed as roff. PAGE is a command (mount), config.5, or mount.walrusfs.',
  positionals: (argv: Argv) =>
    argv.positional('page', { type: 'string', default: 'walrusfs', describe: 'Which' }),
  options: {
    page: { type: 'string', hidden: true, default: 'walrusfs' },
    to: { type: 'string', describe: 'Write all pages below this directory instead, as man1/…' },
  },
  run: async ({ page: wanted, to }, { terminal }) => {
    const { manualPages } = await import('../manual/pages.ts')
    const pages = await manualPages(process.env)
    if (to !== undefined) {
      const files = pages.map(({ name, section, text }) => {
        const directory = join(to, `man${section}`)
        mkdirSync(directory, { recursive: true })
        const file = join(directory, `${name}.${section}`)
        writeFileSync(file, text)
        return file
      })
      return terminal.result(files, () => (terminal.quiet ? [] : files))
    }
    const names = [wanted, `walrusfs-${wanted}`]
    const found = pages.find(
      ({ name, section }) => names.includes(name) || names.includes(`${name}.${section}`),
    )
    if (!found) {
      const known = pages.map(({ name, section }) => `${name}.${section}`).join(', ')
      throw new Trouble(
        'not-found',
        `there is no page ${JSON.stringify(wanted)}; there are ${known}`,
      )
    }
    if (process.stdout.isTTY) {
      const how = { input: found.text, stdio: ['pipe', 'inherit', 'inherit'] } as const
      if (spawnSync('man', ['-l', '-'], { ...how, stdio: [...how.stdio] }).status === 0) return
    }
    process.stdout.write(found.text)
  },
})
