import type { Argv } from 'yargs'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { runningDaemon } from '../find-daemon.ts'
import { withDrive } from '../with-drive.ts'

/** `walrusfs transfer`. */
export const transfer = command({
  command: 'transfer <drive> <address>',
  describe: 'Give a drive away for good: the rule over it, and its blobs',
  epilog:
    'The other account can then share, renew and collect it. This one can read it, and with --keep-writing change it until the new owner revokes that. There is no way back but the new owner’s.',
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
    ...networkOption,
  },
  run: async ({ drive, address, yes, keepWriting, network }, context) => {
    const { accountOf, transfer } = await import('../../daemon/drive-sharing.ts')
    const to = accountOf(address)
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
    const given = await withDrive(
      drive,
      { network },
      context,
      (opened) => transfer(opened, to, keepWriting, context.signal),
      true,
    )
    context.terminal.result({ drive, ...given }, () => [
      `${to} rules over ${drive} now and owns ${given.blobs} blobs of it`,
      ...(given.foreign > 0
        ? [`${given.foreign} blobs belong to other writers, who go on renewing them`]
        : []),
      given.writes ? 'this machine can only read it' : 'this machine may still change it',
    ])
  },
})
