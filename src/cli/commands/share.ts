import type { Argv } from 'yargs'
import type { SlotGrant } from '../../daemon/account-slots.ts'
import { command } from '../command.ts'
import { networkOption } from '../drive-options.ts'
import { withDrive } from '../with-drive.ts'

/** Of `share` and `transfer`. */
export const publicKeyOption = {
  type: 'string',
  requiresArg: true,
  describe: 'The public key of ADDRESS, as join and keys public print it there',
} as const

/** `walrusfs share`. */
export const share = command({
  command: 'share <drive> [address]',
  describe: 'Let another account change a drive, or list who may',
  epilog: `The other side runs walrusfs join, which prints the whole command. Each writer pays for what it stores, and several may be
mounted at once: changes of different files are merged, of the same file both versions are kept.

Of a sealed drive the account gets a key slot in the same step, for its public key: the one of --public-key, or, where the account has made a
transaction before, the one that is found on chain. Somebody who is only to read a sealed drive gets a slot by walrusfs keys add DRIVE --for
PUBLICKEY; a public one is mounted by its object id, anywhere, by anybody.`,
  positionals: (argv: Argv) =>
    argv
      .positional('drive', { type: 'string', describe: 'Which drive' })
      .positional('address', { type: 'string', describe: 'The account: its Sui address' }),
  options: {
    drive: { type: 'string', hidden: true, demandOption: true },
    address: { type: 'string', hidden: true },
    'public-key': publicKeyOption,
    ...networkOption,
  },
  run: async ({ drive, address, publicKey, network }, context) => {
    const sharing = await import('../../daemon/drive-sharing.ts')
    const { publicKeyFor } = await import('../../daemon/account-slots.ts')
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
    const key = publicKey === undefined ? undefined : publicKeyFor(publicKey, account)
    const made = await withDrive(
      drive,
      { network },
      context,
      async (opened) => {
        const shared = await sharing.share(opened, account, key, signal)
        const { name, manifest } = opened.request.drive
        return { drive: name, manifest, account, ...shared }
      },
      true,
    )
    terminal.result(made, () => [
      `${account} ${made.isNew ? 'may change' : 'may change already'} ${made.drive} (capability ${made.capability})`,
      ...(made.slot === undefined ? [] : [slotLine(made.slot)]),
    ])
    if (made.slot === 'unknown') {
      terminal.warn(
        `${account} cannot open ${made.drive} yet: it is sealed, and no public key of theirs is known: run walrusfs share ${made.drive} ${account} --public-key KEY with the KEY that walrusfs join prints there, or give them a passphrase (walrusfs keys add ${made.drive} --passphrase)`,
      )
    }
  },
})

const slotLines: Readonly<Record<SlotGrant, string>> = {
  granted: 'sealed    it has a key slot now: its key opens the drive',
  there: 'sealed    it has a key slot already: its key opens the drive',
  unknown: 'sealed    it has no key slot',
}

/** How an account stands to a sealed drive, for people. */
export function slotLine(slot: SlotGrant): string {
  return slotLines[slot]
}
