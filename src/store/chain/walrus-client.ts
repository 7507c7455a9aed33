import { WalrusClient } from '@mysten/walrus'
import type { SuiAccount } from './sui-account.ts'

/** A client of the SDK with nothing kept from others. */
export function openWalrusClient(
  { network, client }: Pick<SuiAccount, 'network' | 'client'>,
  storageNodeFetch?: typeof fetch,
): WalrusClient {
  return new WalrusClient({
    packageConfig: {
      systemObjectId: network.systemObjectId,
      stakingPoolId: network.stakingObjectId,
    },
    suiClient: client,
    storageNodeUrlScheme: network.nodeScheme,
    ...(storageNodeFetch && { storageNodeClientOptions: { fetch: storageNodeFetch } }),
  })
}
