import { createHash } from 'node:crypto'
import type { NativeCall } from '../move/machine.ts'
import { encodeValue } from '../move/value-codec.ts'
import { typeName } from '../move/types.ts'
import type { MoveType } from '../move/types.ts'
import { Struct } from '../move/values.ts'
import type { Reference, Value } from '../move/values.ts'
import { byteVector, bytesAt, bytesOf } from './native-set.ts'
import type { NativeTable } from './native-set.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Whether bytes are well-formed UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes)
    return true
  } catch {
    return false
  }
}

function isBoundary(bytes: Uint8Array, at: number): boolean {
  return at === bytes.length || (at < bytes.length && (bytes[at]! & 0xc0) !== 0x80)
}

function digest(algorithm: string, data: Uint8Array): Value {
  return byteVector(createHash(algorithm).update(data).digest())
}

/** `std::type_name::TypeName`: ids in full without `0x`. */
function nameOfType({ typeArguments }: NativeCall): readonly Value[] {
  const text = typeName(typeArguments[0]!).replaceAll('0x', '')
  return [new Struct([new Struct([byteVector(Buffer.from(text))])])]
}

/** Values as the log shows them. */
function show(type: MoveType, value: Value): string {
  return `${typeName(type)} ${Buffer.from(encodeValue(type, value)).toString('hex')}`
}

/** Native functions of `std` (0x1). */
export const stdNatives: NativeTable = {
  'bcs::to_bytes': ({ typeArguments, meter }, reference) => {
    const bytes = encodeValue(typeArguments[0]!, (reference as Reference).get())
    meter.charge(bytes.length)
    return [byteVector(bytes)]
  },
  'hash::sha2_256': (_, data) => [digest('sha256', bytesOf(data!))],
  'hash::sha3_256': (_, data) => [digest('sha3-256', bytesOf(data!))],
  'string::internal_check_utf8': (_, text) => [isUtf8(bytesAt(text!))],
  'string::internal_is_char_boundary': (_, text, at) => [isBoundary(bytesAt(text!), Number(at))],
  'string::internal_sub_string': (_, text, from, to) => [
    byteVector(bytesAt(text!).slice(Number(from), Number(to))),
  ],
  'string::internal_index_of': (_, text, wanted) => {
    const bytes = bytesAt(text!)
    const found = Buffer.from(bytes).indexOf(bytesAt(wanted!))
    return [BigInt(found < 0 ? bytes.length : found)]
  },
  'type_name::get': nameOfType,
  'type_name::with_defining_ids': nameOfType,
  'type_name::with_original_ids': nameOfType,
  'type_name::get_with_original_ids': nameOfType,
  'debug::print': ({ session, typeArguments }, reference) => {
    session.print(show(typeArguments[0]!, (reference as Reference).get()))
    return []
  },
}
