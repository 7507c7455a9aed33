import type { ObjectId } from '../../../terms/object-id.ts'
import type { MovePackage } from '../move/package.ts'
import type { Owner } from '../move/session.ts'

interface Stored {
  readonly id: ObjectId
  readonly version: bigint
  /** Base58, of the object's BCS. */
  readonly digest: string
  readonly owner: Owner
  /** Base58 digest of the transaction that wrote this version. */
  readonly previousTransaction: string
  /** MIST that come back, less one percent, when it is rewritten or deleted. */
  readonly storageRebate: bigint
}

/** A Move value with an id of its own. */
export interface MoveObject extends Stored {
  readonly kind: 'object'
  /** Canonical name. */
  readonly type: string
  /** BCS of the value. */
  readonly contents: Uint8Array
}

export interface PackageObject extends Stored {
  readonly kind: 'package'
  readonly package: MovePackage
}

/** One version of what the chain stores. Never changed. */
export type StoredObject = MoveObject | PackageObject

/** Names one version exactly. */
export interface ObjectRef {
  readonly objectId: string
  readonly version: string
  readonly digest: string
}

export function refOf(object: StoredObject): ObjectRef {
  return { objectId: object.id, version: String(object.version), digest: object.digest }
}

const suiFramework = `0x${'2'.padStart(64, '0')}` as ObjectId
const coinPrefix = `${suiFramework}::coin::Coin<`

/** The currency of SUI. */
export const suiType = `${suiFramework}::sui::SUI`
export const suiCoinType = `${coinPrefix}${suiType}>`

/** The type of a coin of a currency. */
export function coinTypeOf(currency: string): string {
  return `${coinPrefix}${currency}>`
}

/** The currency of a coin type; undefined for other types. */
export function currencyOf(type: string): string | undefined {
  return type.startsWith(coinPrefix) ? type.slice(coinPrefix.length, -1) : undefined
}

/** The amount in a coin: `Coin { id, balance: Balance { value: u64 } }`. */
export function coinValue(coin: MoveObject): bigint {
  const { contents } = coin
  return Buffer.from(contents.buffer, contents.byteOffset, contents.length).readBigUInt64LE(32)
}
