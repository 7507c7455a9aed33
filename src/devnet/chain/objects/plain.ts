import { fieldTypes, variantTypes } from '../move/value-codec.ts'
import type { DatatypeType, MoveType } from '../move/types.ts'
import { ByteVector, MoveVector, Struct, Variant } from '../move/values.ts'
import type { Value } from '../move/values.ts'

/** A Move value as people write it: structs by field names, variants as `{NAME: fields}`, bytes as they are. */
export type Plain =
  bigint | boolean | string | Uint8Array | readonly Plain[] | { readonly [field: string]: Plain }

export function plainOf(type: MoveType, value: Value): Plain {
  if (value instanceof ByteVector) return value.view()
  if (value instanceof MoveVector && type.kind === 'vector')
    return value.items.map((item) => plainOf(type.element, item))
  if (value instanceof Struct) return plainStruct(type as DatatypeType, value)
  if (value instanceof Variant) return plainVariant(type as DatatypeType, value)
  return value as bigint | boolean | string
}

function plainStruct(type: DatatypeType, { fields }: Struct): Plain {
  const types = fieldTypes(type)
  return Object.fromEntries(
    type.datatype.fields!.map(({ name }, i) => [name, plainOf(types[i]!, fields[i]!)]),
  )
}

function plainVariant(type: DatatypeType, { tag, fields }: Variant): Plain {
  const types = variantTypes(type)[tag]!
  const variant = type.datatype.variants![tag]!
  return {
    [variant.name]: Object.fromEntries(
      variant.fields.map(({ name }, i) => [name, plainOf(types[i]!, fields[i]!)]),
    ),
  }
}
