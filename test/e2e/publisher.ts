import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SuiGrpcClient } from '@mysten/sui/grpc'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { WalrusClient } from '@mysten/walrus'
import type { Machine } from './machine.ts'

interface DevnetStatus {
  readonly suiUrl: string
  readonly systemObjectId: string
  readonly stakingPoolId: string
}

/** A file to be put into a quilt. */
export interface QuiltFile {
  readonly identifier: string
  readonly contents: Uint8Array
  readonly tags?: Record<string, string>
}

/** Somebody who publishes with the official SDK on a machine's devnet, and knows nothing of walrusfs. */
export class Publisher {
  readonly sui: SuiGrpcClient
  readonly walrus: WalrusClient
  readonly signer: Ed25519Keypair

  private constructor(sui: SuiGrpcClient, walrus: WalrusClient, signer: Ed25519Keypair) {
    this.sui = sui
    this.walrus = walrus
    this.signer = signer
  }

  /** With the key of one of the machine's drives, which has coins. */
  static async of(machine: Machine, key = 'none'): Promise<Publisher> {
    const devnet = await machine.json<DevnetStatus>('devnet', 'status')
    const sui = new SuiGrpcClient({ network: 'localnet', baseUrl: devnet.suiUrl })
    const walrus = new WalrusClient({
      packageConfig: { systemObjectId: devnet.systemObjectId, stakingPoolId: devnet.stakingPoolId },
      suiClient: sui,
      storageNodeUrlScheme: 'http',
    })
    const secret = readFileSync(join(machine.home, `config/keys/${key}`), 'utf8').trim()
    return new Publisher(sui, walrus, Ed25519Keypair.fromSecretKey(secret))
  }

  async blob(bytes: Uint8Array): Promise<string> {
    const { signer } = this
    const wish = { blob: bytes, deletable: true, epochs: 5, signer }
    return (await again(() => this.walrus.writeBlob(wish))).blobId
  }

  async quilt(
    files: readonly QuiltFile[],
  ): Promise<Awaited<ReturnType<WalrusClient['writeQuilt']>>> {
    const { signer } = this
    const wish = { blobs: [...files], deletable: true, epochs: 5, signer }
    return again(() => this.walrus.writeQuilt(wish))
  }
}

/** The SDK gives up at the first connection that breaks, as some do on a machine that runs everything at once. */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 4; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (left === 0 || !/fetch failed/.test((error as Error).message)) throw error
    }
  }
}
