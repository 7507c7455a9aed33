import { TypeTagSerializer } from '@mysten/sui/bcs'
import { LRUCache } from 'lru-cache'
import { parseObjectId } from '../../terms/object-id.ts'
import { LinkError } from './move/link-error.ts'
import type { Linker } from './move/linker.ts'
import { hasAbility } from './move/types.ts'
import type { DatatypeType, MoveType, Primitive } from './move/types.ts'

type TypeTag = ReturnType<typeof TypeTagSerializer.parseFromStr>

/** Turns names of types into types. */
export class TypeResolver {
  readonly #linker: Linker
  readonly #known = new LRUCache<string, MoveType>({ max: 4096 })

  constructor(linker: Linker) {
    this.#linker = linker
  }

  /** Throws a {@link LinkError} when a package, module or datatype is not there, or arguments do not fit it. */
  resolve(name: string): MoveType {
    let type = this.#known.get(name)
    if (!type) {
      type = this.#resolveTag(parseTag(name))
      this.#known.set(name, type)
    }
    return type
  }

  /** The type of an object. */
  resolveDatatype(name: string): DatatypeType {
    const type = this.resolve(name)
    if (type.kind !== 'datatype') throw new LinkError(`${name} is no datatype`)
    return type
  }

  #resolveTag(tag: TypeTag): MoveType {
    if ('vector' in tag) return { kind: 'vector', element: this.#resolveTag(tag.vector) }
    if (!('struct' in tag)) return { kind: Object.keys(tag)[0] as Primitive }
    const { address, module, name, typeParams } = tag.struct
    const datatype = this.#linker.datatype(parseObjectId(address), module, name)
    const typeArguments = typeParams.map((parameter) => this.#resolveTag(parameter))
    const fits =
      typeArguments.length === datatype.typeParameters.length &&
      typeArguments.every((type, i) => hasAbility(type, datatype.typeParameters[i]!.constraints))
    if (!fits) throw new LinkError(`type arguments do not fit ${module}::${name}`)
    return { kind: 'datatype', datatype, typeArguments }
  }
}

function parseTag(name: string): TypeTag {
  try {
    return TypeTagSerializer.parseFromStr(name, true)
  } catch (error) {
    throw new LinkError(`not a type: ${name}`, { cause: error })
  }
}
