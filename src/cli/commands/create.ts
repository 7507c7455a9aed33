import type { Argv } from 'yargs'
import type { CreatedDrive, SealWish } from '../../daemon/create-drive.ts'
import { Trouble } from '../../terms/trouble.ts'
import { askNewPassphrase } from '../ask-secret.ts'
import { command, type Context } from '../command.ts'
import { openConfig } from '../drive-options.ts'
import { logOf } from '../log-of.ts'
import { fundFromDevnet, learnDevnet } from '../use-devnet.ts'
import { Keystore } from '../../daemon/keystore.ts'

/** `walrusfs create`. */
export const create = command({
  command: 'create <name>',
  describe: 'Make a new drive: a key, the manifest on chain, an entry in the configuration',
  epilog: `On mainnet and testnet the key needs SUI for gas (about 0.05 to publish the manifest's code once, 0.01 for the drive)
and WAL for storage; create prints its address when it has none. On the devnet it is funded from the faucet.

The drive is sealed: names, contents and attributes are encrypted before they leave the machine. It opens with its key in keys/, with the recovery key that is
printed once, and with what --passphrase, --passphrase-file or --key-file (made when it is not there) add; walrusfs keys changes them. With --public it is not: whatever is
stored in it can be read by anybody, for ever, and it cannot be sealed later.`,
  positionals: (argv: Argv) =>
    argv.positional('name', { type: 'string', describe: 'What the drive is to be called here' }),
  options: {
    name: { type: 'string', hidden: true, demandOption: true },
    network: {
      type: 'string',
      default: 'devnet',
      describe: 'mainnet, testnet, devnet, or a network of the configuration',
    },
    key: {
      type: 'string',
      describe: 'Use this key of keys/ (made when it is not there) [the name]',
    },
    public: {
      type: 'boolean',
      default: false,
      describe: 'Do not seal the drive: whoever knows its id can read it, now and for ever',
    },
    passphrase: { type: 'boolean', default: false, describe: 'Ask for a passphrase that opens it' },
    'wallet-slot': {
      type: 'boolean',
      default: true,
      describe: 'Whoever has its key can open it, unasked',
    },
  },
  run: async (flags, context) => {
    const { name, network, key = name } = flags
    const { terminal, signal } = context
    const { createDrive } = await import('../../daemon/create-drive.ts')
    const seal = await sealWish(flags, context)
    const config = openConfig(context, true)
    const keys = new Keystore(context.directories.config)
    if (network === 'devnet') await learnDevnet(config, context)
    const fund = network === 'devnet' ? fundFromDevnet(context) : undefined
    const request = { name, network, key, config, keys, log: logOf(context), fund, seal }
    const made = await createDrive(request, signal)
    terminal.result(made, () => [
      `${name} is ready on ${network}`,
      `manifest  ${made.manifest}`,
      `address   ${made.address}`,
      `key       ${keys.pathOf(key)} (keep a copy: without it nobody can change the drive)`,
      ...sealedLines(made),
      `next      walrusfs mount ${name} DIRECTORY`,
    ])
  },
})

interface SealFlags {
  readonly name: string
  readonly public: boolean
  readonly passphrase: boolean
  readonly walletSlot: boolean
}

async function sealWish(flags: SealFlags, { unlock }: Context): Promise<SealWish | undefined> {
  const { name, passphrase: asks, walletSlot } = flags
  const { keyFile, passphraseFile } = unlock
  if (flags.public) {
    if (!asks && keyFile === undefined && passphraseFile === undefined) return undefined
    throw new Trouble('usage', 'a public drive has no passphrase and no key file; nothing was made')
  }
  if (asks && passphraseFile !== undefined) {
    throw new Trouble('usage', 'give --passphrase or --passphrase-file, not both; nothing was made')
  }
  const { keyFileSecret, readPassphraseFile } = await import('../../daemon/secret-files.ts')
  const passphrase = asks
    ? await askNewPassphrase(name)
    : passphraseFile === undefined
      ? undefined
      : readPassphraseFile(passphraseFile).passphrase
  const file = keyFile === undefined ? undefined : keyFileSecret(keyFile)
  return { wallet: walletSlot, passphrase, keyFile: file }
}

function sealedLines({ sealed, recoveryKey }: CreatedDrive): string[] {
  if (sealed === undefined) return ['public    not encrypted: whoever knows its id can read it']
  return [`sealed    with a key of its own (id ${sealed})`, ...recoveryLines(recoveryKey!)]
}

/** A new drive's recovery key, and what it is. */
export function recoveryLines(recoveryKey: string): string[] {
  return [
    `recovery  ${recoveryKey}`,
    '          It opens the drive where nothing else is left. It is shown this once and kept nowhere: write it down, and keep it',
    '          elsewhere than this machine. Who has it reads everything; without it, a lost key is a lost drive.',
  ]
}
