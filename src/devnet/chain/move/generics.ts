import type { MoveModule } from './module.ts'
import { substitute } from './types.ts'
import type { DatatypeType, Field, MoveType, Variant } from './types.ts'

/** The struct behind a definition. */
export function structAt(module: MoveModule, definition: number): DatatypeType {
  const { struct_handle } = module.compiled.struct_defs[definition]!
  return { kind: 'datatype', datatype: module.datatypeAt(struct_handle), typeArguments: [] }
}

/** The struct behind an instantiation of a definition. */
export function genericStructAt(module: MoveModule, instantiation: number): DatatypeType {
  const { def, type_parameters } = module.compiled.struct_def_instantiations[instantiation]!
  return { ...structAt(module, def), typeArguments: module.signature(type_parameters) }
}

/** A struct's field, and its type with the struct's arguments filled in. */
export function fieldAt(module: MoveModule, handle: number): { index: number; type: MoveType } {
  const { owner, field } = module.compiled.field_handles[handle]!
  return { index: field, type: structAt(module, owner).datatype.fields![field]!.type }
}

export function genericFieldAt(
  module: MoveModule,
  instantiation: number,
): { index: number; type: MoveType } {
  const { handle, type_parameters } = module.compiled.field_instantiations[instantiation]!
  const { index, type } = fieldAt(module, handle)
  return { index, type: substitute(type, module.signature(type_parameters)) }
}

/** One variant of an enum: its place and layout, and the enum's type. */
export interface VariantAt {
  readonly tag: number
  readonly variant: Variant
  readonly type: DatatypeType
}

export function variantAt(module: MoveModule, handle: number): VariantAt {
  const { enum_def, variant } = module.compiled.variant_handles[handle]!
  return enumVariant(module, enum_def, variant, [])
}

export function genericVariantAt(module: MoveModule, handle: number): VariantAt {
  const { enum_def, variant } = module.compiled.variant_instantiation_handles[handle]!
  const { def, type_parameters } = module.compiled.enum_def_instantiations[enum_def]!
  return enumVariant(module, def, variant, module.signature(type_parameters))
}

function enumVariant(
  module: MoveModule,
  definition: number,
  tag: number,
  typeArguments: readonly MoveType[],
): VariantAt {
  const { enum_handle } = module.compiled.enum_defs[definition]!
  const datatype = module.datatypeAt(enum_handle)
  const variant = datatype.variants![tag]!
  return { tag, variant, type: { kind: 'datatype', datatype, typeArguments } }
}

/** Types of fields with a datatype's arguments filled in. */
export function filled(fields: readonly Field[], { typeArguments }: DatatypeType): MoveType[] {
  return fields.map((field) => substitute(field.type, typeArguments))
}
