import type { Argv } from 'yargs'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { runningDaemon } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'
import { publicKeyOption, slotLine } from './share.ts'

/** `walrusfs transfer`. */
export const transfer = command({
  command: 'transfer <drive> <address>',
  describe: 'Give a drive away for good: the rule over it, and its blobs',
  epilog: `The other account can then share, renew and collect it. This one can read it, and with --keep-writing change it until the new owner revokes that. There is no
way back but the new owner’s.

Of a sealed drive the new owner gets a key slot, as with walrusfs share. The slots that were there stay, this machine’s, too, and the recovery
key, until the new owner takes them away (walrusfs keys remove); who has opened the drive may have kept its key.`,
  positionals: (argv: Argv) =>
    argv
      .positional('drive', { type: 'string', describe: 'Which drive; it must not be mounted here' })
      .positional('address', { type: 'string', describe: 'The new owner: a Sui address' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    address: { type: 'string', hidden: true, demandOption: true },
    yes: { type: 'boolean', default: false, describe: 'Do it; without, only say what it would do' },
    'keep-writing': {
      type: 'boolean',
      default: false,
      describe: 'Stay a writer',
    },
    'public-key': publicKeyOption,
    slot: {
      type: 'boolean',
      default: true,
      describe: 'Only if the new owner can open a sealed drive; --no-slot: they have another way',
    },
    ...networkOption,
  },
  run: async ({ drive, address, yes, keepWriting, publicKey, slot, network }, context) => {
    const { accountOf, transfer } = await import('../../daemon/drive-sharing.ts')
    const { publicKeyFor } = await import('../../daemon/account-slots.ts')
    const to = accountOf(address)
    const key = publicKey === undefined ? undefined : publicKeyFor(publicKey, to)
    if (runningDaemon(context.directories, drive)) {
      throw new Trouble(
        'locked',
        `${drive} is mounted here and may have blobs on their way; nothing was changed: unmount it first`,
      )
    }
    if (!yes) {
      throw new Trouble(
        'usage',
        `this would give ${drive} and its blobs to ${to}, which only ${to} can undo; nothing was changed: say --yes to do it`,
      )
    }
    const wish = { keepWriting, publicKey: key, withoutSlot: !slot }
    const given = await withDrive(
      drive,
      { network },
      context,
      (opened) => transfer(opened, to, wish, context.signal),
      true,
    )
    context.terminal.result({ drive, ...given }, () => [
      `${to} rules over ${drive} now and owns ${given.blobs} blobs of it`,
      ...(given.foreign > 0
        ? [`${given.foreign} blobs belong to other writers, who go on renewing them`]
        : []),
      given.writes ? 'this machine can only read it' : 'this machine may still change it',
      ...(given.slot === undefined ? [] : [slotLine(given.slot)]),
    ])
  },
})
