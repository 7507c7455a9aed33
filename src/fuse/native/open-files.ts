import { FsError } from '../../terms/errno.ts'
import type { FileSystem, HandleId, NodeId } from '../../vfs/file-system.ts'
import type { Found } from './path-walk.ts'

interface OpenFile {
  readonly node: NodeId
  readonly handle: HandleId
  readonly found: Found
}

/** Open files and directories by the small numbers that libfuse 2 keeps for them. An open file keeps its inode, whatever becomes of its path. */
export class OpenFiles {
  readonly #fileSystem: FileSystem
  readonly #open = new Map<number, OpenFile>()
  readonly #free: number[] = []
  #next = 1

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem
  }

  add(found: Found, handle: HandleId): number {
    const fd = this.#free.pop() ?? this.#next++
    this.#open.set(fd, { node: found.node, handle, found })
    return fd
  }

  get(fd: number): OpenFile | undefined {
    return this.#open.get(fd)
  }

  /** Throws EBADF. */
  expect(fd: number): OpenFile {
    const open = this.#open.get(fd)
    if (!open) throw new FsError('EBADF', `no open file has the number ${fd}`)
    return open
  }

  async release(fd: number): Promise<void> {
    const { node, handle, found } = this.#take(fd)
    try {
      await this.#fileSystem.release(node, handle, undefined)
    } finally {
      found.giveBack()
    }
  }

  async releaseDirectory(fd: number): Promise<void> {
    const { node, handle, found } = this.#take(fd)
    try {
      await this.#fileSystem.releasedir(node, handle)
    } finally {
      found.giveBack()
    }
  }

  #take(fd: number): OpenFile {
    const open = this.expect(fd)
    this.#open.delete(fd)
    this.#free.push(fd)
    return open
  }
}
