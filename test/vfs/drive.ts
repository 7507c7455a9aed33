import { present } from './present.ts'
import { nameFromText, nameToText } from '../../src/terms/name.ts'
import type { Name } from '../../src/terms/name.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import type { Attributes } from '../../src/tree/attributes.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import type {
  Caller,
  FileSystem,
  HandleId,
  NodeId,
  Opened,
  SetAttributes,
} from '../../src/vfs/file-system.ts'
import { PosixFileSystem } from '../../src/vfs/posix-file-system.ts'
import type { VfsOptions } from '../../src/vfs/vfs-options.ts'
import { LazyWorktree } from './lazy-worktree.ts'
import { MemoryContent } from './memory-content.ts'

export const root: Caller = { uid: 0, gid: 0, pid: 1, umask: 0o022 }
export const alice: Caller = { uid: 1000, gid: 1000, pid: 2, umask: 0o022 }
export const bob: Caller = { uid: 1001, gid: 1001, pid: 3, umask: 0 }

/** Values of open(2). */
export const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  EXCL: 0o200,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  NOATIME: 0o1000000,
} as const

/** A clock that stands until it is moved. */
export class HandClock implements Clock {
  ms = 1_000_000_000_000

  now(): number {
    return this.ms
  }

  async sleep(): Promise<void> {
    throw new Error('nothing here sleeps')
  }
}

export interface DriveOptions extends VfsOptions {
  /** Names, entries and extents come as promises when first asked for. @default false */
  readonly lazy?: boolean
}

/** A file system in memory, with calls that take names as text and keep the tests short. */
export class Drive {
  readonly worktree = new Worktree({ root: { mode: 0o777 } })
  readonly content = new MemoryContent()
  readonly clock = new HandClock()
  readonly posix: PosixFileSystem
  /** The same, as the kernel's driver knows it. */
  readonly fs: FileSystem
  readonly top: NodeId = 1

  constructor(options: DriveOptions = {}) {
    const { worktree } = this
    this.fs = this.posix = new PosixFileSystem(
      {
        worktree: options.lazy ? new LazyWorktree(worktree) : worktree,
        content: this.content,
        clock: this.clock,
      },
      { groupsOf: () => undefined, ...options },
    )
  }

  async lookup(name: string, parent = this.top): Promise<{ id: NodeId; attributes: Attributes }> {
    return present(this.fs.lookup(parent, nameFromText(name), root), 'ENOENT')
  }

  async mkdir(name: string, parent = this.top, mode = 0o755, caller = root): Promise<NodeId> {
    return (await this.fs.mkdir(parent, nameFromText(name), mode, caller)).id
  }

  async create(
    name: string,
    { parent = this.top, mode = 0o644, flags = O.RDWR as number, caller = root } = {},
  ): Promise<{ id: NodeId; handle: HandleId; opened: Opened }> {
    const { node, opened } = await this.fs.create(parent, nameFromText(name), mode, flags, caller)
    return { id: node.id, handle: opened.handle, opened }
  }

  /** A closed file with these bytes. */
  async file(name: string, text = '', parent = this.top): Promise<NodeId> {
    const { id, handle } = await this.create(name, { parent })
    if (text !== '') await this.write(id, handle, 0, text)
    await this.fs.release(id, handle, undefined)
    return id
  }

  async open(id: NodeId, flags: number = O.RDWR, caller = root): Promise<HandleId> {
    return (await this.fs.open(id, flags, caller)).handle
  }

  async write(
    id: NodeId,
    handle: HandleId,
    offset: number,
    text: string,
    { cached = false, caller = root } = {},
  ): Promise<number> {
    return this.fs.write(id, handle, offset, Buffer.from(text), cached, caller)
  }

  async read(id: NodeId, handle: HandleId, offset = 0, length = 1000): Promise<string> {
    const into = new Uint8Array(length)
    const bytes = await this.fs.read(id, handle, offset, into)
    return Buffer.from(typeof bytes === 'number' ? into.subarray(0, bytes) : bytes).toString()
  }

  /** The bytes of a file, opened for it. */
  async bytes(id: NodeId, length = 1000): Promise<string> {
    const handle = await this.open(id, O.RDONLY)
    const text = await this.read(id, handle, 0, length)
    await this.fs.release(id, handle, undefined)
    return text
  }

  async stat(id: NodeId): Promise<Attributes> {
    return { ...attributesOf(await this.fs.getattr(id, undefined)) }
  }

  async set(id: NodeId, set: SetAttributes, caller = root): Promise<Attributes> {
    return { ...attributesOf(await this.fs.setattr(id, set, caller)) }
  }

  async rename(from: string, to: string, flags = 0, parent = this.top, newParent = parent) {
    await this.fs.rename(parent, nameFromText(from), newParent, nameFromText(to), flags, root)
  }

  async link(id: NodeId, name: string, parent = this.top): Promise<NodeId> {
    return (await this.fs.link(id, parent, nameFromText(name), root)).id
  }

  async unlink(name: string, parent = this.top): Promise<void> {
    await this.fs.unlink(parent, nameFromText(name), root)
  }

  async rmdir(name: string, parent = this.top): Promise<void> {
    await this.fs.rmdir(parent, nameFromText(name), root)
  }

  async symlink(name: string, target: string, parent = this.top): Promise<NodeId> {
    return (await this.fs.symlink(parent, nameFromText(name), Buffer.from(target), root)).id
  }

  /** The names of a directory, `.` and `..` left out, in the order in which they are read. */
  async names(id = this.top): Promise<string[]> {
    const { handle } = await this.fs.opendir(id, 0, root)
    const names: Name[] = []
    await this.fs.readdir(id, handle, 0, false, (name) => names.push(name) > 0)
    await this.fs.releasedir(id, handle)
    return names.map(nameToText).filter((name) => name !== '.' && name !== '..')
  }

  async setxattr(id: NodeId, name: string, value: string | Uint8Array, flags = 0, caller = root) {
    await this.fs.setxattr(id, nameFromText(name), Buffer.from(value), flags, caller)
  }

  async getxattr(id: NodeId, name: string, caller = root): Promise<Buffer> {
    return Buffer.from(await present(this.fs.getxattr(id, nameFromText(name), caller), 'ENODATA'))
  }

  async removexattr(id: NodeId, name: string, caller = root): Promise<void> {
    await this.fs.removexattr(id, nameFromText(name), caller)
  }
}

function attributesOf(inode: Attributes): Attributes {
  const { ino, mode, nlink, uid, gid, rdev, size, blocks } = inode
  const { atimeSec, atimeNsec, mtimeSec, mtimeNsec, ctimeSec, ctimeNsec } = inode
  const times = { atimeSec, atimeNsec, mtimeSec, mtimeNsec, ctimeSec, ctimeNsec }
  return { ino, mode, nlink, uid, gid, rdev, size, blocks, ...times }
}
