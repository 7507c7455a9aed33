import { fromBase58, toBase58 } from '@mysten/sui/utils'
import { blake2b256 } from '../blake2b.ts'
import { ByteWriter } from '../move/byte-writer.ts'
import type { MovePackage } from '../move/package.ts'
import type { Owner } from '../move/session.ts'
import { typeTagBytes, writeStructTag } from '../move/type-tag.ts'
import { Ability, hasAbility, typeName } from '../move/types.ts'
import type { DatatypeType } from '../move/types.ts'
import { currencyOf, suiCoinType } from './object.ts'

/** What an object is before it has a digest. */
export interface ObjectParts {
  readonly version: bigint
  readonly owner: Owner
  readonly previousTransaction: string
  readonly storageRebate: bigint
  readonly data:
    | { readonly type: DatatypeType; readonly contents: Uint8Array }
    | { readonly package: MovePackage }
}

/** BCS of Sui's `Object`. */
export function objectBytes(parts: ObjectParts): Uint8Array {
  const writer = new ByteWriter(512)
  if ('package' in parts.data) {
    writer.byte(1)
    writePackage(writer, parts.data.package)
  } else {
    const { type, contents } = parts.data
    writer.byte(0)
    writeMoveObjectType(writer, type)
    writer.byte(hasAbility(type, Ability.store) ? 1 : 0)
    writer.integer(parts.version, 8)
    writer.block(contents)
  }
  writeOwner(writer, parts.owner)
  writer.block(fromBase58(parts.previousTransaction))
  writer.integer(parts.storageRebate, 8)
  return writer.finish()
}

/** Base58 of the hash of a value of a named type, as Sui signs and digests them. */
export function digestOf(name: string, bytes: Uint8Array): string {
  return toBase58(blake2b256(Buffer.from(`${name}::`), bytes))
}

export function objectDigest(parts: ObjectParts): string {
  return digestOf('Object', objectBytes(parts))
}

/** Sui writes the types of coins in a shorter form. */
function writeMoveObjectType(writer: ByteWriter, type: DatatypeType): void {
  const name = typeName(type)
  if (name === suiCoinType) return writer.byte(1)
  if (currencyOf(name) === undefined) {
    writer.byte(0)
    return writeStructTag(writer, type)
  }
  writer.byte(3)
  writer.bytes(typeTagBytes(type.typeArguments[0]!))
}

function writeOwner(writer: ByteWriter, owner: Owner): void {
  switch (owner.kind) {
    case 'address':
      writer.byte(0)
      return writer.address(owner.address)
    case 'object':
      writer.byte(1)
      return writer.address(owner.parent)
    case 'shared':
      writer.byte(2)
      return writer.integer(owner.initialVersion, 8)
    case 'immutable':
      return writer.byte(3)
  }
}

function writePackage(writer: ByteWriter, stored: MovePackage): void {
  writer.address(stored.id)
  writer.integer(stored.version, 8)
  writer.count(stored.modules.size)
  for (const [name, bytes] of stored.modules) {
    writer.text(name)
    writer.block(bytes)
  }
  writer.count(stored.typeOrigins.length)
  for (const origin of stored.typeOrigins) {
    writer.text(origin.module)
    writer.text(origin.datatype)
    writer.address(origin.package)
  }
  const linkage = [...stored.linkage].sort(([a], [b]) => (a < b ? -1 : 1))
  writer.count(linkage.length)
  for (const [original, { id, version }] of linkage) {
    writer.address(original)
    writer.address(id)
    writer.integer(version, 8)
  }
}

/** Bytes that Sui charges storage for (sui-types, `object_size_for_gas_metering`). */
export function chargedSize(data: ObjectParts['data']): number {
  return 80 + ('package' in data ? packageSize(data.package) : moveObjectSize(data))
}

function moveObjectSize({ type, contents }: { type: DatatypeType; contents: Uint8Array }): number {
  const writer = new ByteWriter()
  writeMoveObjectType(writer, type)
  return contents.length + writer.length + 9
}

function packageSize(stored: MovePackage): number {
  const modules = [...stored.modules].map(([name, bytes]) => name.length + bytes.length)
  const origins = stored.typeOrigins.map((o) => o.module.length + o.datatype.length + 32)
  return [...modules, ...origins, 72 * stored.linkage.size].reduce((sum, n) => sum + n, 8)
}
