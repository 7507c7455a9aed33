import type { Argv } from 'yargs'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs revoke`. */
export const revoke = command({
  command: 'revoke <drive> <writer>',
  describe: 'Take from another account the right to change a drive',
  epilog:
    'WRITER is an address or a capability, as walrusfs share DRIVE lists them. What it has changed stays; what it has not stored yet waits on its machine, and its mount says so. The blobs that it has stored remain its own to renew.',
  positionals: (argv: Argv) =>
    argv
      .positional('drive', { type: 'string', describe: 'Which drive' })
      .positional('writer', { type: 'string', describe: 'Who' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    writer: { type: 'string', hidden: true, demandOption: true },
    ...networkOption,
  },
  run: async ({ drive, writer, network }, context) => {
    const { accountOf, revoke } = await import('../../daemon/drive-sharing.ts')
    const who = accountOf(writer)
    const work = (opened: Parameters<typeof revoke>[0]) => revoke(opened, who, context.signal)
    const revoked = await withDrive(drive, { network }, context, work, true)
    context.terminal.result({ drive, revoked }, () =>
      revoked.map((capability) => `${capability} cannot change ${drive} any more`),
    )
  },
})
