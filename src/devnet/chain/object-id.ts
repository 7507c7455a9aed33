import type { ObjectId } from '../../terms/object-id.ts'
import { blake2b256 } from './blake2b.ts'
import { ByteWriter } from './move/byte-writer.ts'
import { typeTagBytes } from './move/type-tag.ts'
import type { MoveType } from './move/types.ts'

/** Sui's marks in front of what an object id is the hash of (sui-types, `HashingIntentScope`). */
const childMark = 0xf0
const regularMark = 0xf1

/** The id of the n-th object that a transaction makes. The digest has 32 bytes. */
export function createdObjectId(transactionDigest: Uint8Array, n: bigint): ObjectId {
  const writer = new ByteWriter(41)
  writer.byte(regularMark)
  writer.bytes(transactionDigest)
  writer.integer(n, 8)
  return hashed(writer)
}

/** The id of the field that hangs on a parent by a name of a type; `name` is its BCS. */
export function dynamicFieldId(parent: ObjectId, type: MoveType, name: Uint8Array): ObjectId {
  const writer = new ByteWriter()
  writer.byte(childMark)
  writer.address(parent)
  writer.integer(BigInt(name.length), 8)
  writer.bytes(name)
  writer.bytes(typeTagBytes(type))
  return hashed(writer)
}

function hashed(writer: ByteWriter): ObjectId {
  return `0x${Buffer.from(blake2b256(writer.finish())).toString('hex')}` as ObjectId
}
