import { FsError } from '../../../src/terms/errno.ts'
import { nameFromText, nameToText } from '../../../src/terms/name.ts'
import type { Name } from '../../../src/terms/name.ts'
import type { Attributes } from '../../../src/tree/attributes.ts'
import { FileType } from '../../../src/tree/inode.ts'
import type { Caller, FileSystem, HandleId, Node, NodeId } from '../../../src/vfs/file-system.ts'
import { PosixFileSystem } from '../../../src/vfs/posix-file-system.ts'
import type { LiveTree } from '../../../src/vfs/vfs-options.ts'
import { HandClock, O } from '../drive.ts'
import { LazyWorktree } from '../lazy-worktree.ts'
import { present } from '../present.ts'
import { MemoryDrive } from './memory-drive.ts'
import { directoriesOf, slots } from './operation.ts'
import type { OpenHow, Operation, Path } from './operation.ts'
import { contentOf } from './world.ts'
import type { Seen, View, World } from './world.ts'

interface Opened {
  readonly id: NodeId
  readonly handle: HandleId
}

/** A commit in two steps, a crash with its replay, a commit with a mount of what it made. */
export type DriveEvent = 'begin' | 'finish' | 'restart' | 'remount'

/** Those of {@link DriveEvent} that close all files. */
export const endings: readonly DriveEvent[] = ['restart', 'remount']

const flagsOf: Record<OpenHow, number> = {
  old: O.RDWR,
  make: O.RDWR,
  new: O.RDWR | O.EXCL,
  empty: O.RDWR | O.TRUNC,
  append: O.RDWR | O.APPEND,
}

/** The file system under test, with as much of a kernel as walks paths. */
export class VfsWorld implements World {
  readonly #drive: MemoryDrive
  readonly #clock = new HandClock()
  readonly #lazy: boolean
  readonly #caller: Caller
  readonly #withXattrs: boolean
  readonly #open = new Map<number, Opened>()
  #fs: FileSystem

  constructor(options: { lazy: boolean; umask: number; withXattrs: boolean }) {
    this.#lazy = options.lazy
    this.#caller = { uid: 0, gid: 0, pid: 1, umask: options.umask }
    this.#withXattrs = options.withXattrs
    this.#drive = new MemoryDrive(options.lazy)
    this.#fs = this.#mount()
  }

  async run(operation: Operation): Promise<string> {
    this.#clock.ms += 10
    for (const path of directoriesOf(operation)) {
      if (await this.#isSymlink(path)) return 'skipped'
    }
    try {
      return (await this.#carryOut(operation)) ? 'ok' : 'skipped'
    } catch (error) {
      const { code, name } = error as { code?: string; name: string }
      if (name !== 'FsError') throw error
      return code!
    }
  }

  async view(): Promise<View> {
    const paths: Record<string, Seen> = {}
    await this.#look(1, [], paths)
    const open = slots.map(async (slot) => {
      const opened = this.#open.get(slot)
      if (opened === undefined) return undefined
      const stat = await this.#fs.getattr(opened.id, opened.handle)
      return this.#seen(opened.id, stat, await this.#read(opened, stat.size))
    })
    return { paths, open: await Promise.all(open) }
  }

  /** What befalls the drive below. */
  async befall(event: DriveEvent): Promise<void> {
    if (event === 'begin') return this.#drive.beginCommit()
    if (event === 'finish') return this.#drive.finishCommit()
    for (const slot of slots) await this.run({ type: 'close', slot })
    await (event === 'restart' ? this.#drive.restart() : this.#drive.remount())
    this.#fs = this.#mount()
  }

  #mount(): FileSystem {
    const { worktree, content } = this.#drive
    const tree: LiveTree = this.#lazy ? new LazyWorktree(worktree) : worktree
    return new PosixFileSystem({ worktree: tree, content, clock: this.#clock })
  }

  #lookup(parent: NodeId, name: Name): Promise<Node> {
    return present(this.#fs.lookup(parent, name, this.#caller), 'ENOENT')
  }

  async #carryOut(operation: Operation): Promise<boolean> {
    if ('slot' in operation && operation.type !== 'open') return this.#withSlot(operation)
    if (!('path' in operation)) return false
    const parent = await this.#walk(operation.path.slice(0, -1))
    const name = nameFromText(operation.path.at(-1)!)
    const find = async () => (await this.#lookup(parent, name)).id
    const fs = this.#fs
    switch (operation.type) {
      case 'open':
        return this.#openSlot(operation.slot, parent, operation.path.at(-1)!, operation.how)
      case 'mkdir':
        await fs.mkdir(parent, name, operation.mode & 0o1777, this.#caller)
        return true
      case 'rmdir':
        await fs.rmdir(parent, name, this.#caller)
        return true
      case 'unlink':
        await fs.unlink(parent, name, this.#caller)
        return true
      case 'rename':
      case 'rename2':
        return this.#rename(parent, operation.path.at(-1)!, operation)
      case 'link':
        return this.#link(await find(), operation.to)
      case 'symlink':
        await fs.symlink(parent, name, Buffer.from(operation.target), this.#caller)
        return true
      case 'chmod':
        if (isType((await this.#lookup(parent, name)).attributes, FileType.symlink)) {
          return false
        }
        await fs.setattr(await find(), { mode: operation.mode }, this.#caller)
        return true
      case 'chown':
        await fs.setattr(await find(), { uid: operation.uid, gid: operation.gid }, this.#caller)
        return true
      case 'utimes': {
        const time = { sec: operation.sec, nsec: 0 }
        const after = await fs.setattr(await find(), { atime: time, mtime: time }, this.#caller)
        return after.mtimeSec === operation.sec
      }
      case 'setxattr': {
        const value = Buffer.from(operation.value)
        await fs.setxattr(await find(), nameFromText(operation.name), value, 0, this.#caller)
        return true
      }
      case 'removexattr':
        await fs.removexattr(await find(), nameFromText(operation.name), this.#caller)
        return true
    }
  }

  async #rename(
    parent: NodeId,
    name: string,
    { to, ...rest }: { readonly to: Path; readonly flags?: number },
  ): Promise<boolean> {
    const newParent = await this.#walk(to.slice(0, -1))
    const [from, into] = [nameFromText(name), nameFromText(to.at(-1)!)]
    await this.#fs.rename(parent, from, newParent, into, rest.flags ?? 0, this.#caller)
    return true
  }

  async #link(id: NodeId, to: Path): Promise<boolean> {
    const newParent = await this.#walk(to.slice(0, -1))
    await this.#fs.link(id, newParent, nameFromText(to.at(-1)!), this.#caller)
    return true
  }

  async #withSlot(operation: Extract<Operation, { slot: number }>): Promise<boolean> {
    const opened = this.#open.get(operation.slot)
    if (opened === undefined) return false
    const { id, handle } = opened
    switch (operation.type) {
      case 'close':
        await this.#fs.flush(id, handle, 1n)
        await this.#fs.release(id, handle, undefined)
        return this.#open.delete(operation.slot)
      case 'write': {
        const bytes = Buffer.from(operation.text)
        await this.#fs.write(id, handle, operation.at, bytes, false, this.#caller)
        return true
      }
      case 'truncate':
        await this.#fs.setattr(id, { size: operation.size, handle }, this.#caller)
        return true
      case 'allocate': {
        const { mode, at, length } = operation
        await this.#fs.fallocate(id, handle, mode, at, length, this.#caller)
        return true
      }
      case 'copy': {
        const from = this.#open.get(operation.from)
        if (from === undefined) return false
        const { fromAt, at, length } = operation
        const target = [id, handle, at, length, this.#caller] as const
        await this.#fs.copyFileRange(from.id, from.handle, fromAt, ...target)
        return true
      }
      case 'open':
        return false
    }
  }

  /** As open(2) with O_NOFOLLOW does it in the kernel: lookup, then open or create. */
  async #openSlot(slot: number, parent: NodeId, text: string, how: OpenHow): Promise<boolean> {
    const name = nameFromText(text)
    const there = await Promise.resolve()
      .then(() => this.#lookup(parent, name))
      .catch((error: { code: string }) => {
        if (error.code !== 'ENOENT' || how === 'old') throw error
      })
    const flags = flagsOf[how]
    const opened =
      there === undefined || how === 'new'
        ? await this.#create(parent, text, flags)
        : { id: there.id, handle: (await this.#fs.open(there.id, flags, this.#caller)).handle }
    const before = this.#open.get(slot)
    if (before !== undefined) await this.#fs.release(before.id, before.handle, undefined)
    this.#open.set(slot, opened)
    return true
  }

  async #create(parent: NodeId, name: string, flags: number): Promise<Opened> {
    const made = await this.#fs.create(parent, nameFromText(name), 0o666, flags, this.#caller)
    return { id: made.node.id, handle: made.opened.handle }
  }

  async #isSymlink(path: Path): Promise<boolean> {
    try {
      const parent = await this.#walk(path.slice(0, -1))
      const { attributes } = await this.#lookup(parent, nameFromText(path.at(-1)!))
      return isType(attributes, FileType.symlink)
    } catch {
      return false
    }
  }

  async #walk(path: Path): Promise<NodeId> {
    let id: NodeId = 1
    for (const name of path) id = await this.#step(id, name)
    return id
  }

  async #step(id: NodeId, name: string): Promise<NodeId> {
    const next = await this.#lookup(id, nameFromText(name))
    if (isType(next.attributes, FileType.directory)) return next.id
    throw new FsError('ENOTDIR')
  }

  async #look(id: NodeId, path: Path, paths: Record<string, Seen>): Promise<void> {
    const stat = await this.#fs.getattr(id, undefined)
    paths[path.join('/')] = await this.#seen(id, stat, await this.#contentOf(id, stat))
    if (!isType(stat, FileType.directory)) return
    const { handle } = await this.#fs.opendir(id, 0, this.#caller)
    const children: [string, NodeId][] = []
    await this.#fs.readdir(id, handle, 0, true, (name, _ino, _mode, _next, node) => {
      if (node !== undefined) children.push([nameToText(name), node.id])
      return true
    })
    await this.#fs.releasedir(id, handle)
    for (const [name, child] of children) await this.#look(child, [...path, name], paths)
  }

  async #contentOf(id: NodeId, stat: Attributes): Promise<Uint8Array> {
    if (isType(stat, FileType.symlink)) return this.#fs.readlink(id)
    if (!isType(stat, FileType.regular)) return new Uint8Array()
    const { handle } = await this.#fs.open(id, O.RDONLY, this.#caller)
    const bytes = await this.#read({ id, handle }, stat.size)
    await this.#fs.release(id, handle, undefined)
    return bytes
  }

  async #read({ id, handle }: Opened, size: number): Promise<Uint8Array> {
    const into = new Uint8Array(size + 1)
    const bytes = await this.#fs.read(id, handle, 0, into)
    return typeof bytes === 'number' ? into.subarray(0, bytes) : bytes
  }

  async #seen(id: NodeId, stat: Attributes, bytes: Uint8Array): Promise<Seen> {
    const { mode, nlink, uid, gid } = stat
    const seen = { mode, nlink, uid, gid, content: contentOf(bytes) }
    return this.#withXattrs ? { ...seen, xattrs: await this.#xattrs(id) } : seen
  }

  async #xattrs(id: NodeId): Promise<Record<string, string>> {
    const xattrs: Record<string, string> = {}
    const names = [...(await this.#fs.listxattr(id, this.#caller))].sort()
    for (const name of names) {
      const value = await present(this.#fs.getxattr(id, name, this.#caller), 'ENODATA')
      xattrs[nameToText(name)] = Buffer.from(value).toString()
    }
    return xattrs
  }
}

function isType(attributes: Attributes, type: number): boolean {
  return (attributes.mode & FileType.mask) === type
}
