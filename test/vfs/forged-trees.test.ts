import { test } from 'tap'
import { FsError } from '../../src/terms/errno.ts'
import type { Name } from '../../src/terms/name.ts'
import { FormatError } from '../../src/tree/format-error.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import type { NodeId } from '../../src/vfs/file-system.ts'
import { PosixFileSystem } from '../../src/vfs/posix-file-system.ts'
import { forgeries } from '../tree/forgeries.ts'
import type { Forgery } from '../tree/forgeries.ts'
import { HandClock, O, root as caller } from './drive.ts'
import { MemoryContent } from './memory-content.ts'

const most = 1000
const attempts = ['name', 'loop', 'again', 'a', 'b', 'file', '..x', 'zzz'] as Name[]

/** What a program can try with a read-only mount of a forged tree. */
class Visitor {
  readonly shown: string[] = []
  refusals = 0
  readonly #fs: PosixFileSystem

  constructor({ tree, root }: Forgery) {
    const parts = {
      worktree: new Worktree({ source: tree, base: root }),
      content: new MemoryContent(tree),
      clock: new HandClock(),
    }
    this.#fs = new PosixFileSystem(parts, { readOnly: () => true })
  }

  async walk(): Promise<void> {
    const pending: { id: NodeId; path: string }[] = [{ id: 1, path: '' }]
    for (let next = pending.pop(); next; next = pending.pop()) {
      if (this.shown.length > most) throw new Error('no end')
      const { id, path } = next
      if (path !== '') this.shown.push(path)
      const names = (await this.#try(() => this.#names(id))) ?? []
      for (const name of new Set([...names, ...attempts])) {
        const node = await this.#try(() => this.#fs.lookup(id, name, caller))
        if (node && names.includes(name)) pending.push({ id: node.id, path: `${path}/${name}` })
      }
      await this.#try(() => this.#read(id))
      await this.#try(() => this.#fs.readlink(id))
      await this.#try(() => this.#fs.listxattr(id, caller))
    }
  }

  async #names(id: NodeId): Promise<Name[]> {
    const { handle } = await this.#fs.opendir(id, 0, caller)
    const names: Name[] = []
    try {
      await this.#fs.readdir(id, handle, 0, false, (name) => names.push(name) > 0)
    } finally {
      this.#fs.releasedir(id, handle)
    }
    return names.filter((name) => name !== '.' && name !== '..')
  }

  async #read(id: NodeId): Promise<void> {
    const { size } = this.#fs.getattr(id, undefined)
    const { handle } = await this.#fs.open(id, O.RDONLY, caller)
    try {
      for (const offset of [0, 50, size - 10, size, size + 10]) {
        if (offset >= 0) await this.#fs.read(id, handle, offset, new Uint8Array(100))
      }
      await this.#try(() => this.#fs.lseek(id, handle, 0, 3))
      await this.#try(() => this.#fs.lseek(id, handle, 0, 4))
    } finally {
      this.#fs.release(id, handle, undefined)
    }
  }

  async #try<T>(call: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await call()
    } catch (error) {
      const isKnown = error instanceof FormatError || error instanceof FsError
      if (!isKnown) throw error
      if (error instanceof FormatError) this.refusals++
      return undefined
    }
  }
}

for (const forgery of forgeries()) {
  test(`a mount of ${forgery.what}`, async (t) => {
    const visitor = new Visitor(forgery)
    await visitor.walk()
    const inside = visitor.shown.every((path) => !path.split('/').includes('..'))
    t.ok(inside, 'no name leads out')
    for (const path of forgery.shown) t.ok(visitor.shown.includes(`/${path}`), path)
    t.ok(visitor.shown.length <= 8, visitor.shown.join(' '))
  })
}
