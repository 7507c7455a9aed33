import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { SuiGrpcClient } from '@mysten/sui/grpc'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { Transaction } from '@mysten/sui/transactions'
import type { Test } from 'tap'
import { openChain } from '../../src/devnet/chain/open-chain.ts'
import type { Chain, ChainOptions, NodeIdentity } from '../../src/devnet/chain-view.ts'
import { silentLog } from '../../src/runtime/log.ts'

/** A storage node that exists for the chain alone, and can sign. */
export interface TestNode extends NodeIdentity {
  readonly secretKey: Uint8Array
}

/** Nodes with equal shards and small keys. */
export function testNodes(count = 4, shardsEach = 8): TestNode[] {
  return Array.from({ length: count }, (_, i) => {
    const secretKey = new Uint8Array(32)
    secretKey.set([1 + (i >> 8), 1 + (i & 255)], 30)
    return {
      name: `node-${i}`,
      address: `127.0.0.1:${20_000 + i}`,
      publicKey: bls12_381.longSignatures.getPublicKey(secretKey).toBytes(true),
      networkKey: new Uint8Array(33).fill(2),
      shards: Array.from({ length: shardsEach }, (_unused, j) => i * shardsEach + j),
      secretKey,
    }
  })
}

export function chainOptions(directory: string, changes: Partial<ChainOptions> = {}): ChainOptions {
  return {
    directory,
    port: 0,
    nodes: testNodes(),
    prices: { storage: 100n, write: 50n },
    epochDurationMs: 86_400_000,
    maxEpochsAhead: 53,
    log: silentLog,
    ...changes,
  }
}

/** A directory that is gone after the test. */
export function temporaryDirectory(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'chain-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Somebody with coins and a client. */
export class Account {
  readonly keypair = new Ed25519Keypair()
  readonly address = this.keypair.toSuiAddress()
  readonly client: SuiGrpcClient

  constructor(chain: Chain) {
    this.client = clientOf(chain)
  }

  /** Builds, signs and executes. The result tells whether it failed. */
  async run(build: (transaction: Transaction) => void) {
    const transaction = new Transaction()
    transaction.setSender(this.address)
    build(transaction)
    return await this.client.core.signAndExecuteTransaction({
      transaction,
      signer: this.keypair,
      include: { effects: true, events: true, objectTypes: true, balanceChanges: true },
    })
  }

  /** Like `run`, but a failure is thrown. */
  async succeed(build: (transaction: Transaction) => void) {
    const result = await this.run(build)
    if (result.$kind === 'Transaction') return result.Transaction
    throw new Error(result.FailedTransaction.status.error?.message)
  }
}

export function clientOf(chain: Chain, format: 'text' | 'binary' = 'text'): SuiGrpcClient {
  return new SuiGrpcClient({ network: 'localnet', baseUrl: chain.url, format })
}

/** A chain of its own, closed after the test. */
export async function startChain(t: Test, changes: Partial<ChainOptions> = {}): Promise<Chain> {
  const chain = await openChain(chainOptions(temporaryDirectory(t), changes))
  t.teardown(() => chain.close())
  return chain
}

/** An account with 1000 SUI and 1000 WAL. */
export async function fundedAccount(chain: Chain): Promise<Account> {
  const account = new Account(chain)
  await chain.faucet(account.address, { sui: 10n ** 12n, wal: 10n ** 12n })
  return account
}

/** Ids of objects of a type that a transaction created. */
export function createdOf(
  result: Awaited<ReturnType<Account['succeed']>>,
  typeEnd: string,
): string[] {
  const created = new Set(
    result
      .effects!.changedObjects.filter(
        (change) => change.idOperation === 'Created' && change.outputState === 'ObjectWrite',
      )
      .map((change) => change.objectId),
  )
  return Object.entries(result.objectTypes!)
    .filter(([id, type]) => created.has(id) && type.endsWith(typeEnd))
    .map(([id]) => id)
}
