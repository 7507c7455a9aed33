import { FsError } from '../../terms/errno.ts'
import { nameFromText } from '../../terms/name.ts'
import type { Name } from '../../terms/name.ts'
import type { Caller, FileSystem, Node, NodeId } from '../../vfs/file-system.ts'

const root: NodeId = 1

/** The library does not tell who asks: it counts as the owner of the mount. */
export const owner: Caller = {
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  pid: 0,
  umask: undefined,
}

/** libfuse 2 renames a file that is removed while open to such a name, and removes that at the last close. */
const hiddenName = /^\.fuse_hidden[0-9a-f]{16}$/

/** An inode that was found by its path, until it is given back. */
export interface Found {
  readonly node: NodeId
  giveBack(): void
}

/** Finds inodes by path, for a library that knows paths only. */
export class PathWalk {
  readonly #fileSystem: FileSystem
  /** Files that were removed while open, by the path that the library thinks they have. Each counts one lookup. */
  readonly #hidden = new Map<string, NodeId>()

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem
  }

  /** Calls `use` with the inode of a path. */
  async using<T>(path: string, use: (node: NodeId) => T | Promise<T>): Promise<T> {
    const found = await this.find(path)
    try {
      return await use(found.node)
    } finally {
      found.giveBack()
    }
  }

  /** Calls `use` with the directory and the name that a path ends with. */
  usingParent<T>(path: string, use: (parent: NodeId, name: Name) => T | Promise<T>): Promise<T> {
    const cut = path.lastIndexOf('/')
    const name = nameFromText(path.slice(cut + 1))
    return this.using(path.slice(0, cut), (parent) => use(parent, name))
  }

  async find(path: string): Promise<Found> {
    const hidden = this.#hidden.get(path)
    if (hidden !== undefined) return { node: hidden, giveBack: () => {} }
    let node = root
    for (const text of path.split('/')) {
      if (text !== '') node = (await this.#step(node, nameFromText(text))).id
    }
    return { node, giveBack: () => this.#forget(node) }
  }

  /** Whether a rename to this path is the library's way to remove an open file. */
  isHiding(to: string): boolean {
    return hiddenName.test(to.slice(to.lastIndexOf('/') + 1))
  }

  /** A file is removed while open: its name goes at once, and what the library does with the hidden one never reaches the drive. */
  async hide(from: string, to: string): Promise<void> {
    const found = await this.find(from)
    try {
      await this.usingParent(from, (parent, name) => this.#fileSystem.unlink(parent, name, owner))
      this.#hidden.set(to, found.node)
    } catch (error) {
      found.giveBack()
      throw error
    }
  }

  /** Removes a hidden path; false if it is none. */
  unhide(path: string): boolean {
    const node = this.#hidden.get(path)
    if (node === undefined) return false
    this.#hidden.delete(path)
    this.#forget(node)
    return true
  }

  async #step(at: NodeId, name: Name): Promise<Node> {
    try {
      const found = await this.#fileSystem.lookup(at, name, owner)
      if (found === undefined) throw new FsError('ENOENT', 'no such name')
      return found
    } finally {
      this.#forget(at)
    }
  }

  #forget(node: NodeId): void {
    if (node !== root) this.#fileSystem.forget(node, 1)
  }
}
