import type { Name } from '../terms/name.ts'
import type { Attributes } from '../tree/attributes.ts'
import type { RebaseResult } from '../tree/worktree-api.ts'
import { AttributeCalls } from './attributes.ts'
import { DirectoryCalls } from './directories.ts'
import type {
  Answer,
  Caller,
  DirectorySink,
  FileSystem,
  HandleId,
  LockRange,
  Node,
  NodeId,
  Opened,
  SetAttributes,
  StatFs,
} from './file-system.ts'
import { FileCalls } from './files.ts'
import type { Created } from './files.ts'
import { invalidationsOf } from './invalidations.ts'
import type { Invalidations } from './invalidations.ts'
import { IoCalls } from './io.ts'
import { LockCalls } from './locks.ts'
import { LookupCalls } from './lookups.ts'
import { NameCalls } from './names.ts'
import { RangeCalls } from './ranges.ts'
import { RenameCalls } from './renames.ts'
import type { VfsOptions, VfsParts } from './vfs-options.ts'
import { isVirtual } from './virtual-node.ts'
import { Volume } from './volume.ts'
import { XattrCalls } from './xattrs.ts'

/**
 * The drive as the kernel sees it: ext4's semantics over a worktree and the bytes of its files. README.md says what
 * it promises. Each family of calls lies in a file of its own; here they are put together, and calls for virtual
 * nodes go their own way.
 */
export class PosixFileSystem implements FileSystem {
  readonly settle: () => void
  readonly #volume: Volume
  readonly #lookups: LookupCalls
  readonly #attributes: AttributeCalls
  readonly #names: NameCalls
  readonly #renames: RenameCalls
  readonly #files: FileCalls
  readonly #io: IoCalls
  readonly #ranges: RangeCalls
  readonly #directories: DirectoryCalls
  readonly #xattrs: XattrCalls
  readonly #locks: LockCalls

  constructor(parts: VfsParts, options: VfsOptions = {}) {
    const volume = new Volume(parts, options)
    this.settle = options.settle ?? (() => {})
    this.#volume = volume
    this.#lookups = new LookupCalls(volume)
    this.#attributes = new AttributeCalls(volume)
    this.#names = new NameCalls(volume)
    this.#renames = new RenameCalls(volume, this.#names)
    this.#locks = new LockCalls(volume)
    this.#files = new FileCalls(volume, this.#names, this.#attributes, this.#locks)
    this.#io = new IoCalls(volume)
    this.#ranges = new RangeCalls(volume)
    this.#directories = new DirectoryCalls(volume)
    this.#xattrs = new XattrCalls(volume)
  }

  /** Numbers for `status`. */
  get counts(): Readonly<Record<string, number>> {
    return {
      knownInodes: this.#volume.nodes.size,
      openFiles: this.#volume.files.size,
      openDirectories: this.#volume.directories.size,
      lockedFiles: this.#locks.lockedFiles,
    }
  }

  /** What the kernel must forget after a rebase, in its own numbers. */
  invalidated(result: RebaseResult): Invalidations {
    return invalidationsOf(this.#volume.nodes, result)
  }

  /** The mount is gone: closes everything, forgets every inode and lock. */
  unmounted(): void {
    this.#files.releaseAll()
    this.#directories.releaseAll()
    this.#locks.forgetAll()
    this.#volume.virtual.forgetAll()
    this.#volume.nodes.forgetAll()
  }

  lookup(parent: NodeId, name: Name, _: Caller, signal?: AbortSignal): Answer<Node | undefined> {
    if (isVirtual(parent)) return this.#volume.virtual.lookup(parent, name, signal)
    return this.#lookups.lookup(parent, name, signal)
  }

  forget(node: NodeId, count: number): void {
    if (isVirtual(node)) this.#volume.virtual.forget(node, count)
    else this.#volume.nodes.forget(node, count)
  }

  getattr(node: NodeId, _handle: HandleId | undefined): Attributes {
    if (isVirtual(node)) return this.#volume.virtual.getattr(node)
    return this.#attributes.getattr(node)
  }

  setattr(node: NodeId, set: SetAttributes, caller: Caller): Answer<Attributes> {
    return this.#attributes.setattr(node, set, caller)
  }

  readlink(node: NodeId): Uint8Array {
    if (isVirtual(node)) return this.#volume.virtual.readlink(node)
    return this.#directories.readlink(node)
  }

  access(node: NodeId, mask: number, _caller: Caller): void {
    if (isVirtual(node)) return this.#volume.virtual.access(node, mask)
    return this.#attributes.access(node, mask)
  }

  mknod(parent: NodeId, name: Name, mode: number, rdev: number, caller: Caller): Answer<Node> {
    return this.#names.mknod(parent, name, mode, rdev, caller)
  }

  mkdir(parent: NodeId, name: Name, mode: number, caller: Caller): Answer<Node> {
    return this.#names.mkdir(parent, name, mode, caller)
  }

  symlink(parent: NodeId, name: Name, target: Uint8Array, caller: Caller): Answer<Node> {
    return this.#names.symlink(parent, name, target, caller)
  }

  link(node: NodeId, newParent: NodeId, newName: Name, _caller: Caller): Answer<Node> {
    return this.#names.link(node, newParent, newName)
  }

  unlink(parent: NodeId, name: Name, _caller: Caller): Answer<void> {
    return this.#names.unlink(parent, name)
  }

  rmdir(parent: NodeId, name: Name, _caller: Caller): Answer<void> {
    return this.#names.rmdir(parent, name)
  }

  rename(
    parent: NodeId,
    name: Name,
    newParent: NodeId,
    newName: Name,
    flags: number,
    caller: Caller,
  ): Answer<void> {
    return this.#renames.rename({ parent, name, newParent, newName, flags }, caller)
  }

  open(node: NodeId, flags: number, caller: Caller): Answer<Opened> {
    if (isVirtual(node)) return this.#volume.virtual.open(node, flags)
    return this.#files.open(node, flags, caller)
  }

  create(parent: NodeId, name: Name, mode: number, flags: number, caller: Caller): Answer<Created> {
    return this.#files.create(parent, name, mode, flags, caller)
  }

  tmpfile(parent: NodeId, mode: number, flags: number, caller: Caller): Created {
    return this.#files.tmpfile(parent, mode, flags, caller)
  }

  read(
    node: NodeId,
    handle: HandleId,
    offset: number,
    into: Uint8Array,
    signal?: AbortSignal,
  ): number | Promise<Uint8Array> {
    if (isVirtual(node)) return this.#volume.virtual.read(handle, offset, into, signal)
    return this.#io.read(handle, offset, into, signal)
  }

  write(
    _node: NodeId,
    handle: HandleId,
    offset: number,
    bytes: Uint8Array,
    cached: boolean,
    caller: Caller,
  ): Answer<number> {
    return this.#io.write(handle, offset, bytes, cached, caller)
  }

  flush(node: NodeId, handle: HandleId, owner: bigint): void {
    if (!isVirtual(node)) this.#files.flush(handle, owner)
  }

  release(node: NodeId, handle: HandleId, flockOwner: bigint | undefined): void {
    if (isVirtual(node)) this.#volume.virtual.release(handle)
    else this.#files.release(handle, flockOwner)
  }

  fsync(node: NodeId, handle: HandleId, _dataOnly: boolean): Answer<void> {
    return isVirtual(node) ? undefined : this.#files.fsync(handle)
  }

  fallocate(
    _node: NodeId,
    handle: HandleId,
    mode: number,
    offset: number,
    length: number,
    caller: Caller,
  ): Answer<void> {
    return this.#ranges.fallocate(handle, mode, offset, length, caller)
  }

  lseek(node: NodeId, _handle: HandleId, offset: number, whence: number): Answer<number> {
    return this.#ranges.lseek(node, offset, whence)
  }

  copyFileRange(
    _fromNode: NodeId,
    fromHandle: HandleId,
    fromOffset: number,
    _node: NodeId,
    handle: HandleId,
    offset: number,
    length: number,
    caller: Caller,
  ): Answer<number> {
    const copy = { fromHandle, fromOffset, handle, offset, length }
    return this.#ranges.copyFileRange(copy, caller)
  }

  opendir(node: NodeId, _flags: number, _caller: Caller): Answer<Opened> {
    if (isVirtual(node)) return this.#volume.virtual.opendir(node)
    return this.#directories.opendir(node)
  }

  readdir(
    node: NodeId,
    handle: HandleId,
    cookie: number,
    plus: boolean,
    sink: DirectorySink,
  ): Answer<void> {
    if (isVirtual(node)) {
      return this.#volume.virtual.readdir(node, handle, cookie, plus, sink)
    }
    return this.#directories.readdir(handle, cookie, plus, sink)
  }

  releasedir(node: NodeId, handle: HandleId): void {
    if (isVirtual(node)) this.#volume.virtual.releasedir(handle)
    else this.#directories.releasedir(handle)
  }

  fsyncdir(node: NodeId, _handle: HandleId, _dataOnly: boolean): Answer<void> {
    return isVirtual(node) ? undefined : this.#files.fsync()
  }

  statfs(_node: NodeId): StatFs {
    return this.#lookups.statfs()
  }

  setxattr(node: NodeId, name: Name, value: Uint8Array, flags: number, caller: Caller): void {
    this.#xattrs.setxattr(node, name, value, flags, caller)
  }

  getxattr(node: NodeId, name: Name, caller: Caller): Answer<Uint8Array | undefined> {
    if (isVirtual(node)) return this.#volume.virtual.getxattr(node, name)
    return this.#xattrs.getxattr(node, name, caller)
  }

  listxattr(node: NodeId, caller: Caller): readonly Name[] {
    if (isVirtual(node)) return this.#volume.virtual.listxattr(node)
    return this.#xattrs.listxattr(node, caller)
  }

  removexattr(node: NodeId, name: Name, caller: Caller): void {
    this.#xattrs.removexattr(node, name, caller)
  }

  getlk(node: NodeId, handle: HandleId, owner: bigint, lock: LockRange): LockRange | undefined {
    return this.#locks.getlk(node, handle, owner, lock)
  }

  setlk(
    node: NodeId,
    handle: HandleId,
    owner: bigint,
    lock: LockRange,
    wait: boolean,
    flock: boolean,
    signal: AbortSignal,
  ): Answer<void> {
    return this.#locks.setlk(node, handle, owner, lock, wait, flock, signal)
  }
}
