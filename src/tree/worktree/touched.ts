import type { Name } from '../../terms/name.ts'
import type { TreeInode } from './tree-inode.ts'

/**
 * What differs from the committed tree: names whose entry must be written again, because they mean another inode or
 * because its record (or, of a directory, anything below it) changed, and inodes of the table of hard links.
 *
 * A touched name's directory is touched itself in its parent, up to the root.
 */
export class Touched {
  readonly names = new Map<TreeInode, Set<Name>>()
  readonly links = new Set<TreeInode>()
  #nameCount = 0

  get count(): number {
    return this.#nameCount + this.links.size
  }

  get isEmpty(): boolean {
    return this.names.size === 0 && this.links.size === 0
  }

  /** False when the name was touched before. */
  add(directory: TreeInode, name: Name): boolean {
    const names = this.namesOf(directory)
    const before = names.size
    const after = names.add(name).size
    this.#nameCount += after - before
    return after > before
  }

  has(directory: TreeInode, name: Name): boolean {
    return this.names.get(directory)?.has(name) ?? false
  }

  /** Adds all that another one has. */
  addAll(other: Touched): void {
    for (const [directory, names] of other.names) {
      this.namesOf(directory)
      for (const name of names) this.add(directory, name)
    }
    for (const inode of other.links) this.links.add(inode)
  }

  /** A new one with all that both have; of an inode's two objects, the other's. */
  with(other: Touched): Touched {
    const both = new Touched()
    both.addAll(this)
    const inos = new Set([...other.links].map(({ ino }) => ino))
    for (const inode of both.links) if (inos.has(inode.ino)) both.links.delete(inode)
    both.addAll(other)
    return both
  }

  /** The set for a directory, made where there is none: the directory itself counts as touched from now on. */
  namesOf(directory: TreeInode): Set<Name> {
    let names = this.names.get(directory)
    if (!names) this.names.set(directory, (names = new Set()))
    return names
  }
}
