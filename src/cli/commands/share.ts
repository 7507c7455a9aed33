import type { Argv } from 'yargs'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs share`. */
export const share = command({
  command: 'share <drive> [address]',
  describe: 'Let another account change a drive, or list who may',
  epilog: `The other side runs walrusfs join, which prints its ADDRESS. Each writer pays for what it stores, and several may be
mounted at once: changes of different files are merged, of the same file both versions are kept. Reading takes no leave: a public
drive is mounted by its object id, anywhere.`,
  positionals: (argv: Argv) =>
    argv
      .positional('drive', { type: 'string', describe: 'Which drive' })
      .positional('address', { type: 'string', describe: 'The account: its Sui address' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    address: { type: 'string', hidden: true },
    ...networkOption,
  },
  run: async ({ drive, address, network }, context) => {
    const sharing = await import('../../daemon/drive-sharing.ts')
    const { terminal, signal } = context
    if (address === undefined) {
      const writers = await withDrive(
        drive,
        { network },
        context,
        (opened) => sharing.writersOf(opened, signal),
        true,
      )
      return terminal.result(writers, () =>
        writers.map(
          ({ capability, account, isUs }) =>
            `${account ?? 'nobody'.padEnd(66)}  ${capability}${isUs ? '  this machine' : ''}`,
        ),
      )
    }
    const account = sharing.accountOf(address)
    const made = await withDrive(
      drive,
      { network },
      context,
      async (opened) => {
        const { capability, isNew } = await sharing.share(opened, account, signal)
        const { drive: reference } = opened.request
        return { drive: reference.name, manifest: reference.manifest, account, capability, isNew }
      },
      true,
    )
    terminal.result(made, () => [
      `${account} ${made.isNew ? 'may change' : 'may change already'} ${made.drive} (capability ${made.capability})`,
    ])
  },
})
