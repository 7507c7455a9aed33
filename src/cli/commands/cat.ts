import { once } from 'node:events'
import type { Argv } from 'yargs'
import { bytesOf, inodeAt, isRegular } from '../../daemon/drive-files.ts'
import { blobReference } from '../../daemon/drive-reference.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { networkOption, openConfig } from '../drive-options.ts'
import { asStoredOption } from '../foreign-request.ts'
import { logOf } from '../log-of.ts'
import { withFiles } from '../with-files.ts'

/** `walrusfs cat`. */
export const cat = command({
  command: 'cat <drive> [path]',
  describe: 'Print a file of a drive, a quilt or a site, or any blob on Walrus (blob:ID), checked',
  positionals: (argv: Argv) =>
    argv
      .positional('drive', {
        type: 'string',
        describe: 'Which drive, or blob:ID, quilt:ID, site:ID',
      })
      .positional('path', { type: 'string', describe: 'Which file' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    path: { type: 'string', hidden: true },
    ...networkOption,
    ...asStoredOption,
  },
  run: async ({ drive, path, network, asStored }, context) => {
    const blob = path === undefined ? blobReference(drive) : undefined
    if (blob) {
      const { blobBytes } = await import('../../daemon/read-blob.ts')
      const config = openConfig(context).value
      const request = { blob, network, config, log: logOf(context) }
      return print(blobBytes(request, context.signal))
    }
    if (path === undefined) throw new Trouble('usage', 'say which file: walrusfs cat DRIVE PATH')
    await withFiles(drive, { network, asStored }, context, async (opened) => {
      const file = await inodeAt(opened, path)
      if (!isRegular(file)) throw new Trouble('usage', `${path} is no regular file`)
      await print(bytesOf(opened, file))
    })
  },
})

async function print(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain')
  }
}
