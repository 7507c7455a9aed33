import { maxNameBytes, type Name } from '../terms/name.ts'

/** What the kernel can hand on (xattr(7)). */
const maxValueBytes = 65_536
const maxListBytes = 65_536

/** Bytes of attributes that a mount keeps in memory; files whose turn comes later have none. */
const maxTotalBytes = 64 << 20
/** Equal values of so many bytes are kept once. */
const sharedBytes = 256

/** An attribute, its name and value with a byte for each character. */
export type Attribute = readonly [name: string, value: string]

/** Makes extended attributes of what strangers wrote, in bounded memory. */
export class AttributeMaker {
  #left = maxTotalBytes
  #dropped = 0
  readonly #shared = new Map<string, Uint8Array>()

  /** How many were left out: no name or value that the kernel takes, or no memory. */
  get dropped(): number {
    return this.#dropped
  }

  /** The first of several that have one name counts. */
  make(attributes: readonly Attribute[]): ReadonlyMap<Name, Uint8Array> | undefined {
    const made = new Map<Name, Uint8Array>()
    let listBytes = 0
    for (const [name, value] of attributes) {
      const cost = name.length + value.length
      const isGood =
        name.length <= maxNameBytes &&
        !name.includes('\0') &&
        value.length <= maxValueBytes &&
        listBytes + name.length + 1 <= maxListBytes &&
        cost <= this.#left
      if (!isGood || made.has(name as Name)) {
        this.#dropped++
        continue
      }
      listBytes += name.length + 1
      this.#left -= cost
      made.set(name as Name, this.#bytesOf(value))
    }
    return made.size === 0 ? undefined : made
  }

  #bytesOf(value: string): Uint8Array {
    if (value.length > sharedBytes) return Buffer.from(value, 'latin1')
    const bytes = this.#shared.get(value) ?? Buffer.from(value, 'latin1')
    this.#shared.set(value, bytes)
    return bytes
  }
}
