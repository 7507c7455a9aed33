import { MAINNET_WALRUS_PACKAGE_CONFIG, TESTNET_WALRUS_PACKAGE_CONFIG } from '@mysten/walrus'
import { parseObjectId } from '../terms/object-id.ts'
import type { ObjectId } from '../terms/object-id.ts'

/** All that tells one network from another. */
export interface NetworkParameters {
  readonly name: 'mainnet' | 'testnet' | 'devnet'
  /** gRPC-web door of a full node. */
  readonly suiUrl: string
  /** Walrus's System and Staking objects. */
  readonly systemObjectId: ObjectId
  readonly stakingObjectId: ObjectId
  /** How storage nodes are spoken to. */
  readonly nodeScheme: 'http' | 'https'
}

/** The two public networks, with the foundation's full nodes. */
export const publicNetworks: Readonly<Record<'mainnet' | 'testnet', NetworkParameters>> = {
  mainnet: {
    name: 'mainnet',
    suiUrl: 'https://fullnode.mainnet.sui.io:443',
    systemObjectId: parseObjectId(MAINNET_WALRUS_PACKAGE_CONFIG.systemObjectId),
    stakingObjectId: parseObjectId(MAINNET_WALRUS_PACKAGE_CONFIG.stakingPoolId),
    nodeScheme: 'https',
  },
  testnet: {
    name: 'testnet',
    suiUrl: 'https://fullnode.testnet.sui.io:443',
    systemObjectId: parseObjectId(TESTNET_WALRUS_PACKAGE_CONFIG.systemObjectId),
    stakingObjectId: parseObjectId(TESTNET_WALRUS_PACKAGE_CONFIG.stakingPoolId),
    nodeScheme: 'https',
  },
}

/** The part of `walrusfs devnet status --json` that a client needs. */
export interface DevnetAddress {
  readonly suiUrl: string
  readonly systemObjectId: string
  readonly stakingPoolId: string
}

/** The local network, by its status. Throws a RangeError when that is not one. */
export function devnetParameters(status: DevnetAddress): NetworkParameters {
  if (!URL.canParse(status.suiUrl)) {
    throw new RangeError(`not a full node's address: ${JSON.stringify(status.suiUrl)}`)
  }
  return {
    name: 'devnet',
    suiUrl: status.suiUrl,
    systemObjectId: parseObjectId(status.systemObjectId),
    stakingObjectId: parseObjectId(status.stakingPoolId),
    nodeScheme: 'http',
  }
}
