import { FsError } from '../terms/errno.ts'
import { nameFromText } from '../terms/name.ts'
import type { Name } from '../terms/name.ts'
import type { Attributes } from '../tree/attributes.ts'
import { interruptible, isPending, whenAnswered } from './answer.ts'
import type { Answer, DirectorySink, HandleId, Node, NodeId, Opened } from './file-system.ts'
import { HandleTable } from './handle-table.ts'
import { opensForWriting } from './open-flags.ts'
import { firstVirtual } from './virtual-node.ts'
import type { VirtualBytes, VirtualDirectory, VirtualEntry, VirtualNode } from './virtual-node.ts'

const writeMask = 2

/** The name of the virtual directory in the root. */
export const virtualName: Name = nameFromText('.walrusfs')

/** A line of an open directory: `.` and `..`, or an entry. */
type Listed = { readonly name: Name; readonly attributes: Attributes } | VirtualEntry

interface KnownVirtual extends Node {
  readonly node: VirtualNode
  readonly parent: Attributes
  lookups: number
}

/** The calls that a virtual node answers; it refuses all others as read-only. */
export class VirtualCalls {
  readonly #top: VirtualDirectory | undefined
  readonly #root: Attributes
  readonly #byId = new Map<NodeId, KnownVirtual>()
  readonly #byNode = new Map<VirtualNode, KnownVirtual>()
  readonly #files = new HandleTable<VirtualBytes>(firstVirtual)
  readonly #directories = new HandleTable<readonly Listed[]>(firstVirtual)
  #nextId = firstVirtual

  /** `root`: what `..` of the top is. */
  constructor(top: VirtualDirectory | undefined, root: Attributes) {
    this.#top = top
    this.#root = root
  }

  /** The virtual directory itself, as a lookup in the root finds it. */
  lookupTop(): Node {
    if (this.#top === undefined) throw new FsError('ENOENT', 'there is no virtual directory')
    return this.#meet(this.#top, this.#root)
  }

  /** Whether a name in the root is taken by the virtual directory. */
  takes(name: Name): boolean {
    return this.#top !== undefined && name === virtualName
  }

  lookup(parent: NodeId, name: Name, signal: AbortSignal | undefined): Answer<Node | undefined> {
    const directory = this.#directory(parent)
    const meet = (node: VirtualNode | undefined) => node && this.#meet(node, directory.attributes)
    const found = directory.lookup(name)
    return isPending(found) ? interruptible(found, signal).then(meet) : meet(found)
  }

  forget(id: NodeId, count: number): void {
    const known = this.#byId.get(id)
    if (known === undefined) return
    known.lookups -= count
    if (known.lookups > 0) return
    this.#byId.delete(id)
    this.#byNode.delete(known.node)
    known.node.release?.()
  }

  getattr(id: NodeId): Attributes {
    return this.#known(id).attributes
  }

  readlink(id: NodeId): Uint8Array {
    const { node } = this.#known(id)
    if (node.kind !== 'symlink') throw new FsError('EINVAL', 'not a symlink')
    return node.target
  }

  access(id: NodeId, mask: number): void {
    this.#known(id)
    if ((mask & writeMask) !== 0) throw refused()
  }

  getxattr(id: NodeId, name: Name): Uint8Array | undefined {
    return this.#known(id).node.xattrs?.get(name)
  }

  listxattr(id: NodeId): readonly Name[] {
    return [...(this.#known(id).node.xattrs?.keys() ?? [])]
  }

  open(id: NodeId, flags: number): Answer<Opened> {
    const { node } = this.#known(id)
    if (opensForWriting(flags)) throw refused()
    if (node.kind === 'directory') throw new FsError('EISDIR', 'a directory opened as a file')
    if (node.kind !== 'file') throw new FsError('ELOOP', 'no regular file opened as one')
    return whenAnswered(node.open(), (bytes) => ({
      handle: this.#files.add(bytes),
      keepCache: !bytes.directIo,
      directIo: bytes.directIo,
    }))
  }

  read(
    handle: HandleId,
    offset: number,
    into: Uint8Array,
    signal: AbortSignal | undefined,
  ): number | Promise<Uint8Array> {
    const bytes = this.#files.get(handle).read(offset, into)
    return typeof bytes === 'number' ? bytes : interruptible(bytes, signal)
  }

  /** SEEK_DATA and SEEK_HOLE, within a file. */
  lseek(id: NodeId, offset: number, isHole: boolean): Answer<number> {
    const { node, attributes } = this.#known(id)
    const { size } = attributes
    if (!(offset >= 0 && offset < size)) throw new FsError('ENXIO', 'beyond the end')
    const extents = node.kind === 'file' ? node.extents?.() : undefined
    if (!extents) return isHole ? size : offset
    return whenAnswered(extents, (known) => {
      if (isHole) return Math.min(known.nextHole(offset), size)
      const data = known.nextData(offset)
      if (data === undefined || data >= size) throw new FsError('ENXIO', 'no data there')
      return data
    })
  }

  release(handle: HandleId): void {
    this.#files.take(handle)?.close?.()
  }

  opendir(id: NodeId): Answer<Opened> {
    const { node, parent } = this.#known(id)
    if (node.kind !== 'directory') throw new FsError('ENOTDIR', 'not a directory')
    return whenAnswered(node.list(), (entries) => {
      const handle = this.#directories.add([
        { name: nameFromText('.'), attributes: node.attributes },
        { name: nameFromText('..'), attributes: parent },
        ...entries,
      ])
      return { handle, keepCache: node.changes === undefined, directIo: false }
    })
  }

  readdir(id: NodeId, handle: HandleId, cookie: number, plus: boolean, sink: DirectorySink): void {
    const directory = this.#known(id).attributes
    const entries = this.#directories.get(handle)
    for (let index = cookie; index < entries.length; index++) {
      const entry = entries[index]!
      const node = 'node' in entry ? entry.node : undefined
      const { ino, mode } = 'attributes' in entry ? entry.attributes : node!.attributes
      const known = plus && node ? this.#meet(node, directory) : undefined
      if (sink(entry.name, ino, mode, index + 1, known)) continue
      if (known !== undefined) this.forget(known.id, 1)
      return
    }
  }

  releasedir(handle: HandleId): void {
    this.#directories.take(handle)
  }

  /** The mount is gone. */
  forgetAll(): void {
    for (const { node } of this.#byId.values()) node.release?.()
    this.#byId.clear()
    this.#byNode.clear()
    for (const bytes of this.#files.takeAll()) bytes.close?.()
    this.#directories.takeAll()
  }

  #known(id: NodeId): KnownVirtual {
    const known = this.#byId.get(id)
    if (known === undefined) throw new FsError('ESTALE', `no virtual node ${id} is known`)
    return known
  }

  #directory(id: NodeId): VirtualDirectory {
    const { node } = this.#known(id)
    if (node.kind !== 'directory') throw new FsError('ENOTDIR', 'not a directory')
    return node
  }

  #meet(node: VirtualNode, parent: Attributes): KnownVirtual {
    const known = this.#byNode.get(node) ?? this.#introduce(node, parent)
    known.lookups++
    return known
  }

  #introduce(node: VirtualNode, parent: Attributes): KnownVirtual {
    const known = { id: this.#nextId++, node, parent, attributes: node.attributes, lookups: 0 }
    this.#byId.set(known.id, known)
    this.#byNode.set(node, known)
    node.retain?.()
    return known
  }
}

function refused(): FsError {
  return new FsError('EROFS', 'the virtual directory is read-only')
}
