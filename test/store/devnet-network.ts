import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import type { Signer } from '@mysten/sui/cryptography'
import type { Test } from 'tap'
import type { Devnet } from '../../src/devnet/devnet.ts'
import { ScalarCodec } from '../../src/redstuff/scalar/scalar-codec.ts'
import { LineLog, silentLog } from '../../src/runtime/log.ts'
import { openSuiAccount } from '../../src/store/chain/sui-account.ts'
import type { SuiAccount } from '../../src/store/chain/sui-account.ts'
import { devnetParameters } from '../../src/store/networks.ts'
import { WalrusStore } from '../../src/store/walrus-store.ts'
import type { WalrusStoreOptions } from '../../src/store/walrus-store.ts'
import { startTestDevnet } from '../devnet/start.ts'
import type { TestDevnet, TestDevnetOptions } from '../devnet/start.ts'

export interface Balances {
  readonly sui?: bigint
  readonly wal?: bigint
}

const plenty = 10n ** 12n
/** Set WALRUSFS_TEST_LOG=1 to see what the store says. */
const log = process.env['WALRUSFS_TEST_LOG']
  ? new LineLog((line) => console.error(line), 'debug')
  : silentLog

/** A devnet with accounts and stores on it, all closed with the test. */
export class DevnetNetwork {
  readonly host: TestDevnet
  readonly #test: Test
  readonly #codec = new ScalarCodec()

  private constructor(t: Test, host: TestDevnet) {
    this.#test = t
    this.host = host
    t.teardown(() => this.#codec.close())
  }

  static async start(t: Test, options: TestDevnetOptions = {}): Promise<DevnetNetwork> {
    return new DevnetNetwork(t, await startTestDevnet(t, options))
  }

  get devnet(): Devnet {
    return this.host.devnet
  }

  /** An account with coins. */
  async newAccount({ sui = plenty, wal = plenty }: Balances = {}): Promise<SuiAccount> {
    const signer = new Ed25519Keypair()
    await this.devnet.faucet(signer.toSuiAddress(), {
      ...(sui > 0n && { sui }),
      ...(wal > 0n && { wal }),
    })
    return this.openAccount(signer)
  }

  openAccount(signer: Signer | undefined): SuiAccount {
    const account = openSuiAccount({
      network: devnetParameters(this.host.status),
      signer,
      log,
      timeoutMs: 5000,
      lostAnswerMs: 3000,
    })
    this.#test.teardown(() => account.close())
    return account
  }

  openStore(account: SuiAccount, options: Partial<WalrusStoreOptions> = {}): WalrusStore {
    const store = new WalrusStore({
      account,
      codec: this.#codec,
      log,
      timeouts: { smallMs: 10_000, sliverMs: 10_000 },
      latecomerMs: 2000,
      registrationMs: 1000,
      ...options,
    })
    this.#test.teardown(() => store.close())
    return store
  }

  async newStore(balances: Balances = {}): Promise<WalrusStore> {
    return this.openStore(await this.newAccount(balances))
  }

  async advanceEpoch(count = 1): Promise<void> {
    await this.devnet.advanceEpoch(count)
  }
}
