import type { ConfigFile } from '../daemon/config.ts'
import { DevnetClient } from '../devnet/devnet-client.ts'
import type { ObjectId } from '../terms/object-id.ts'
import type { Context } from './command.ts'

/** What a new key on the devnet gets. */
const startingSui = 10n * 10n ** 9n
const startingWal = 1000n * 10n ** 9n

/** Writes into the configuration how the running devnet is reached. Throws Trouble `not-running`. */
export async function learnDevnet(
  config: ConfigFile,
  { directories, signal }: Context,
): Promise<void> {
  const status = await DevnetClient.open(directories.devnet).status(signal)
  const { suiUrl, systemObjectId, stakingPoolId } = status
  const known = config.value.networks['devnet']
  if (known?.suiUrl === suiUrl && known.systemObjectId === systemObjectId) return
  config.setNetwork('devnet', { suiUrl, systemObjectId, stakingPoolId })
  config.save()
}

/** Gives an address what it needs, from the devnet's faucet. */
export function fundFromDevnet({
  directories,
  signal,
}: Context): (address: ObjectId) => Promise<void> {
  return async (address) => {
    const amounts = { sui: startingSui, wal: startingWal }
    await DevnetClient.open(directories.devnet).faucet(address, amounts, signal)
  }
}
