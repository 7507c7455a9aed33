import type { ObjectId } from '../../../terms/object-id.ts'
import { readModule } from './compiled-module.ts'
import { LinkError } from './link-error.ts'
import { MoveModule } from './module.ts'
import type { MovePackage } from './package.ts'
import type { Datatype } from './types.ts'

type Loader = (id: ObjectId) => MovePackage | undefined
/** Original ids to the versions that a transaction's root package runs with. */
type Context = ReadonlyMap<ObjectId, ObjectId>

/** A package together with the versions of the packages that it runs with. */
export interface LinkedPackage {
  readonly stored: MovePackage
  module(name: string): MoveModule | undefined
  /** The package that bytecode here calls by an original id; itself by its own. */
  dependency(originalId: ObjectId): LinkedPackage | undefined
  /** The version that introduced a datatype of this package. */
  definingId(module: string, datatype: string): ObjectId
  readonly moduleNames: readonly string[]
}

/**
 * Links packages as Sui does: the package that a transaction calls decides, for itself and for all below it, which
 * versions run. Packages linked to the same versions are linked once.
 */
export class Linker {
  readonly #load: Loader
  readonly #linked = new Map<string, LinkedPackage>()
  readonly #staged = new Map<ObjectId, MovePackage>()

  constructor(load: Loader) {
    this.#load = load
  }

  /** A package as the root of a call. Undefined when there is none. */
  link(id: ObjectId): LinkedPackage | undefined {
    const stored = this.#find(id)
    return stored && this.#linkIn(stored, contextOf(stored))
  }

  /** Makes a package known that is being published, until `unstage`. */
  stage(stored: MovePackage): LinkedPackage {
    this.#staged.set(stored.id, stored)
    return this.#linkIn(stored, contextOf(stored))
  }

  /** Forgets staged packages: they are stored by now, or never will be. */
  unstage(): void {
    if (this.#staged.size === 0) return
    for (const id of this.#staged.keys())
      for (const key of this.#linked.keys()) if (key.startsWith(id)) this.#linked.delete(key)
    this.#staged.clear()
  }

  /** A datatype by the package version that introduced it. Throws a {@link LinkError} when there is none. */
  datatype(definingId: ObjectId, module: string, name: string): Datatype {
    const found = this.link(definingId)?.module(module)?.datatype(name)
    if (!found) throw new LinkError(`no datatype ${definingId}::${module}::${name}`)
    return found
  }

  #find(id: ObjectId): MovePackage | undefined {
    return this.#staged.get(id) ?? this.#load(id)
  }

  #linkIn(stored: MovePackage, context: Context): LinkedPackage {
    const own = [...stored.linkage].map(
      ([original, linked]) => [original, context.get(original) ?? linked.id] as const,
    )
    const key = [stored.id, ...own.map(([, id]) => id).sort()].join()
    let linked = this.#linked.get(key)
    if (!linked) {
      linked = this.#build(stored, new Map(own))
      this.#linked.set(key, linked)
    }
    return linked
  }

  #build(stored: MovePackage, context: Context): LinkedPackage {
    const origins = new Map(
      stored.typeOrigins.map((origin) => [`${origin.module}::${origin.datatype}`, origin.package]),
    )
    const modules = new Map<string, MoveModule>()
    const linked: LinkedPackage = {
      stored,
      moduleNames: [...stored.modules.keys()],
      definingId: (module, datatype) => origins.get(`${module}::${datatype}`) ?? stored.id,
      dependency: (originalId) =>
        originalId === stored.originalId ? linked : this.#dependency(context, originalId),
      module: (name) => {
        const known = modules.get(name)
        const bytes = stored.modules.get(name)
        if (known || !bytes) return known
        const module = new MoveModule(linked, readModule(bytes))
        modules.set(name, module)
        return module
      },
    }
    return linked
  }

  #dependency(context: Context, originalId: ObjectId): LinkedPackage | undefined {
    const id = context.get(originalId)
    const stored = id && this.#find(id)
    return stored && this.#linkIn(stored, context)
  }
}

function contextOf(stored: MovePackage): Context {
  return new Map([...stored.linkage].map(([original, { id }]) => [original, id]))
}
