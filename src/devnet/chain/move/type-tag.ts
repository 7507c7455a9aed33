import { ByteWriter } from './byte-writer.ts'
import { typeName } from './types.ts'
import type { DatatypeType, MoveType, Primitive } from './types.ts'

/** Sui's numbers of the kinds of type tags (move-core-types, `TypeTag`). */
const tags: Readonly<Record<Primitive | 'vector' | 'datatype', number>> = {
  bool: 0,
  u8: 1,
  u64: 2,
  u128: 3,
  address: 4,
  signer: 5,
  vector: 6,
  datatype: 7,
  u16: 8,
  u32: 9,
  u256: 10,
}

const encoded = new WeakMap<MoveType, Uint8Array>()

/** BCS of a type as Sui's `TypeTag`. */
export function typeTagBytes(type: MoveType): Uint8Array {
  let bytes = encoded.get(type)
  if (!bytes) {
    const writer = new ByteWriter()
    writeTypeTag(writer, type)
    bytes = writer.finish()
    encoded.set(type, bytes)
  }
  return bytes
}

function writeTypeTag(writer: ByteWriter, type: MoveType): void {
  if (type.kind === 'reference' || type.kind === 'parameter')
    throw new TypeError(`${typeName(type)} has no type tag`)
  writer.byte(tags[type.kind])
  if (type.kind === 'vector') writeTypeTag(writer, type.element)
  if (type.kind === 'datatype') writeStructTag(writer, type)
}

/** BCS of a datatype as Sui's `StructTag`. */
export function writeStructTag(writer: ByteWriter, type: DatatypeType): void {
  writer.address(type.datatype.definingId)
  writer.text(type.datatype.module)
  writer.text(type.datatype.name)
  writer.count(type.typeArguments.length)
  for (const argument of type.typeArguments) writeTypeTag(writer, argument)
}
