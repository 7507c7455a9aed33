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
  /** Base URL of an aggregator that serves blobs to browsers; walrusfs itself asks none. */
  readonly aggregatorUrl?: string
  /** The newest package of Walrus Sites, to be called. */
  readonly sitePackage?: ObjectId
}

/** The two public networks, with the foundation's full nodes. The ids are those that the SDK has (a test compares). */
export const publicNetworks: Readonly<Record<'mainnet' | 'testnet', NetworkParameters>> = {
  mainnet: {
    name: 'mainnet',
    suiUrl: 'https://fullnode.mainnet.sui.io:443',
    systemObjectId: parseObjectId(
      '0x2134d52768ea07e8c43570ef975eb3e4c27a39fa6396bef985b5abc58d03ddd2',
    ),
    stakingObjectId: parseObjectId(
      '0x10b9d30c28448939ce6c4d6c6e0ffce4a7f8a4ada8248bdad09ef8b70e4a3904',
    ),
    nodeScheme: 'https',
    aggregatorUrl: 'https://aggregator.walrus-mainnet.walrus.space',
    sitePackage: parseObjectId(
      '0x5a0c509a659ba982f91ff1189872b8d528f8c02b5f6285a3931fc4c2869ccc9c',
    ),
  },
  testnet: {
    name: 'testnet',
    suiUrl: 'https://fullnode.testnet.sui.io:443',
    systemObjectId: parseObjectId(
      '0x6c2547cbbc38025cf3adac45f63cb0a8d12ecf777cdc75a4971612bf97fdf6af',
    ),
    stakingObjectId: parseObjectId(
      '0xbe46180321c30aab2f8b3501e24048377287fa708018a5b7c2792b35fe339ee3',
    ),
    nodeScheme: 'https',
    aggregatorUrl: 'https://aggregator.walrus-testnet.walrus.space',
    sitePackage: parseObjectId(
      '0x22b8c1496650eb45fbcca0f8f37fae77ed33b7d4eaab4da5f0bb9b62a8708dcb',
    ),
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
