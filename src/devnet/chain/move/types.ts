import type { ObjectId } from '../../../terms/object-id.ts'

export type Integer = 'u8' | 'u16' | 'u32' | 'u64' | 'u128' | 'u256'
export type Primitive = Integer | 'bool' | 'address' | 'signer'

/** A type of Move. Inside a generic function or datatype, parameters stand for what the caller chooses. */
export type MoveType =
  | PrimitiveType
  | { readonly kind: 'vector'; readonly element: MoveType }
  | DatatypeType
  | { readonly kind: 'reference'; readonly mutable: boolean; readonly target: MoveType }
  | { readonly kind: 'parameter'; readonly index: number }

export interface PrimitiveType {
  readonly kind: Primitive
}

/** A struct or enum with its type arguments. */
export interface DatatypeType {
  readonly kind: 'datatype'
  readonly datatype: Datatype
  readonly typeArguments: readonly MoveType[]
}

/** Abilities as bits, as the bytecode has them. */
export const Ability = { copy: 1, drop: 2, store: 4, key: 8 } as const
export const allAbilities = 15

export interface Field {
  readonly name: string
  readonly type: MoveType
}

export interface Variant {
  readonly name: string
  readonly fields: readonly Field[]
}

/** A struct or enum as declared. */
export interface Datatype {
  /** The package version that introduced it: part of its name for ever. */
  readonly definingId: ObjectId
  /** The first version of its package. */
  readonly originalId: ObjectId
  readonly module: string
  readonly name: string
  readonly abilities: number
  readonly typeParameters: readonly { readonly phantom: boolean; readonly constraints: number }[]
  /** Fields of a struct; undefined for an enum. */
  readonly fields: readonly Field[] | undefined
  /** Variants of an enum; undefined for a struct. */
  readonly variants: readonly Variant[] | undefined
}

export const boolType: MoveType = { kind: 'bool' }
export const u8Type: MoveType = { kind: 'u8' }
export const u64Type: MoveType = { kind: 'u64' }
export const addressType: MoveType = { kind: 'address' }
export const bytesType: MoveType = { kind: 'vector', element: u8Type }

const primitives: ReadonlySet<string> = new Set<Primitive>([
  'bool',
  'address',
  'signer',
  'u8',
  'u16',
  'u32',
  'u64',
  'u128',
  'u256',
])

export function isPrimitive(type: MoveType): type is PrimitiveType {
  return primitives.has(type.kind)
}

/** Replaces type parameters by type arguments. */
export function substitute(type: MoveType, typeArguments: readonly MoveType[]): MoveType {
  if (typeArguments.length === 0 || isPrimitive(type)) return type
  switch (type.kind) {
    case 'parameter': {
      const argument = typeArguments[type.index]
      if (!argument) throw new RangeError(`no type argument ${type.index}`)
      return argument
    }
    case 'vector':
      return { kind: 'vector', element: substitute(type.element, typeArguments) }
    case 'reference':
      return { ...type, target: substitute(type.target, typeArguments) }
    case 'datatype':
      if (type.typeArguments.length === 0) return type
      return {
        kind: 'datatype',
        datatype: type.datatype,
        typeArguments: type.typeArguments.map((argument) => substitute(argument, typeArguments)),
      }
  }
}

const names = new WeakMap<MoveType, string>()

/** The canonical name, ids in full: equal for equal types only. */
export function typeName(type: MoveType): string {
  let name = names.get(type)
  if (name === undefined) {
    name = spell(type)
    names.set(type, name)
  }
  return name
}

function spell(type: MoveType): string {
  if (isPrimitive(type)) return type.kind
  switch (type.kind) {
    case 'vector':
      return `vector<${typeName(type.element)}>`
    case 'reference':
      return `&${type.mutable ? 'mut ' : ''}${typeName(type.target)}`
    case 'parameter':
      return `T${type.index}`
    case 'datatype':
      return `${datatypeName(type.datatype)}${spellArguments(type.typeArguments)}`
  }
}

function spellArguments(types: readonly MoveType[]): string {
  return types.length === 0 ? '' : `<${types.map(typeName).join(',')}>`
}

/** `0x…::module::Name`. */
export function datatypeName(datatype: Datatype): string {
  return `${datatype.definingId}::${datatype.module}::${datatype.name}`
}

export function sameType(a: MoveType, b: MoveType): boolean {
  return a === b || typeName(a) === typeName(b)
}

/** What may be done with values of a type, as bits of {@link Ability}. References count as copyable and droppable. */
export function abilitiesOf(type: MoveType): number {
  if (type.kind === 'signer') return Ability.drop
  if (isPrimitive(type)) return Ability.copy | Ability.drop | Ability.store
  switch (type.kind) {
    case 'vector':
      return (Ability.copy | Ability.drop | Ability.store) & abilitiesOf(type.element)
    case 'reference':
      return Ability.copy | Ability.drop
    case 'parameter':
      return allAbilities
    case 'datatype':
      return datatypeAbilities(type)
  }
}

function datatypeAbilities({ datatype, typeArguments }: DatatypeType): number {
  let abilities = datatype.abilities
  typeArguments.forEach((argument, i) => {
    if (datatype.typeParameters[i]?.phantom) return
    const has = abilitiesOf(argument)
    const allows = (has & ~Ability.key) | (has & Ability.store ? Ability.key : 0)
    abilities &= allows
  })
  return abilities
}

export function hasAbility(type: MoveType, ability: number): boolean {
  return (abilitiesOf(type) & ability) === ability
}
