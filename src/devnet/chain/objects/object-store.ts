import type { ObjectId } from '../../../terms/object-id.ts'
import type { StoredObject } from './object.ts'

/** Objects by id, by owner and by parent. */
export interface ObjectReads {
  get(id: ObjectId): StoredObject | undefined
  /** Objects that an address owns, in the order of ids. */
  ownedBy(address: ObjectId): StoredObject[]
  /** Objects that hang on an object, in the order of ids. */
  childrenOf(parent: ObjectId): StoredObject[]
  all(): Iterable<StoredObject>
}

/** All live objects, in memory. */
export class ObjectStore implements ObjectReads {
  readonly #objects = new Map<ObjectId, StoredObject>()
  /** Ids by the address or object that owns them. */
  readonly #held = new Map<string, Set<ObjectId>>()

  constructor(objects: Iterable<StoredObject> = []) {
    for (const object of objects) this.put(object)
  }

  get size(): number {
    return this.#objects.size
  }

  get(id: ObjectId): StoredObject | undefined {
    return this.#objects.get(id)
  }

  put(object: StoredObject): void {
    this.#forget(object.id)
    this.#objects.set(object.id, object)
    const holder = holderOf(object)
    if (!holder) return
    const held = this.#held.get(holder)
    if (held) held.add(object.id)
    else this.#held.set(holder, new Set([object.id]))
  }

  delete(id: ObjectId): void {
    this.#forget(id)
    this.#objects.delete(id)
  }

  ownedBy(address: ObjectId): StoredObject[] {
    return this.#heldBy(`address ${address}`)
  }

  childrenOf(parent: ObjectId): StoredObject[] {
    return this.#heldBy(`object ${parent}`)
  }

  all(): Iterable<StoredObject> {
    return this.#objects.values()
  }

  /** The same objects, apart from what happens here later. */
  snapshot(): ObjectStore {
    return new ObjectStore(this.#objects.values())
  }

  #heldBy(holder: string): StoredObject[] {
    const ids = [...(this.#held.get(holder) ?? [])].sort()
    return ids.map((id) => this.#objects.get(id)!)
  }

  #forget(id: ObjectId): void {
    const old = this.#objects.get(id)
    if (!old) return
    const holder = holderOf(old)
    const held = holder && this.#held.get(holder)
    if (!held) return
    held.delete(id)
    if (held.size === 0) this.#held.delete(holder)
  }
}

function holderOf(object: StoredObject): string | undefined {
  if (object.owner.kind === 'address') return `address ${object.owner.address}`
  if (object.owner.kind === 'object') return `object ${object.owner.parent}`
  return undefined
}
