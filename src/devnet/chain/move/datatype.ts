import type { ObjectId } from '../../../terms/object-id.ts'
import type { CompiledModule, FieldDefinition } from './compiled-module.ts'
import type { MoveModule } from './module.ts'
import type { Datatype, Field, Variant } from './types.ts'

type VariantDefinition = CompiledModule['enum_defs'][number]['variants'][number]

/** A datatype of a linked module. Its fields are resolved when first asked for: modules refer to each other. */
export class DeclaredDatatype implements Datatype {
  readonly definingId: ObjectId
  readonly originalId: ObjectId
  readonly module: string
  readonly name: string
  readonly abilities: number
  readonly typeParameters: Datatype['typeParameters']
  readonly #owner: MoveModule
  readonly #fieldDefinitions: readonly FieldDefinition[] | undefined
  readonly #variantDefinitions: readonly VariantDefinition[] | undefined
  #fields: readonly Field[] | undefined
  #variants: readonly Variant[] | undefined

  static struct(owner: MoveModule, handle: number, fields: readonly FieldDefinition[]): Datatype {
    return new DeclaredDatatype(owner, handle, fields, undefined)
  }

  static enum(owner: MoveModule, handle: number, variants: readonly VariantDefinition[]): Datatype {
    return new DeclaredDatatype(owner, handle, undefined, variants)
  }

  private constructor(
    owner: MoveModule,
    handle: number,
    fields: readonly FieldDefinition[] | undefined,
    variants: readonly VariantDefinition[] | undefined,
  ) {
    const { name, abilities, type_parameters } = owner.compiled.datatype_handles[handle]!
    this.#owner = owner
    this.#fieldDefinitions = fields
    this.#variantDefinitions = variants
    this.name = owner.identifier(name)
    this.module = owner.name
    this.abilities = abilities
    this.originalId = owner.package.stored.originalId
    this.definingId = owner.package.definingId(owner.name, this.name)
    this.typeParameters = type_parameters.map((parameter) => ({
      phantom: parameter.is_phantom,
      constraints: parameter.constraints,
    }))
  }

  get fields(): readonly Field[] | undefined {
    if (!this.#fieldDefinitions) return undefined
    return (this.#fields ??= this.#resolve(this.#fieldDefinitions))
  }

  get variants(): readonly Variant[] | undefined {
    return (this.#variants ??= this.#variantDefinitions?.map((variant) => ({
      name: this.#owner.identifier(variant.variant_name),
      fields: this.#resolve(variant.fields),
    })))
  }

  #resolve(fields: readonly FieldDefinition[]): Field[] {
    return fields.map((field) => ({
      name: this.#owner.identifier(field.name),
      type: this.#owner.type(field.signature),
    }))
  }
}
