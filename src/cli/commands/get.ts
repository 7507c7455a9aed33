import { basename, join } from 'node:path'
import { existsSync, statSync } from 'node:fs'
import type { Argv } from 'yargs'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { asStoredOption } from '../foreign-request.ts'
import { withFiles } from '../with-files.ts'
import { counted } from '../../daemon/quantity.ts'

/** `walrusfs get`. */
export const get = command({
  command: 'get <drive> <path> [to]',
  describe: 'Copy a file or a directory out of a drive, a quilt or a site without mounting it',
  positionals: (argv: Argv) =>
    argv
      .positional('drive', {
        type: 'string',
        describe: 'Which drive, or blob:ID, quilt:ID, site:ID',
      })
      .positional('path', { type: 'string', describe: 'What to copy' })
      .positional('to', { type: 'string', default: '.', describe: 'A directory, or a new name' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    path: { type: 'string', hidden: true, demandOption: true },
    to: { type: 'string', hidden: true, default: '.' },
    ...networkOption,
    ...asStoredOption,
  },
  run: async ({ drive, path, to, network, asStored }, context) => {
    const { terminal, signal } = context
    const target = isDirectory(to) ? join(to, basename(path) || drive) : to
    if (existsSync(target))
      throw new Trouble('exists', `${target} is there already; nothing was copied`)
    const { fetchTree } = await import('../../daemon/fetch-tree.ts')
    const copied = await withFiles(drive, { network, asStored }, context, (opened) =>
      fetchTree(opened, path, target, (step) => terminal.progress(step), signal),
    )
    terminal.result({ ...copied, target }, () => [
      `${target}: ${counted(copied.files, 'file')}, ${copied.bytes} bytes`,
    ])
  },
})

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
