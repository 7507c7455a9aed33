import type { Argv } from 'yargs'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs revoke`. */
export const revoke = command({
  command: 'revoke <drive> <writer>',
  describe: 'Take from another account the right to change a drive',
  epilog: `WRITER is an address or a capability, as walrusfs share DRIVE lists them. What it has changed stays; what it has not stored yet waits on its machine, and its
mount says so. The blobs that it has stored remain its own to renew.

Of a sealed drive its key slot is taken away, too, unless --keep-reading: then its key opens the drive no more. The key of the drive itself stays the
same for ever, and who has opened it may have kept that: such a one can still read what was and will be stored in it. What they are
not to read belongs into a new drive (walrusfs create, then cp -a from mount to mount).`,
  positionals: (argv: Argv) =>
    argv
      .positional('drive', { type: 'string', describe: 'Which drive' })
      .positional('writer', { type: 'string', describe: 'Who' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    writer: { type: 'string', hidden: true, demandOption: true },
    'keep-reading': {
      type: 'boolean',
      default: false,
      describe: 'Leave its key slot of a sealed drive',
    },
    ...networkOption,
  },
  run: async ({ drive, writer, keepReading, network }, context) => {
    const { accountOf, revoke } = await import('../../daemon/drive-sharing.ts')
    const who = accountOf(writer)
    const work = async (opened: Parameters<typeof revoke>[0]) => ({
      ...(await revoke(opened, who, keepReading, context.signal)),
      isSealed: opened.keys !== undefined,
    })
    const revoked = await withDrive(drive, { network }, context, work, true)
    const { capabilities, slots, isSealed } = revoked
    context.terminal.result({ drive, revoked: capabilities, slots }, () => [
      ...capabilities.map((capability) => `${capability} cannot change ${drive} any more`),
      ...slots.map((slot) => `the key slot ${slot} is gone: its key opens ${drive} no more`),
    ])
    if (isSealed) context.terminal.note(keptKey)
  },
})

const keptKey =
  'The key of the drive itself stays the same: who has opened it may have kept it, and reads what was and will be stored; what they are not to read belongs into a new drive.'
