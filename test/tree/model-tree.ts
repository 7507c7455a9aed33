import type { Name } from '../../src/terms/name.ts'
import { FileType } from '../../src/tree/inode.ts'
import type { Timestamp } from '../../src/tree/time.ts'

/** An inode of the model: what a file system that keeps everything in plain objects would know. */
export interface ModelInode {
  ino: number
  mode: number
  nlink: number
  uid: number
  gid: number
  rdev: number
  size: number
  atime: Timestamp
  mtime: Timestamp
  ctime: Timestamp
  xattrs: Map<Name, string>
  target: string | undefined
  /** Sparse: an index that is not there is a hole. */
  bytes: Map<number, number>
  names: Map<Name, ModelInode> | undefined
  parent: ModelInode | undefined
}

/** The tree that the worktree is compared with. */
export class ModelTree {
  readonly root: ModelInode

  constructor() {
    this.root = this.inode(1, FileType.directory | 0o755, { sec: 0, nsec: 0 })
    this.root.nlink = 2
    this.root.parent = this.root
  }

  inode(ino: number, mode: number, time: Timestamp): ModelInode {
    const isDirectory = (mode & FileType.mask) === FileType.directory
    return {
      ino,
      mode,
      nlink: 0,
      uid: 0,
      gid: 0,
      rdev: 0,
      size: isDirectory ? 4096 : 0,
      atime: time,
      mtime: time,
      ctime: time,
      xattrs: new Map(),
      target: undefined,
      bytes: new Map(),
      names: isDirectory ? new Map() : undefined,
      parent: undefined,
    }
  }

  /** Directories by their paths, the root first. */
  directories(): [readonly Name[], ModelInode][] {
    const found: [readonly Name[], ModelInode][] = [[[], this.root]]
    for (const [path, directory] of found) {
      for (const [name, inode] of directory.names!) {
        if (inode.names) found.push([[...path, name], inode])
      }
    }
    return found
  }

  /** All names but the root's. */
  names(): { path: readonly Name[]; parent: ModelInode; name: Name; inode: ModelInode }[] {
    return this.directories().flatMap(([path, parent]) =>
      [...parent.names!].map(([name, inode]) => ({ path: [...path, name], parent, name, inode })),
    )
  }

  isInside(inode: ModelInode, ancestor: ModelInode): boolean {
    for (let at = inode; ; at = at.parent!) {
      if (at === ancestor) return true
      if (at === this.root) return false
    }
  }

  link(parent: ModelInode, name: Name, inode: ModelInode, time: Timestamp): void {
    parent.names!.set(name, inode)
    parent.mtime = parent.ctime = inode.ctime = time
    inode.nlink += inode.names ? 2 : 1
    if (inode.names) {
      inode.parent = parent
      parent.nlink++
    }
  }

  unlink(parent: ModelInode, name: Name, time: Timestamp): void {
    const inode = parent.names!.get(name)!
    parent.names!.delete(name)
    parent.mtime = parent.ctime = inode.ctime = time
    inode.nlink -= inode.names ? 2 : 1
    if (inode.names) parent.nlink--
  }

  rename(from: ModelInode, name: Name, to: ModelInode, newName: Name, time: Timestamp): void {
    const inode = from.names!.get(name)!
    if (to.names!.get(newName) === inode) return
    if (to.names!.has(newName)) this.unlink(to, newName, time)
    this.unlink(from, name, time)
    this.link(to, newName, inode, time)
  }

  exchange(from: ModelInode, name: Name, to: ModelInode, newName: Name, time: Timestamp): void {
    const [a, b] = [from.names!.get(name)!, to.names!.get(newName)!]
    if (a === b) return
    this.unlink(from, name, time)
    this.unlink(to, newName, time)
    this.link(to, newName, a, time)
    this.link(from, name, b, time)
  }

  /** Makes bytes, or holes where `byteAt` says undefined; the size does not follow. */
  fill(
    inode: ModelInode,
    offset: number,
    length: number,
    byteAt: (i: number) => number | undefined,
  ): void {
    const bytes = Array.from({ length }, (_, i) => byteAt(i))
    for (const [i, byte] of bytes.entries()) {
      if (byte === undefined) inode.bytes.delete(offset + i)
      else inode.bytes.set(offset + i, byte)
    }
  }

  resize(inode: ModelInode, size: number): void {
    for (const at of inode.bytes.keys()) if (at >= size) inode.bytes.delete(at)
    inode.size = size
  }
}

/** One line for each name, with all that is known of its inode; the totals in the last. */
export function dumpModel(model: ModelTree): string[] {
  const entries = [{ path: [] as readonly Name[], inode: model.root }, ...model.names()]
  const lines = entries.map(({ path, inode }) => dumpLine(path, inode))
  const inodes = new Set(entries.map(({ inode }) => inode))
  const bytes = [...inodes].reduce((sum, inode) => sum + inode.bytes.size, 0)
  return [...lines.sort(), `inodes ${inodes.size} bytes ${bytes}`]
}

export function dumpLine(
  path: readonly Name[],
  inode: Omit<ModelInode, 'names' | 'parent'>,
): string {
  const times = [inode.atime, inode.mtime, inode.ctime].map(({ sec, nsec }) => `${sec}.${nsec}`)
  const xattrs = [...inode.xattrs].map(([name, value]) => `${name}=${value}`).sort()
  const bytes = [...inode.bytes].sort(([a], [b]) => a - b).map(([at, byte]) => `${at}:${byte}`)
  const { ino, mode, nlink, uid, gid, rdev, size, target } = inode
  const numbers = [ino, mode.toString(8), nlink, uid, gid, rdev, size, target]
  return [`/${path.join('/')}`, ...numbers, ...times, ...xattrs, ...bytes].join(' ')
}
