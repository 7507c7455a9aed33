import { FsError } from '../../src/terms/errno.ts'
import type { ErrnoName } from '../../src/terms/errno.ts'
import { maxNameBytes } from '../../src/terms/name.ts'
import type { Name } from '../../src/terms/name.ts'
import { FileType } from '../../src/tree/inode.ts'
import type { Timestamp } from '../../src/tree/time.ts'
import { RenameFlag } from '../../src/vfs/file-system.ts'
import type * as vfs from '../../src/vfs/file-system.ts'
import { MemoryLocks } from './memory-locks.ts'
import { MemoryNode } from './memory-node.ts'

const O_TRUNC = 0o1000
const O_APPEND = 0o2000
const capability = 'security.capability' as Name

interface Handle {
  readonly node: MemoryNode
  readonly flags: number
}

/** A file system in memory, complete enough for ordinary tools. It does not check permissions: the kernel does. */
export class MemoryFileSystem implements vfs.FileSystem {
  readonly root: MemoryNode
  /** What a kernel that keeps its pages across opens would have: set for benchmarks. */
  keepCache = true
  directIo = false
  readonly #nodes = new Map<vfs.NodeId, MemoryNode>()
  readonly #handles = new Map<vfs.HandleId, Handle>()
  readonly #locks = new MemoryLocks()
  readonly #flocks = new MemoryLocks()
  #nextNode = 2
  #nextHandle = 1

  constructor(uid = 0, gid = 0) {
    this.root = new MemoryNode(1, FileType.directory | 0o755, uid, gid)
    this.root.parent = this.root
    this.root.lookups = 1
    this.#nodes.set(1, this.root)
    this.#touch(this.root, 'amc')
  }

  /** Nothing here outlives the process anyway. */
  settle(): void {}

  /** Nodes that somebody still needs: a measure of leaks. */
  get nodeCount(): number {
    return this.#nodes.size
  }

  get handleCount(): number {
    return this.#handles.size
  }

  lookup(parent: vfs.NodeId, name: Name): vfs.Node {
    return this.#known(this.#child(this.#directory(parent), name))
  }

  forget(id: vfs.NodeId, count: number): void {
    const node = this.#nodes.get(id)
    if (!node) return
    node.lookups -= count
    if (node.lookups < 0) throw new Error(`node ${id} was forgotten more often than looked up`)
    this.#reap(node)
  }

  getattr(id: vfs.NodeId): MemoryNode {
    return this.#node(id)
  }

  setattr(id: vfs.NodeId, set: vfs.SetAttributes, caller: vfs.Caller): MemoryNode {
    const node = this.#node(id)
    if (set.size !== undefined) this.#resize(node, set.size)
    if (set.mode !== undefined) node.mode = (node.mode & FileType.mask) | (set.mode & 0o7777)
    if (set.uid !== undefined || set.gid !== undefined) this.#chown(node, set)
    if (set.killPrivileges || (set.size !== undefined && caller.uid !== 0)) dropPrivileges(node)
    this.#touch(node, 'c', set.ctime)
    if (set.atime) this.#touch(node, 'a', set.atime)
    if (set.mtime) this.#touch(node, 'm', set.mtime)
    return node
  }

  readlink(id: vfs.NodeId): Uint8Array {
    return this.#node(id).target
  }

  access(): void {}

  mknod(parent: vfs.NodeId, name: Name, mode: number, rdev: number, caller: vfs.Caller): vfs.Node {
    const node = this.#make(parent, name, mode, caller)
    node.rdev = rdev
    return this.#known(node)
  }

  mkdir(parent: vfs.NodeId, name: Name, mode: number, caller: vfs.Caller): vfs.Node {
    const directory = this.#directory(parent)
    const type = FileType.directory | (directory.mode & 0o2000)
    const node = this.#make(parent, name, (mode & 0o7777) | type, caller)
    directory.nlink++
    return this.#known(node)
  }

  symlink(parent: vfs.NodeId, name: Name, target: Uint8Array, caller: vfs.Caller): vfs.Node {
    const node = this.#make(parent, name, FileType.symlink | 0o777, { ...caller, umask: 0 })
    node.target = Uint8Array.from(target)
    return this.#known(node)
  }

  link(id: vfs.NodeId, parent: vfs.NodeId, name: Name): vfs.Node {
    const node = this.#node(id)
    const directory = this.#directory(parent)
    if (node.isDirectory) fail('EPERM')
    this.#mustNotExist(directory, name)
    node.nlink++
    this.#put(directory, name, node)
    this.#touch(node, 'c')
    return this.#known(node)
  }

  unlink(parent: vfs.NodeId, name: Name): void {
    const directory = this.#directory(parent)
    const node = this.#child(directory, name)
    if (node.isDirectory) fail('EISDIR')
    this.#drop(directory, name, node)
  }

  rmdir(parent: vfs.NodeId, name: Name): void {
    const directory = this.#directory(parent)
    const node = this.#child(directory, name)
    if (!node.entries) fail('ENOTDIR')
    if (node.entries.count > 0) fail('ENOTEMPTY')
    this.#drop(directory, name, node)
  }

  rename(
    parent: vfs.NodeId,
    name: Name,
    newParent: vfs.NodeId,
    newName: Name,
    flags: number,
    caller: vfs.Caller,
  ): void {
    const [from, to] = [this.#directory(parent), this.#directory(newParent)]
    const node = this.#child(from, name)
    const there = to.entries!.get(newName)
    if (there && flags & RenameFlag.noReplace) fail('EEXIST')
    if (isInside(to, node)) fail('EINVAL')
    if (flags & RenameFlag.exchange) return this.#exchange(from, name, node, to, newName)
    if (there === node) return
    if (there) this.#replace(to, newName, there, node)
    this.#move(from, name, to, newName, node)
    if (flags & RenameFlag.whiteout) this.#make(parent, name, FileType.charDevice, caller)
  }

  open(id: vfs.NodeId, flags: number, caller: vfs.Caller): vfs.Opened {
    const node = this.#node(id)
    if (flags & O_TRUNC && node.content) {
      this.#resize(node, 0)
      if (caller.uid !== 0) dropPrivileges(node)
    }
    return this.#opened(node, flags)
  }

  create(parent: vfs.NodeId, name: Name, mode: number, flags: number, caller: vfs.Caller) {
    const node = this.#make(parent, name, mode, caller)
    return { node: this.#known(node), opened: this.#opened(node, flags) }
  }

  tmpfile(parent: vfs.NodeId, mode: number, flags: number, caller: vfs.Caller) {
    const node = this.#born(this.#directory(parent), mode, caller)
    node.nlink = 0
    return { node: this.#known(node), opened: this.#opened(node, flags) }
  }

  read(
    _id: vfs.NodeId,
    handle: vfs.HandleId,
    offset: number,
    into: Uint8Array,
  ): number | Uint8Array | Promise<Uint8Array> {
    const content = this.#handle(handle).node.content
    if (!content) fail('EISDIR')
    return content.view(offset, into.length) ?? content.read(offset, into)
  }

  write(
    _id: vfs.NodeId,
    handle: vfs.HandleId,
    offset: number,
    bytes: Uint8Array,
    cached: boolean,
    caller: vfs.Caller,
  ): number {
    const { node, flags } = this.#handle(handle)
    const at = flags & O_APPEND && !cached ? node.size : offset
    node.content?.write(at, bytes)
    if (!cached && caller.uid !== 0) dropPrivileges(node)
    this.#touch(node, 'mc')
    return bytes.length
  }

  flush(id: vfs.NodeId, _handle: vfs.HandleId, owner: bigint): void {
    this.#locks.drop(id, (lock) => lock.owner === owner)
  }

  release(id: vfs.NodeId, handle: vfs.HandleId, flockOwner: bigint | undefined): void {
    const { node } = this.#handle(handle)
    this.#locks.drop(id, (lock) => lock.handle === handle)
    this.#flocks.drop(id, (lock) => lock.owner === flockOwner)
    this.#handles.delete(handle)
    node.opens--
    this.#reap(node)
  }

  fsync(): void {}

  fallocate(
    _id: vfs.NodeId,
    handle: vfs.HandleId,
    mode: number,
    offset: number,
    length: number,
    caller: vfs.Caller,
  ): void {
    const { node } = this.#handle(handle)
    const [keepSize, punch, zeroRange] = [1, 2, 16]
    if (mode & ~(keepSize | punch | zeroRange) || !node.content) fail('EOPNOTSUPP')
    if (mode & (punch | zeroRange)) node.content.zero(offset, length)
    if (!(mode & keepSize)) node.content.grow(offset + length)
    if (caller.uid !== 0) dropPrivileges(node)
    this.#touch(node, 'mc')
  }

  lseek(_id: vfs.NodeId, handle: vfs.HandleId, offset: number, whence: number): number {
    const found = this.#handle(handle).node.content?.seek(offset, whence === 3)
    return found ?? fail('ENXIO')
  }

  copyFileRange(
    _fromId: vfs.NodeId,
    fromHandle: vfs.HandleId,
    fromOffset: number,
    _id: vfs.NodeId,
    handle: vfs.HandleId,
    offset: number,
    length: number,
    caller: vfs.Caller,
  ): number {
    const [from, to] = [this.#handle(fromHandle).node, this.#handle(handle).node]
    const bytes = Buffer.alloc(Math.min(length, 1 << 26))
    const count = from.content?.read(fromOffset, bytes) ?? 0
    to.content?.write(offset, bytes.subarray(0, count))
    if (caller.uid !== 0) dropPrivileges(to)
    this.#touch(to, 'mc')
    return count
  }

  opendir(id: vfs.NodeId): vfs.Opened {
    return this.#opened(this.#directory(id), 0)
  }

  readdir(
    id: vfs.NodeId,
    _handle: vfs.HandleId,
    cookie: number,
    plus: boolean,
    sink: vfs.DirectorySink,
  ): vfs.Answer<void> {
    const directory = this.#node(id)
    const up = directory.parent ?? directory
    if (cookie < 1 && !sink('.' as Name, directory.ino, directory.mode, 1, undefined)) return
    if (cookie < 2 && !sink('..' as Name, up.ino, up.mode, 2, undefined)) return
    directory.entries?.after(cookie, ({ name, cookie: next }, node) => {
      const isTaken = sink(name, node.ino, node.mode, next, plus ? node : undefined)
      if (isTaken && plus) node.lookups++
      return isTaken
    })
  }

  releasedir(id: vfs.NodeId, handle: vfs.HandleId): void {
    this.release(id, handle, undefined)
  }

  fsyncdir(): void {}

  statfs(): vfs.StatFs {
    const blocks = { blockBytes: 4096, blocks: 2 ** 28, freeBlocks: 2 ** 27 }
    return { ...blocks, inodes: 2 ** 32, freeInodes: 2 ** 31, maxNameBytes }
  }

  setxattr(id: vfs.NodeId, name: Name, value: Uint8Array, flags: number): void {
    const node = this.#node(id)
    if (name.startsWith('system.')) fail('EOPNOTSUPP')
    if (flags & 1 && node.xattrs.has(name)) fail('EEXIST')
    if (flags & 2 && !node.xattrs.has(name)) fail('ENODATA')
    node.xattrs.set(name, Uint8Array.from(value))
    this.#touch(node, 'c')
  }

  /** No ACLs: the kernel asks for them all the same. */
  getxattr(id: vfs.NodeId, name: Name): Uint8Array {
    return this.#node(id).xattrs.get(name) ?? fail('ENODATA')
  }

  listxattr(id: vfs.NodeId): readonly Name[] {
    return [...this.#node(id).xattrs.keys()]
  }

  removexattr(id: vfs.NodeId, name: Name): void {
    if (!this.#node(id).xattrs.delete(name)) fail('ENODATA')
    this.#touch(this.#node(id), 'c')
  }

  getlk(id: vfs.NodeId, _handle: vfs.HandleId, owner: bigint, lock: vfs.LockRange) {
    return this.#locks.conflict(id, owner, lock)
  }

  setlk(
    id: vfs.NodeId,
    handle: vfs.HandleId,
    owner: bigint,
    lock: vfs.LockRange,
    wait: boolean,
    flock: boolean,
    signal: AbortSignal,
  ): vfs.Answer<void> {
    const locks = flock ? this.#flocks : this.#locks
    return locks.set(id, handle, owner, lock, wait, signal)
  }

  #node(id: vfs.NodeId): MemoryNode {
    return this.#nodes.get(id) ?? fail('ESTALE')
  }

  #directory(id: vfs.NodeId): MemoryNode {
    const node = this.#node(id)
    return node.entries ? node : fail('ENOTDIR')
  }

  #handle(id: vfs.HandleId): Handle {
    return this.#handles.get(id) ?? fail('EBADF')
  }

  #child(directory: MemoryNode, name: Name): MemoryNode {
    if (name.length > maxNameBytes) fail('ENAMETOOLONG')
    return directory.entries!.get(name) ?? fail('ENOENT')
  }

  #mustNotExist(directory: MemoryNode, name: Name): void {
    if (name.length > maxNameBytes) fail('ENAMETOOLONG')
    if (directory.nlink === 0) fail('ENOENT')
    if (directory.entries!.get(name)) fail('EEXIST')
  }

  #known(node: MemoryNode): MemoryNode {
    node.lookups++
    return node
  }

  #opened(node: MemoryNode, flags: number): vfs.Opened {
    const handle = this.#nextHandle++
    this.#handles.set(handle, { node, flags })
    node.opens++
    return { handle, keepCache: this.keepCache, directIo: this.directIo }
  }

  #make(parent: vfs.NodeId, name: Name, mode: number, caller: vfs.Caller): MemoryNode {
    const directory = this.#directory(parent)
    this.#mustNotExist(directory, name)
    const node = this.#born(directory, mode, caller)
    node.parent = directory
    this.#put(directory, name, node)
    return node
  }

  #born(directory: MemoryNode, mode: number, caller: vfs.Caller): MemoryNode {
    const gid = directory.mode & 0o2000 ? directory.gid : caller.gid
    const node = new MemoryNode(this.#nextNode++, mode & ~(caller.umask ?? 0), caller.uid, gid)
    this.#nodes.set(node.id, node)
    this.#touch(node, 'amc')
    return node
  }

  #put(directory: MemoryNode, name: Name, node: MemoryNode): void {
    directory.entries!.set(name, node)
    this.#touch(directory, 'mc')
  }

  #drop(directory: MemoryNode, name: Name, node: MemoryNode): void {
    directory.entries!.delete(name)
    this.#touch(directory, 'mc')
    this.#unlinked(directory, node)
  }

  #unlinked(directory: MemoryNode, node: MemoryNode): void {
    if (node.isDirectory) directory.nlink--
    node.nlink = node.isDirectory ? 0 : node.nlink - 1
    this.#touch(node, 'c')
    this.#reap(node)
  }

  #replace(directory: MemoryNode, name: Name, there: MemoryNode, node: MemoryNode): void {
    if (there.isDirectory && !node.isDirectory) fail('EISDIR')
    if (!there.isDirectory && node.isDirectory) fail('ENOTDIR')
    if (there.entries && there.entries.count > 0) fail('ENOTEMPTY')
    this.#drop(directory, name, there)
  }

  #move(from: MemoryNode, name: Name, to: MemoryNode, newName: Name, node: MemoryNode): void {
    from.entries!.delete(name)
    this.#touch(from, 'mc')
    this.#put(to, newName, node)
    this.#settle(from, to, node)
  }

  #exchange(from: MemoryNode, name: Name, node: MemoryNode, to: MemoryNode, newName: Name): void {
    const other = this.#child(to, newName)
    if (isInside(from, other)) fail('EINVAL')
    this.#put(from, name, other)
    this.#put(to, newName, node)
    this.#settle(from, to, node)
    this.#settle(to, from, other)
  }

  #settle(from: MemoryNode, to: MemoryNode, node: MemoryNode): void {
    node.parent = to
    this.#touch(node, 'c')
    if (!node.isDirectory || from === to) return
    from.nlink--
    to.nlink++
  }

  #chown(node: MemoryNode, set: vfs.SetAttributes): void {
    node.uid = set.uid ?? node.uid
    node.gid = set.gid ?? node.gid
    if (!node.isDirectory) dropPrivileges(node)
  }

  #resize(node: MemoryNode, size: number): void {
    if (size > 2 ** 52) fail('EFBIG')
    node.content?.resize(size)
    this.#touch(node, 'mc')
  }

  #reap(node: MemoryNode): void {
    if (node.nlink === 0 && node.lookups === 0 && node.opens === 0) this.#nodes.delete(node.id)
  }

  #touch(node: MemoryNode, which: string, time: Timestamp | 'now' = 'now'): void {
    const { sec, nsec } = time === 'now' ? now() : time
    if (which.includes('a')) [node.atimeSec, node.atimeNsec] = [sec, nsec]
    if (which.includes('m')) [node.mtimeSec, node.mtimeNsec] = [sec, nsec]
    if (which.includes('c')) [node.ctimeSec, node.ctimeNsec] = [sec, nsec]
  }
}

function fail(code: ErrnoName): never {
  throw new FsError(code)
}

function now(): Timestamp {
  const ms = performance.timeOrigin + performance.now()
  const sec = Math.floor(ms / 1000)
  return { sec, nsec: Math.floor((ms - sec * 1000) * 1e6) }
}

function dropPrivileges(node: MemoryNode): void {
  node.mode &= ~(node.mode & 0o010 ? 0o6000 : 0o4000)
  node.xattrs.delete(capability)
}

function isInside(directory: MemoryNode, node: MemoryNode): boolean {
  for (let at = directory; ; at = at.parent!) {
    if (at === node) return true
    if (at.parent === at || !at.parent) return false
  }
}
