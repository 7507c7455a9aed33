import { Boundary } from './boundary.ts'
import type { LevelCursor } from './level-cursor.ts'
import type { LevelItems } from './level-items.ts'
import type { Child } from './map-kind.ts'

/** A key's new item, or undefined to take it away. */
export type ItemEdit<I> = readonly [key: string, item: I | undefined]

/** Where nodes go that were made, and what happens to those that were there. */
export interface LevelOutput<I> {
  write(items: readonly I[]): Promise<Child>
  /** The current node of the cursor is in the level no more. */
  gone(): void
  changed(before: I | undefined, after: I | undefined): void
}

/** What became of a level: its new children, and undefined for the keys of those that are gone. */
export type LevelResult = ItemEdit<Child>[]

/**
 * Carries out sorted edits on one level of a map. It starts at a node where the first edit falls, cuts nodes anew from
 * there, and stops as soon as a cut falls on the end of an old node: behind it nothing can differ.
 */
export class LevelEditor<V, I> {
  readonly #items: LevelItems<V, I>
  readonly #output: LevelOutput<I>
  readonly #edits: readonly ItemEdit<I>[]
  readonly #result = new Map<string, Child | undefined>()
  readonly #boundary: Boundary
  #nextEdit = 0
  /** Items of the node that is being made. */
  #open: I[] = []

  constructor(items: LevelItems<V, I>, output: LevelOutput<I>, edits: readonly ItemEdit<I>[]) {
    this.#items = items
    this.#output = output
    this.#edits = edits
    this.#boundary = new Boundary(items.level)
  }

  /** Without a cursor the level was empty. */
  async run(cursor: LevelCursor<V> | undefined): Promise<LevelResult> {
    if (!cursor) await this.#merge([], undefined)
    else {
      while (this.#nextEdit < this.#edits.length) {
        await cursor.seek(this.#edits[this.#nextEdit]![0])
        await this.#editFrom(cursor)
      }
    }
    await this.#close()
    return [...this.#result].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** From the cursor's node on until the new nodes end where an old one does. */
  async #editFrom(cursor: LevelCursor<V>): Promise<void> {
    for (;;) {
      const node = await cursor.load()
      const last = cursor.isLast ? undefined : node.keys.at(-1)!
      const items = this.#items.ofNode(node)
      if (this.#open.length === 0 && this.#changesNothing(items, last)) return
      this.#result.set(node.keys.at(-1)!, undefined)
      this.#output.gone()
      await this.#merge(items, last)
      if (last === undefined || this.#open.length === 0) return
      await cursor.next()
    }
  }

  /** The edits up to `last` all ask for what is there already; they are passed over. */
  #changesNothing(items: readonly I[], last: string | undefined): boolean {
    let [next, at] = [this.#nextEdit, 0]
    for (; next < this.#edits.length && isUpTo(this.#edits[next]![0], last); next++) {
      const [key, after] = this.#edits[next]!
      while (at < items.length && this.#items.keyOf(items[at]!) < key) at++
      const found = items[at]
      const before = found !== undefined && this.#items.keyOf(found) === key ? found : undefined
      if (!this.#isSame(before, after)) return false
    }
    this.#nextEdit = next
    return true
  }

  /** Adds the items of an old node, as the edits up to `last` change them. */
  async #merge(items: readonly I[], last: string | undefined): Promise<void> {
    for (const item of items) {
      const key = this.#items.keyOf(item)
      await this.#addEditsBelow(key)
      const edit = this.#edits[this.#nextEdit]
      if (edit?.[0] === key) {
        this.#nextEdit++
        await this.#replace(item, edit[1])
      } else {
        await this.#add(item)
      }
    }
    for (let edit = this.#edits[this.#nextEdit]; edit && isUpTo(edit[0], last);) {
      await this.#replace(undefined, edit[1])
      edit = this.#edits[++this.#nextEdit]
    }
  }

  async #addEditsBelow(key: string): Promise<void> {
    for (let edit = this.#edits[this.#nextEdit]; edit && edit[0] < key;) {
      await this.#replace(undefined, edit[1])
      edit = this.#edits[++this.#nextEdit]
    }
  }

  async #replace(before: I | undefined, after: I | undefined): Promise<void> {
    if (!this.#isSame(before, after)) this.#output.changed(before, after)
    if (after !== undefined) await this.#add(after)
  }

  #isSame(before: I | undefined, after: I | undefined): boolean {
    if (before === undefined || after === undefined) return before === after
    return this.#items.isSame(before, after)
  }

  async #add(item: I): Promise<void> {
    this.#open.push(item)
    if (this.#boundary.isEnd(this.#items.keyOf(item), this.#items.weight(item))) await this.#close()
  }

  async #close(): Promise<void> {
    if (this.#open.length === 0) return
    const child = await this.#output.write(this.#open)
    this.#open = []
    this.#result.set(child.key, child)
  }
}

function isUpTo(key: string, last: string | undefined): boolean {
  return last === undefined || key <= last
}
