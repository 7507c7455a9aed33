import { FsError } from '../terms/errno.ts'
import type { Name } from '../terms/name.ts'
import { FileType } from '../tree/inode.ts'
import type { Inode } from '../tree/inode.ts'
import type { View } from './attempt.ts'
import type { Answer, Caller, Node, NodeId } from './file-system.ts'
import { applyAcls, birthIn } from './inheritance.ts'
import { maxLinks, maxTargetBytes } from './limits.ts'
import { isDirectory } from './volume.ts'
import type { Volume } from './volume.ts'

const makeable: readonly number[] = [
  FileType.regular,
  FileType.fifo,
  FileType.socket,
  FileType.charDevice,
  FileType.blockDevice,
]
const isDevice = (type: number) => type === FileType.charDevice || type === FileType.blockDevice

/** What is to be made under a name. `mode` holds the type. */
export interface Making {
  readonly mode: number
  readonly rdev: number
  readonly target?: Uint8Array
}

/** The calls that make and remove names. */
export class NameCalls {
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
  }

  mknod(parent: NodeId, name: Name, mode: number, rdev: number, caller: Caller): Answer<Node> {
    const type = mode & FileType.mask || FileType.regular
    if (type === FileType.directory) throw new FsError('EPERM', 'mknod of a directory')
    if (!makeable.includes(type)) throw new FsError('EINVAL', 'mknod of an unknown type')
    const device = isDevice(type) ? rdev : 0
    return this.#makeNode(parent, name, { mode: mode | type, rdev: device }, caller)
  }

  mkdir(parent: NodeId, name: Name, mode: number, caller: Caller): Answer<Node> {
    const making = { mode: (mode & 0o7777) | FileType.directory, rdev: 0 }
    return this.#makeNode(parent, name, making, caller)
  }

  symlink(parent: NodeId, name: Name, target: Uint8Array, caller: Caller): Answer<Node> {
    if (target.length === 0) throw new FsError('ENOENT', 'an empty target')
    if (target.length > maxTargetBytes)
      throw new FsError('ENAMETOOLONG', 'a target over 4095 bytes')
    const own = Uint8Array.from(target)
    return this.#makeNode(
      parent,
      name,
      { mode: FileType.symlink | 0o777, rdev: 0, target: own },
      caller,
    )
  }

  link(node: NodeId, newParent: NodeId, newName: Name): Answer<Node> {
    return this.#volume.attempt((view) => this.#link(view, node, newParent, newName))
  }

  unlink(parent: NodeId, name: Name): Answer<void> {
    return this.#volume.attempt((view) => this.#unlink(view, parent, name))
  }

  rmdir(parent: NodeId, name: Name): Answer<void> {
    return this.#volume.attempt((view) => this.#rmdir(view, parent, name))
  }

  #link(view: View, node: NodeId, newParent: NodeId, newName: Name): Node {
    const { nodes, linkable } = this.#volume
    const inode = nodes.inode(node)
    const directory = this.#volume.directoryToFill(newParent, newName)
    if (view.find(directory, newName) !== undefined)
      throw new FsError('EEXIST', 'the name is taken')
    this.#volume.checkFree(directory, newName, 'EEXIST')
    if (isDirectory(inode)) throw new FsError('EPERM', 'a hard link to a directory')
    if (inode.nlink === 0 && !linkable.has(inode))
      throw new FsError('ENOENT', 'the file was removed')
    if (inode.nlink >= maxLinks) throw new FsError('EMLINK', `${maxLinks} links are the limit`)
    const time = this.#volume.now()
    this.#volume.apply({ type: 'link', ino: inode.ino, parent: directory.ino, name: newName, time })
    linkable.delete(inode)
    return nodes.meet(inode)
  }

  #unlink(view: View, parent: NodeId, name: Name): void {
    const directory = this.#volume.directory(parent)
    const inode = view.find(directory, name)
    if (inode === undefined) throw this.#absent(directory, name)
    if (isDirectory(inode)) throw new FsError('EISDIR', 'unlink of a directory')
    this.#remove(directory, name)
  }

  #rmdir(view: View, parent: NodeId, name: Name): void {
    const directory = this.#volume.directory(parent)
    if (name === '.') throw new FsError('EINVAL', 'rmdir of .')
    if (name === '..') throw new FsError('ENOTEMPTY', 'rmdir of ..')
    const inode = view.find(directory, name)
    if (inode === undefined) throw this.#absent(directory, name)
    if (!isDirectory(inode)) throw new FsError('ENOTDIR', 'rmdir of a file')
    if (view.entries(inode).count > 0) throw new FsError('ENOTEMPTY', 'the directory is not empty')
    this.#remove(directory, name)
  }

  /** Makes what is not there yet and gives its inode; the caller has looked the name up. */
  make(directory: Inode, name: Name, making: Making, caller: Caller): Inode {
    const birth = birthIn(this.#volume, directory, making.mode, caller)
    const time = this.#volume.now()
    const inode = this.#volume.apply({
      type: 'make',
      parent: directory.ino,
      name,
      ino: this.#volume.worktree.allocate(),
      mode: birth.mode,
      uid: birth.uid,
      gid: birth.gid,
      rdev: making.rdev,
      ...(making.target && { target: making.target }),
      time,
    })
    applyAcls(this.#volume, inode, birth, time)
    return inode
  }

  #makeNode(parent: NodeId, name: Name, making: Making, caller: Caller): Answer<Node> {
    return this.#volume.attempt((view) => {
      const directory = this.#volume.directoryToFill(parent, name)
      if (view.find(directory, name) !== undefined) throw new FsError('EEXIST', 'the name is taken')
      this.#volume.checkFree(directory, name, 'EEXIST')
      return this.#volume.nodes.meet(this.make(directory, name, making, caller))
    })
  }

  #absent(directory: Inode, name: Name): FsError {
    this.#volume.checkFree(directory, name, 'EBUSY')
    return new FsError('ENOENT', 'no such name')
  }

  #remove(directory: Inode, name: Name): void {
    this.#volume.checkWritable()
    this.#volume.apply({ type: 'unlink', parent: directory.ino, name, time: this.#volume.now() })
  }
}
