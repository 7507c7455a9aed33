/** Nodes have about this many bytes. */
const usualBytes = 24 * 1024
const minBytes = 8 * 1024
const maxBytes = 96 * 1024
/** Inner nodes have at least two children, so that every level has at most half the nodes of the one below. */
const minChildren = 2

/**
 * Says where nodes end. A node ends behind an entry whose key's hash is low: how low, grows with the entry's weight. So
 * where nodes end depends on the entries alone, not on the order in which they came, and an edit changes few nodes.
 */
export class Boundary {
  readonly #level: number
  #count = 0
  #bytes = 0

  constructor(level: number) {
    this.#level = level
  }

  /** The next entry; true when the node ends behind it. */
  isEnd(key: string, weight: number): boolean {
    const total = weight + key.length + 4
    this.#count++
    this.#bytes += total
    const end = this.#isFull() || this.#isLow(key, total)
    if (end) this.#count = this.#bytes = 0
    return end
  }

  #isFull(): boolean {
    return this.#bytes >= maxBytes && this.#mayEnd()
  }

  #isLow(key: string, bytes: number): boolean {
    if (this.#bytes < minBytes || !this.#mayEnd()) return false
    return keyHash(key, this.#level) < (bytes / usualBytes) * 2 ** 32
  }

  #mayEnd(): boolean {
    return this.#level === 0 || this.#count >= minChildren
  }
}

/** FNV-1a over the level and the key's bytes, mixed as in MurmurHash3 (fmix32). A u32. */
export function keyHash(key: string, level: number): number {
  let hash = Math.imul(0x811c9dc5 ^ level, 0x01000193)
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
