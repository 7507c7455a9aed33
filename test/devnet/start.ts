import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SuiGrpcClient } from '@mysten/sui/grpc'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { WalrusClient, type WalrusClientConfig } from '@mysten/walrus'
import type { Test } from 'tap'
import { startDevnet, type Devnet, type DevnetOptions } from '../../src/devnet/devnet.ts'
import type { DevnetStatus } from '../../src/devnet/devnet-status.ts'
import type { Codec } from '../../src/redstuff/codec.ts'
import { ScalarCodec } from '../../src/redstuff/scalar/scalar-codec.ts'
import { silentLog } from '../../src/runtime/log.ts'

export interface TestDevnetOptions extends Partial<Omit<DevnetOptions, 'directory'>> {
  /** Coins of the key pair, in MIST and FROST. @default 1000 SUI and 1000 WAL */
  readonly sui?: bigint
  readonly wal?: bigint
}

const coins = 1000n * 10n ** 9n

/** A devnet of a test, in the test's own process, with a key pair that has coins. */
export class TestDevnet {
  readonly directory: string
  readonly keypair: Ed25519Keypair
  readonly #options: TestDevnetOptions
  readonly #codec: Codec
  #devnet: Devnet | undefined

  constructor(options: TestDevnetOptions) {
    this.#options = options
    this.#codec = options.codec ?? new ScalarCodec()
    this.directory = mkdtempSync(join(tmpdir(), 'walrusfs-devnet-'))
    this.keypair = new Ed25519Keypair()
  }

  get devnet(): Devnet {
    if (!this.#devnet) throw new Error('the devnet is not running')
    return this.#devnet
  }

  get status(): DevnetStatus {
    return this.devnet.status()
  }

  /** Address of the key pair. */
  get address(): string {
    return this.keypair.toSuiAddress()
  }

  /** A new client of the full node. */
  sui(): SuiGrpcClient {
    return new SuiGrpcClient({ network: 'localnet', baseUrl: this.status.suiUrl })
  }

  /** A new official Walrus client, with nothing cached. */
  walrus(options: Partial<WalrusClientConfig> = {}): WalrusClient {
    const { systemObjectId, stakingPoolId } = this.status
    return new WalrusClient({
      packageConfig: { systemObjectId, stakingPoolId },
      suiClient: this.sui(),
      storageNodeUrlScheme: 'http',
      ...options,
    } as WalrusClientConfig)
  }

  /** Starts it, or starts it again with what it has stored. */
  async start(): Promise<void> {
    const { sui: _sui, wal: _wal, ...choices } = this.#options
    const { directory } = this
    const own = { directory, codec: this.#codec, log: silentLog, recovery: false }
    this.#devnet = await startDevnet({ ...own, ...choices })
  }

  /** Gives coins to an address. */
  async fund(address = this.address): Promise<void> {
    const { sui = coins, wal = coins } = this.#options
    await this.devnet.faucet(address, { sui, wal })
  }

  async stop(): Promise<void> {
    await this.#devnet?.close()
    this.#devnet = undefined
  }

  async end(): Promise<void> {
    await this.stop()
    if (!this.#options.codec) await this.#codec.close()
    rmSync(this.directory, { recursive: true })
  }
}

/**
 * Starts a devnet for a test: a temporary directory, free ports, a funded key pair; everything ends with the test.
 * Storage nodes do not recover by themselves unless `recovery: true` is given.
 */
export async function startTestDevnet(
  t: Test,
  options: TestDevnetOptions = {},
): Promise<TestDevnet> {
  const test = new TestDevnet(options)
  t.teardown(() => test.end())
  await test.start()
  await test.fund()
  return test
}
