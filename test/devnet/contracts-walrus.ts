import { createHash } from 'node:crypto'
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { bcs } from '@mysten/sui/bcs'
import { coinWithBalance } from '@mysten/sui/transactions'
import type { Transaction, TransactionObjectArgument } from '@mysten/sui/transactions'
import { WalrusClient } from '@mysten/walrus'
import { blake2b256 } from '../../src/devnet/chain/blake2b.ts'
import { walrusPackage } from '../../src/devnet/contracts/addresses.ts'
import type { Chain } from '../../src/devnet/chain-view.ts'
import { createdOf, testNodes } from './chain-start.ts'
import type { Account } from './chain-start.ts'

const signatures = bls12_381.longSignatures
const blsDomain = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_'

/** A blob that nobody has: its root hash is made up, its id is right. */
export interface TestBlob {
  readonly root: bigint
  readonly size: number
  readonly id: bigint
  readonly idBytes: Uint8Array
}

export function testBlob(name: string, size = 1000): TestBlob {
  const rootBytes = createHash('sha256').update(name).digest()
  const derivation = Buffer.alloc(9)
  derivation[0] = 1
  derivation.writeBigUInt64LE(BigInt(size), 1)
  const idBytes = blake2b256(derivation, rootBytes)
  return { root: numberOf(rootBytes), size, id: numberOf(idBytes), idBytes }
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

/** Encoded bytes of a blob on 32 shards: f = 10, 12 rows, 22 columns. */
export function encodedSize(size: number): number {
  let symbol = Math.floor((Math.max(size, 1) - 1) / (12 * 22)) + 1
  if (symbol % 2 === 1) symbol++
  return 32 * ((12 + 22) * symbol + 32 * 64 + 32)
}

export interface Certificate {
  readonly signature: Uint8Array
  readonly bitmap: Uint8Array
  readonly message: Uint8Array
}

export interface ConfirmationChanges {
  readonly epoch?: number
  readonly intent?: readonly number[]
  readonly idBytes?: Uint8Array
  readonly signers?: readonly number[]
  /** Who the bitmap says has signed. */
  readonly claimed?: readonly number[]
}

/** What nodes sign together: by default the first three of four. Indices are those of the committee. */
export function certificateFor(
  chain: Chain,
  blob: TestBlob,
  objectId: string | undefined,
  changes: ConfirmationChanges = {},
): Certificate {
  const body = objectId ? [1, ...bcs.Address.serialize(objectId).toBytes()] : [0]
  const epoch = bcs
    .u32()
    .serialize(changes.epoch ?? chain.view.epoch)
    .toBytes()
  const message = Uint8Array.from([
    ...(changes.intent ?? [1, 0, 3]),
    ...epoch,
    ...(changes.idBytes ?? blob.idBytes),
    ...body,
  ])
  const signers = changes.signers ?? [0, 1, 2]
  const hashed = signatures.hash(message, blsDomain)
  const parts = signers.map((i) => signatures.sign(hashed, secretOf(chain, i)))
  const signature = signatures.aggregateSignatures(parts).toBytes(true)
  return { signature, bitmap: bitmapOf(changes.claimed ?? signers), message }
}

export function bitmapOf(signers: readonly number[]): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil((Math.max(0, ...signers) + 1) / 8))
  for (const i of signers) bitmap[i >> 3]! |= 1 << (i & 7)
  return bitmap
}

function secretOf(chain: Chain, index: number): Uint8Array {
  const { name } = chain.view.committee().members[index]!
  return testNodes(chain.view.committee().members.length).find((node) => node.name === name)!
    .secretKey
}

export interface Registration {
  readonly epochs?: number
  readonly deletable?: boolean
  readonly storage?: number
  readonly id?: bigint
  readonly encoding?: number
}

const target = (path: string) => `${walrusPackage}::${path}`

/** Calls of the contracts in a transaction. */
export class WalrusCalls {
  readonly #tx: Transaction
  readonly #chain: Chain

  constructor(tx: Transaction, chain: Chain) {
    this.#tx = tx
    this.#chain = chain
  }

  /** WAL to pay with; what is left goes back by `spend`. */
  wal(amount: bigint): TransactionObjectArgument {
    return this.#tx.add(coinWithBalance({ type: this.#chain.walType, balance: amount }))
  }

  reserve(amount: number | bigint, epochs: number, payment: TransactionObjectArgument) {
    return this.#call('system::reserve_space', [
      this.#system(),
      this.#tx.pure.u64(amount),
      this.#tx.pure.u32(epochs),
      payment,
    ])
  }

  register(
    storage: TransactionObjectArgument,
    blob: TestBlob,
    payment: TransactionObjectArgument,
    { deletable = true, id = blob.id, encoding = 1 }: Registration = {},
  ) {
    const { pure } = this.#tx
    return this.#call('system::register_blob', [
      this.#system(),
      storage,
      pure.u256(id),
      pure.u256(blob.root),
      pure.u64(blob.size),
      pure.u8(encoding),
      pure.bool(deletable),
      payment,
    ])
  }

  certify(blob: TransactionObjectArgument | string, certificate: Certificate) {
    const { pure } = this.#tx
    return this.#call('system::certify_blob', [
      this.#system(),
      this.#object(blob),
      pure.vector('u8', certificate.signature),
      pure.vector('u8', certificate.bitmap),
      pure.vector('u8', certificate.message),
    ])
  }

  extend(blob: string, epochs: number, payment: TransactionObjectArgument) {
    return this.#call('system::extend_blob', [
      this.#system(),
      this.#object(blob),
      this.#tx.pure.u32(epochs),
      payment,
    ])
  }

  delete(blob: string) {
    return this.#call('system::delete_blob', [this.#system(), this.#object(blob)])
  }

  call(path: string, args: TransactionObjectArgument[]) {
    return this.#call(path, args)
  }

  #call(path: string, args: TransactionObjectArgument[]) {
    return this.#tx.moveCall({ target: target(path), arguments: args })
  }

  #system() {
    return this.#tx.object(this.#chain.systemObjectId)
  }

  #object(object: TransactionObjectArgument | string) {
    return typeof object === 'string' ? this.#tx.object(object) : object
  }
}

/** Buys storage for a blob and registers it; the blob object stays with the account. */
export async function registerBlob(
  chain: Chain,
  account: Account,
  blob: TestBlob,
  options: Registration = {},
): Promise<string> {
  const result = await account.succeed((tx) => {
    const walrus = new WalrusCalls(tx, chain)
    const wal = walrus.wal(10n ** 9n)
    const amount = options.storage ?? encodedSize(blob.size)
    const storage = walrus.reserve(amount, options.epochs ?? 3, wal)
    const object = walrus.register(storage, blob, wal, options)
    tx.transferObjects([object, wal], account.address)
  })
  return createdOf(result, '::blob::Blob')[0]!
}

export async function certifyBlob(
  chain: Chain,
  account: Account,
  object: string,
  certificate: Certificate,
) {
  return await account.succeed((tx) => {
    new WalrusCalls(tx, chain).certify(object, certificate)
  })
}

export function walrusClient(chain: Chain, account: Account): WalrusClient {
  return new WalrusClient({
    packageConfig: { systemObjectId: chain.systemObjectId, stakingPoolId: chain.stakingPoolId },
    suiClient: account.client,
    storageNodeUrlScheme: 'http',
  })
}

export async function walOf(chain: Chain, { client, address }: Account): Promise<bigint> {
  const { balance } = await client.getBalance({ owner: address, coinType: chain.walType })
  return BigInt(balance.balance)
}
