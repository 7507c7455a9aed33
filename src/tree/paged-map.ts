/** Numbers that follow each other lie in one page: eight bytes each, where a Map takes thirty to sixty. */
const pageSize = 16

/**
 * Values by whole numbers, most of which follow each other: inodes, a million of them. Entries are iterated in the order
 * in which their pages were first filled; what is set or deleted meanwhile may be seen or not.
 */
export class PagedMap<Value extends object> {
  readonly #pages = new Map<number, (Value | undefined)[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: number): Value | undefined {
    return this.#pages.get(pageOf(key))?.[key % pageSize]
  }

  has(key: number): boolean {
    return this.get(key) !== undefined
  }

  set(key: number, value: Value): void {
    const at = pageOf(key)
    let page = this.#pages.get(at)
    if (!page) this.#pages.set(at, (page = Array.from({ length: pageSize }, () => undefined)))
    const slot = key % pageSize
    if (page[slot] === undefined) this.#size++
    page[slot] = value
  }

  delete(key: number): void {
    const at = pageOf(key)
    const page = this.#pages.get(at)
    const slot = key % pageSize
    if (page?.[slot] === undefined) return
    page[slot] = undefined
    this.#size--
    if (page.every((value) => value === undefined)) this.#pages.delete(at)
  }

  *keys(): Generator<number> {
    for (const [at, page] of this.#pages) {
      for (let slot = 0; slot < pageSize; slot++) {
        if (page[slot] !== undefined) yield at * pageSize + slot
      }
    }
  }

  *values(): Generator<Value> {
    for (const page of this.#pages.values()) {
      for (const value of page) if (value !== undefined) yield value
    }
  }
}

function pageOf(key: number): number {
  return Math.floor(key / pageSize)
}
