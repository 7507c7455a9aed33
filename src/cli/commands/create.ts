import type { Argv } from 'yargs'
import { command } from '../command.ts'
import { openConfig } from '../drive-options.ts'
import { logOf } from '../log-of.ts'
import { fundFromDevnet, learnDevnet } from '../use-devnet.ts'
import { Keystore } from '../../daemon/keystore.ts'

/** `walrusfs create`. */
export const create = command({
  command: 'create <name>',
  describe: 'Make a new drive: a key, the manifest on chain, an entry in the configuration',
  epilog: `On mainnet and testnet the key needs SUI for gas (about 0.05 to publish the manifest's code once, 0.01 for the drive)
and WAL for storage; create prints its address when it has none. On the devnet it is funded from the faucet.`,
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
  },
  run: async ({ name, network, key = name }, context) => {
    const { terminal, signal } = context
    const { createDrive } = await import('../../daemon/create-drive.ts')
    const config = openConfig(context, true)
    const keys = new Keystore(context.directories.config)
    if (network === 'devnet') await learnDevnet(config, context)
    const fund = network === 'devnet' ? fundFromDevnet(context) : undefined
    const request = { name, network, key, config, keys, log: logOf(context), fund }
    const made = await createDrive(request, signal)
    terminal.result(made, () => [
      `${name} is ready on ${network}`,
      `manifest  ${made.manifest}`,
      `address   ${made.address}`,
      `key       ${keys.pathOf(key)} (keep a copy: without it the drive can only be read)`,
      `next      walrusfs mount ${name} DIRECTORY`,
    ])
  },
})
