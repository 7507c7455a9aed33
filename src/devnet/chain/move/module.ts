import type { ObjectId } from '../../../terms/object-id.ts'
import { addressAt, moduleName } from './compiled-module.ts'
import type { CompiledModule, FunctionDefinition, SignatureToken } from './compiled-module.ts'
import { DeclaredDatatype } from './datatype.ts'
import { LinkError } from './link-error.ts'
import type { LinkedPackage } from './linker.ts'
import { decodeValue } from './value-codec.ts'
import type { Datatype, MoveType, Primitive } from './types.ts'
import type { Value } from './values.ts'

/** A function of a linked module. */
export interface MoveFunction {
  readonly module: MoveModule
  readonly name: string
  /** Its place among the module's definitions, which abort locations name. */
  readonly index: number
  readonly visibility: 'private' | 'public' | 'friend'
  readonly isEntry: boolean
  /** Constraints of each type parameter, as ability bits. */
  readonly typeParameters: readonly number[]
  readonly parameters: readonly MoveType[]
  readonly returns: readonly MoveType[]
  /** Absent for natives. */
  readonly code: FunctionDefinition['code']
}

/** A module in a linked package: names and tokens of its bytecode resolved to what they stand for. */
export class MoveModule {
  readonly package: LinkedPackage
  readonly compiled: CompiledModule
  readonly name: string
  readonly #functions = new Map<string, MoveFunction>()
  readonly #datatypes = new Map<string, Datatype>()
  readonly #handles: (MoveFunction | undefined)[] = []
  readonly #signatures: (readonly MoveType[] | undefined)[] = []
  readonly #constants: (Value | undefined)[] = []

  constructor(owner: LinkedPackage, compiled: CompiledModule) {
    this.package = owner
    this.compiled = compiled
    this.name = moduleName(compiled)
    for (const { struct_handle, field_information } of compiled.struct_defs)
      this.#declare(struct_handle, (module) =>
        DeclaredDatatype.struct(module, struct_handle, field_information.Declared ?? []),
      )
    for (const { enum_handle, variants } of compiled.enum_defs)
      this.#declare(enum_handle, (module) => DeclaredDatatype.enum(module, enum_handle, variants))
    compiled.function_defs.forEach((definition, index) => this.#define(definition, index))
  }

  get functions(): Iterable<MoveFunction> {
    return this.#functions.values()
  }

  get datatypes(): Iterable<Datatype> {
    return this.#datatypes.values()
  }

  function(name: string): MoveFunction | undefined {
    return this.#functions.get(name)
  }

  datatype(name: string): Datatype | undefined {
    return this.#datatypes.get(name)
  }

  identifier(index: number): string {
    return this.compiled.identifiers[index]!
  }

  /** The function behind a handle, in whatever module it is. */
  functionAt(handle: number): MoveFunction {
    return (this.#handles[handle] ??= this.#resolveFunction(handle))
  }

  /** The datatype behind a handle, in whatever module it is. */
  datatypeAt(handle: number): Datatype {
    const { module, name } = this.compiled.datatype_handles[handle]!
    const found = this.#moduleAt(module).datatype(this.identifier(name))
    if (!found)
      throw new LinkError(`no datatype ${this.identifier(name)} in ${this.#nameOf(module)}`)
    return found
  }

  /** The types of a signature. */
  signature(index: number): readonly MoveType[] {
    return (this.#signatures[index] ??= this.compiled.signatures[index]!.map((token) =>
      this.type(token),
    ))
  }

  /** A constant. The caller copies what it changes. */
  constant(index: number): Value {
    const { type_: token, data } = this.compiled.constant_pool[index]!
    return (this.#constants[index] ??= decodeValue(this.type(token), Uint8Array.from(data)))
  }

  type(token: SignatureToken): MoveType {
    if (typeof token === 'string') return primitive(token)
    if ('Vector' in token) return { kind: 'vector', element: this.type(token.Vector) }
    if ('TypeParameter' in token) return { kind: 'parameter', index: token.TypeParameter }
    if ('Reference' in token) return this.#reference(token.Reference, false)
    if ('MutableReference' in token) return this.#reference(token.MutableReference, true)
    if ('Datatype' in token)
      return { kind: 'datatype', datatype: this.datatypeAt(token.Datatype), typeArguments: [] }
    const [handle, typeArguments] = token.DatatypeInstantiation
    return {
      kind: 'datatype',
      datatype: this.datatypeAt(handle),
      typeArguments: typeArguments.map((argument) => this.type(argument)),
    }
  }

  /** Resolves everything that the module names. Throws a {@link LinkError} when something is not there. */
  resolveAll(): void {
    this.compiled.function_handles.forEach((_, handle) => this.functionAt(handle))
    this.compiled.datatype_handles.forEach((_, handle) => this.datatypeAt(handle))
  }

  #reference(token: SignatureToken, mutable: boolean): MoveType {
    return { kind: 'reference', mutable, target: this.type(token) }
  }

  #declare(handle: number, make: (module: MoveModule) => Datatype): void {
    const datatype = make(this)
    this.#datatypes.set(this.identifier(this.compiled.datatype_handles[handle]!.name), datatype)
  }

  #define(definition: FunctionDefinition, index: number): void {
    const handle = this.compiled.function_handles[definition.function]!
    const signatureOf = (at: number) => this.signature(at)
    const name = this.identifier(handle.name)
    this.#functions.set(name, {
      module: this,
      name,
      index,
      visibility: ({ Private: 'private', Public: 'public', Friend: 'friend' } as const)[
        definition.visibility
      ],
      isEntry: definition.is_entry,
      typeParameters: handle.type_parameters,
      get parameters() {
        return signatureOf(handle.parameters)
      },
      get returns() {
        return signatureOf(handle.return_)
      },
      code: definition.code,
    })
  }

  #resolveFunction(at: number): MoveFunction {
    const handle = this.compiled.function_handles[at]!
    const name = this.identifier(handle.name)
    const found = this.#moduleAt(handle.module).function(name)
    if (!found) throw new LinkError(`no function ${name} in ${this.#nameOf(handle.module)}`)
    return found
  }

  #moduleAt(handle: number): MoveModule {
    const { address, name } = this.compiled.module_handles[handle]!
    const owner = this.package.dependency(addressAt(this.compiled, address))
    const found = owner?.module(this.identifier(name))
    if (!found) throw new LinkError(`no module ${this.#nameOf(handle)}`)
    return found
  }

  #nameOf(handle: number): `${ObjectId}::${string}` {
    const { address, name } = this.compiled.module_handles[handle]!
    return `${addressAt(this.compiled, address)}::${this.identifier(name)}`
  }
}

function primitive(token: string): MoveType {
  return { kind: token.toLowerCase() as Primitive }
}
