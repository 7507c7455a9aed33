import { ByteReader, ByteWriter } from './byte-writer.ts'
import { substitute, typeName } from './types.ts'
import type { DatatypeType, Field, Integer, MoveType, Variant as VariantLayout } from './types.ts'
import { ByteVector, MoveVector, Struct, Variant } from './values.ts'
import type { Value } from './values.ts'

/** Bytes of each integer type. */
export const integerSize: Readonly<Record<Integer, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  u128: 16,
  u256: 32,
}

const structFields = new WeakMap<DatatypeType, readonly MoveType[]>()
const enumFields = new WeakMap<DatatypeType, readonly (readonly MoveType[])[]>()

/** Types of a struct's fields, type arguments filled in. */
export function fieldTypes(type: DatatypeType): readonly MoveType[] {
  let fields = structFields.get(type)
  if (!fields) {
    fields = fill(type.datatype.fields ?? [], type)
    structFields.set(type, fields)
  }
  return fields
}

/** Types of each variant's fields, type arguments filled in. */
export function variantTypes(type: DatatypeType): readonly (readonly MoveType[])[] {
  let variants = enumFields.get(type)
  if (!variants) {
    variants = (type.datatype.variants ?? []).map((variant: VariantLayout) =>
      fill(variant.fields, type),
    )
    enumFields.set(type, variants)
  }
  return variants
}

function fill(fields: readonly Field[], { typeArguments }: DatatypeType): MoveType[] {
  return fields.map((field) => substitute(field.type, typeArguments))
}

/** BCS of a value. */
export function encodeValue(type: MoveType, value: Value): Uint8Array {
  const writer = new ByteWriter()
  writeValue(writer, type, value)
  return writer.finish()
}

/** The value of BCS bytes. Throws a RangeError when the bytes are not exactly one canonical value of the type. */
export function decodeValue(type: MoveType, bytes: Uint8Array): Value {
  const reader = new ByteReader(bytes)
  const value = readValue(reader, type)
  if (reader.rest > 0) throw new RangeError(`bytes after a value of ${typeName(type)}`)
  return value
}

/** Bytes of an integer; undefined for other types. */
function sizeOf(type: MoveType): number | undefined {
  return (integerSize as Readonly<Record<string, number | undefined>>)[type.kind]
}

export function writeValue(writer: ByteWriter, type: MoveType, value: Value): void {
  const size = sizeOf(type)
  if (size) return writer.integer(value as bigint, size)
  if (type.kind === 'bool') return writer.byte(value ? 1 : 0)
  if (type.kind === 'address' || type.kind === 'signer') return writer.address(value as string)
  if (type.kind === 'vector') return writeVector(writer, type.element, value)
  if (type.kind === 'datatype') return writeDatatype(writer, type, value)
  throw new TypeError(`no bytes for a value of ${typeName(type)}`)
}

function writeVector(writer: ByteWriter, element: MoveType, value: Value): void {
  if (value instanceof ByteVector) return writer.block(value.view())
  const { items } = value as MoveVector
  writer.count(items.length)
  for (const item of items) writeValue(writer, element, item)
}

function writeDatatype(writer: ByteWriter, type: DatatypeType, value: Value): void {
  if (value instanceof Variant) {
    writer.count(value.tag)
    return writeAll(writer, variantTypes(type)[value.tag]!, value.fields)
  }
  writeAll(writer, fieldTypes(type), (value as Struct).fields)
}

function writeAll(writer: ByteWriter, types: readonly MoveType[], values: readonly Value[]): void {
  for (let i = 0; i < types.length; i++) writeValue(writer, types[i]!, values[i]!)
}

export function readValue(reader: ByteReader, type: MoveType): Value {
  const size = sizeOf(type)
  if (size) return reader.integer(size)
  if (type.kind === 'bool') return readBool(reader)
  if (type.kind === 'address') return reader.address()
  if (type.kind === 'vector') return readVector(reader, type.element)
  if (type.kind === 'datatype') return readDatatype(reader, type)
  throw new TypeError(`no value of ${typeName(type)} has bytes`)
}

function readBool(reader: ByteReader): boolean {
  const byte = reader.byte()
  if (byte > 1) throw new RangeError(`not a bool: ${byte}`)
  return byte === 1
}

function readVector(reader: ByteReader, element: MoveType): Value {
  const count = reader.count()
  if (element.kind === 'u8') return new ByteVector(reader.bytes(count).slice())
  const items: Value[] = []
  for (let i = 0; i < count; i++) items.push(readValue(reader, element))
  return new MoveVector(items)
}

function readDatatype(reader: ByteReader, type: DatatypeType): Value {
  if (type.datatype.fields) return new Struct(readAll(reader, fieldTypes(type)))
  const tag = reader.count()
  const fields = variantTypes(type)[tag]
  if (!fields) throw new RangeError(`${typeName(type)} has no variant ${tag}`)
  return new Variant(tag, readAll(reader, fields))
}

function readAll(reader: ByteReader, types: readonly MoveType[]): Value[] {
  const values: Value[] = []
  for (const type of types) values.push(readValue(reader, type))
  return values
}
