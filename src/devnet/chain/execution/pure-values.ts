import { isUtf8 } from '../natives/std-natives.ts'
import { bytesOf } from '../natives/native-set.ts'
import { datatypeName, isPrimitive } from '../move/types.ts'
import type { DatatypeType, MoveType } from '../move/types.ts'
import { decodeValue } from '../move/value-codec.ts'
import { MoveVector } from '../move/values.ts'
import type { Struct, Value } from '../move/values.ts'
import { argumentError } from './argument-error.ts'

const std = `0x${'1'.padStart(64, '0')}`
const stringName = `${std}::string::String`
const asciiName = `${std}::ascii::String`
const optionName = `${std}::option::Option`
const idName = `0x${'2'.padStart(64, '0')}::object::ID`

/** The value of a pure argument. Throws an ExecutionFailure when its type cannot be pure, or the bytes are wrong. */
export function pureValue(bytes: Uint8Array, type: MoveType, argument: number): Value {
  if (!canBePure(type)) throw argumentError(argument, { kind: 'InvalidUsageOfPureArg' })
  let value: Value
  try {
    value = decodeValue(type, bytes)
  } catch {
    throw argumentError(argument, { kind: 'InvalidBCSBytes' })
  }
  if (!isWellFormed(type, value)) throw argumentError(argument, { kind: 'InvalidBCSBytes' })
  return value
}

/** Plain numbers, flags, addresses, ids and strings, and vectors and options of them. */
function canBePure(type: MoveType): boolean {
  if (type.kind === 'vector') return canBePure(type.element)
  if (type.kind === 'datatype') return isPureDatatype(type)
  return isPrimitive(type) && type.kind !== 'signer'
}

function isPureDatatype({ datatype, typeArguments }: DatatypeType): boolean {
  const name = datatypeName(datatype)
  if (name === optionName) return canBePure(typeArguments[0]!)
  return name === stringName || name === asciiName || name === idName
}

/** What BCS alone does not check: text is text, an option has at most one element. */
function isWellFormed(type: MoveType, value: Value): boolean {
  if (type.kind === 'vector')
    return !(value instanceof MoveVector) || value.items.every((i) => isWellFormed(type.element, i))
  if (type.kind !== 'datatype') return true
  const [field] = (value as Struct).fields
  const name = datatypeName(type.datatype)
  if (name === stringName) return isUtf8(bytesOf(field!))
  if (name === asciiName) return bytesOf(field!).every((byte) => byte < 128)
  if (name !== optionName) return true
  const element = type.typeArguments[0]!
  const count = (field as { length: number }).length
  return count <= 1 && isWellFormed({ kind: 'vector', element }, field!)
}
