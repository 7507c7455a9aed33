import type { Argv } from 'yargs'
import { ConfigFile } from '../../daemon/config.ts'
import { Keystore } from '../../daemon/keystore.ts'
import { DevnetClient } from '../../devnet/devnet-client.ts'
import { parseObjectId } from '../../terms/object-id.ts'
import { command, type Context } from '../command.ts'

const perCoin = 1e9

/** `walrusfs devnet faucet`. */
export const devnetFaucet = command({
  command: 'faucet <recipient>',
  describe: 'Mint SUI and WAL to an address, or to the key of a drive',
  positionals: (argv: Argv) =>
    argv.positional('recipient', { type: 'string', describe: 'Address (0x…) or name of a drive' }),
  options: {
    recipient: { type: 'string', hidden: true, demandOption: true },
    sui: { type: 'number', default: 10, describe: 'SUI' },
    wal: { type: 'number', default: 100, describe: 'WAL' },
  },
  run: async ({ recipient, sui, wal }, context) => {
    const { directories, signal, terminal } = context
    const address = await addressOf(recipient, context)
    const amounts = {
      sui: BigInt(Math.round(sui * perCoin)),
      wal: BigInt(Math.round(wal * perCoin)),
    }
    await DevnetClient.open(directories.devnet).faucet(address, amounts, signal)
    terminal.result({ address, sui, wal }, () => [`${sui} SUI and ${wal} WAL for ${address}`])
  },
})

async function addressOf(recipient: string, { directories, configFile }: Context): Promise<string> {
  if (recipient.startsWith('0x')) return parseObjectId(recipient)
  const drive = ConfigFile.open(directories.config, configFile).value.drives[recipient]
  const key = new Keystore(directories.config).load(drive?.key ?? recipient)
  return key.toSuiAddress()
}
