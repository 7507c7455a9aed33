import { deserialize, serialize } from '@mysten/move-bytecode-template'
import { parseObjectId } from '../../../terms/object-id.ts'
import type { ObjectId } from '../../../terms/object-id.ts'

/** A type as bytecode writes it. */
export type SignatureToken =
  | 'Bool'
  | 'U8'
  | 'U16'
  | 'U32'
  | 'U64'
  | 'U128'
  | 'U256'
  | 'Address'
  | 'Signer'
  | { readonly Vector: SignatureToken }
  | { readonly Datatype: number }
  | { readonly DatatypeInstantiation: readonly [number, readonly SignatureToken[]] }
  | { readonly Reference: SignatureToken }
  | { readonly MutableReference: SignatureToken }
  | { readonly TypeParameter: number }

export interface FieldDefinition {
  readonly name: number
  readonly signature: SignatureToken
}

/** An opcode alone, or with its operand. */
export type Bytecode = string | Readonly<Record<string, Operand>>
export type Operand = number | bigint | readonly number[] | readonly [number, bigint | number]

export interface FunctionDefinition {
  readonly function: number
  readonly visibility: 'Private' | 'Public' | 'Friend'
  readonly is_entry: boolean
  /** Absent for natives. */
  readonly code: {
    readonly locals: number
    readonly code: readonly Bytecode[]
    readonly jump_tables: readonly { readonly jump_table: { readonly Full: readonly number[] } }[]
  } | null
}

/** A module as the bytecode format has it (move-binary-format, `CompiledModule`), as far as it is read here. */
export interface CompiledModule {
  readonly self_module_handle_idx: number
  readonly module_handles: readonly { readonly address: number; readonly name: number }[]
  readonly datatype_handles: readonly {
    readonly module: number
    readonly name: number
    readonly abilities: number
    readonly type_parameters: readonly {
      readonly constraints: number
      readonly is_phantom: boolean
    }[]
  }[]
  readonly function_handles: readonly {
    readonly module: number
    readonly name: number
    readonly parameters: number
    readonly return_: number
    readonly type_parameters: readonly number[]
  }[]
  readonly field_handles: readonly { readonly owner: number; readonly field: number }[]
  readonly struct_def_instantiations: readonly {
    readonly def: number
    readonly type_parameters: number
  }[]
  readonly function_instantiations: readonly {
    readonly handle: number
    readonly type_parameters: number
  }[]
  readonly field_instantiations: readonly {
    readonly handle: number
    readonly type_parameters: number
  }[]
  readonly signatures: readonly (readonly SignatureToken[])[]
  readonly identifiers: readonly string[]
  readonly address_identifiers: readonly string[]
  readonly constant_pool: readonly {
    readonly type_: SignatureToken
    readonly data: readonly number[]
  }[]
  readonly struct_defs: readonly {
    readonly struct_handle: number
    readonly field_information: { readonly Declared: readonly FieldDefinition[] }
  }[]
  readonly function_defs: readonly FunctionDefinition[]
  readonly enum_defs: readonly {
    readonly enum_handle: number
    readonly variants: readonly {
      readonly variant_name: number
      readonly fields: readonly FieldDefinition[]
    }[]
  }[]
  readonly enum_def_instantiations: readonly {
    readonly def: number
    readonly type_parameters: number
  }[]
  readonly variant_handles: readonly { readonly enum_def: number; readonly variant: number }[]
  readonly variant_instantiation_handles: readonly {
    readonly enum_def: number
    readonly variant: number
  }[]
}

const known = new WeakMap<Uint8Array, CompiledModule>()

/** Reads bytecode, which must not change afterwards. Throws when it is not a module. */
export function readModule(bytes: Uint8Array): CompiledModule {
  let module = known.get(bytes)
  if (!module) {
    module = deserialize(bytes) as CompiledModule
    known.set(bytes, module)
  }
  return module
}

/** The same bytecode with the module at another address. */
export function moveModule(bytes: Uint8Array, address: ObjectId): Uint8Array {
  const module = deserialize(bytes) as CompiledModule
  const self = module.module_handles[module.self_module_handle_idx]!
  const addresses = module.address_identifiers.map((old, i) =>
    i === self.address ? address.slice(2) : old,
  )
  return serialize({ ...module, address_identifiers: addresses })
}

export function moduleName(module: CompiledModule): string {
  return module.identifiers[module.module_handles[module.self_module_handle_idx]!.name]!
}

export function moduleAddress(module: CompiledModule): ObjectId {
  return addressAt(module, module.module_handles[module.self_module_handle_idx]!.address)
}

/** Addresses that a module refers to, its own among them. */
export function referencedAddresses(module: CompiledModule): ObjectId[] {
  return module.module_handles.map((handle) => addressAt(module, handle.address))
}

export function addressAt(module: CompiledModule, index: number): ObjectId {
  return parseObjectId(module.address_identifiers[index]!)
}
