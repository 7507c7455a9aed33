import { FsError } from '../terms/errno.ts'
import type { Name } from '../terms/name.ts'
import { FileType } from '../tree/inode.ts'
import type { Inode } from '../tree/inode.ts'
import { isAccessTimeDue } from './access-time.ts'
import type { View } from './attempt.ts'
import type { AttributeCalls } from './attributes.ts'
import type { Answer, Caller, HandleId, Node, NodeId, Opened } from './file-system.ts'
import { applyAcls, birthIn } from './inheritance.ts'
import type { OpenFile } from './handle-table.ts'
import type { LockCalls } from './locks.ts'
import type { NameCalls } from './names.ts'
import { movesAccessTime, OpenFlag, opensForWriting } from './open-flags.ts'
import { isDirectory, isRegular } from './volume.ts'
import type { Volume } from './volume.ts'

export interface Created {
  readonly node: Node
  readonly opened: Opened
}

/** The calls that open and close files, and fsync. */
export class FileCalls {
  readonly #volume: Volume
  readonly #names: NameCalls
  readonly #attributes: AttributeCalls
  readonly #locks: LockCalls

  constructor(volume: Volume, names: NameCalls, attributes: AttributeCalls, locks: LockCalls) {
    this.#volume = volume
    this.#names = names
    this.#attributes = attributes
    this.#locks = locks
  }

  open(node: NodeId, flags: number, caller: Caller): Answer<Opened> {
    return this.#volume.attempt((view) => this.#open(view, node, flags, caller))
  }

  #open(view: View, node: NodeId, flags: number, caller: Caller): Opened {
    const inode = this.#volume.nodes.inode(node)
    checkOpenable(inode)
    this.#checkCurrent(inode, node, caller)
    if (opensForWriting(flags)) this.#volume.checkWritable()
    if ((flags & OpenFlag.truncate) !== 0) {
      this.#attributes.set(view, node, { size: 0, mtime: 'now' }, caller)
    }
    const opened = this.#opened(inode, node, flags)
    const file = opensForWriting(flags) ? undefined : this.#volume.options.whole?.open(inode)
    if (file === undefined) return opened
    const { size, blocks, mtimeSec, mtimeNsec } = inode
    return { ...opened, whole: { ...file, size, blocks, mtimeSec, mtimeNsec } }
  }

  create(parent: NodeId, name: Name, mode: number, flags: number, caller: Caller): Answer<Created> {
    const making = { mode: FileType.regular | (mode & 0o7777), rdev: 0 }
    return this.#volume.attempt((view) => {
      const directory = this.#volume.directoryToFill(parent, name)
      const there = view.find(directory, name)
      if (there !== undefined) return this.#openExisting(view, there, flags, caller)
      this.#volume.checkFree(directory, name, 'EEXIST')
      const inode = this.#names.make(directory, name, making, caller)
      this.#giveWriteTime(inode)
      const node = this.#volume.nodes.meet(inode)
      return { node, opened: this.#opened(inode, node.id, flags) }
    })
  }

  tmpfile(parent: NodeId, mode: number, flags: number, caller: Caller): Created {
    const directory = this.#volume.directory(parent)
    this.#volume.checkWritable()
    if (directory.nlink === 0) throw new FsError('ENOENT', 'the directory was removed')
    const birth = birthIn(this.#volume, directory, FileType.regular | (mode & 0o7777), caller)
    const time = this.#volume.now()
    const inode = this.#volume.worktree.makeUnnamed(birth.mode, birth.uid, birth.gid, time)
    applyAcls(this.#volume, inode, birth, time)
    if ((flags & OpenFlag.exclusive) === 0) this.#volume.linkable.add(inode)
    const node = this.#volume.nodes.meet(inode)
    return { node, opened: this.#opened(inode, node.id, flags) }
  }

  flush(handle: HandleId, owner: bigint): void {
    const { inode } = this.#volume.files.get(handle)
    this.#locks.closed(inode, owner)
    this.#settleTimes(inode)
  }

  release(handle: HandleId, flockOwner: bigint | undefined): void {
    const file = this.#volume.files.take(handle)
    if (file === undefined) return
    // Without a flush after the pages: the program was killed before the kernel could tell the time.
    if (file.writable) this.#volume.lateTimes.told(file.inode)
    this.#locks.released(file.inode, handle, flockOwner)
    this.#closed(file)
  }

  /** What was written or changed before, anywhere on the mount, is durable when it resolves. */
  async fsync(handle?: HandleId): Promise<void> {
    if (handle !== undefined) this.#settleTimes(this.#volume.files.get(handle).inode)
    await this.#volume.content.sync()
    await this.#volume.options.commit?.()
  }

  /** The mount is gone: closes all. */
  releaseAll(): void {
    for (const file of this.#volume.files.takeAll()) this.#closed(file)
  }

  #settleTimes(inode: Inode): void {
    const times = this.#volume.lateTimes.settled(inode)
    if (times === undefined || inode.nlink === 0) return
    const { mtime, ctime: time } = times
    this.#volume.apply({ type: 'attributes', ino: inode.ino, mtime, time })
  }

  /** The directory keeps the exact time; where the journal takes no more, so does the file. */
  #giveWriteTime({ ino }: Inode): void {
    const time = this.#volume.options.writeTime?.()
    if (time === undefined) return
    try {
      this.#volume.apply({ type: 'attributes', ino, atime: time, mtime: time, time })
    } catch {
      // A full journal says so to the next change.
    }
  }

  #closed(file: OpenFile): void {
    this.#volume.content.forget(file)
    this.#volume.options.whole?.closed(file.inode)
    this.#volume.worktree.release(file.inode)
  }

  /** Somebody else made the file since the kernel looked. */
  #openExisting(view: View, inode: Inode, flags: number, caller: Caller): Created {
    if ((flags & OpenFlag.exclusive) !== 0) throw new FsError('EEXIST', 'the file exists')
    // The kernel takes regular files only here; ESTALE makes it look the name up again and find what it is.
    if (!isRegular(inode)) throw new FsError('ESTALE', 'the name became something else')
    if ((flags & OpenFlag.truncate) !== 0) view.extents(inode)
    const node = this.#volume.nodes.meet(inode)
    return { node, opened: this.#open(view, node.id, flags, caller) }
  }

  /**
   * A former number has a size that is out of date: ESTALE makes the kernel look the name up again. Who comes back with it
   * has no name to look up, but a descriptor (/proc/self/fd).
   */
  #checkCurrent(inode: Inode, node: NodeId, { pid }: Caller): void {
    if (!this.#volume.nodes.opensFormer(inode, node, pid)) return
    throw new FsError('ESTALE', 'the file was changed elsewhere')
  }

  #opened(inode: Inode, node: NodeId, flags: number): Opened {
    this.#volume.worktree.retain(inode)
    const handle = this.#volume.files.add({
      inode,
      node,
      writable: opensForWriting(flags),
      append: (flags & OpenFlag.append) !== 0,
      keepsAccessTime: (flags & OpenFlag.keepAccessTime) !== 0,
    })
    // What the kernel reads from its own pages is not seen here.
    const keepCache = !movesAccessTime(flags) || !isAccessTimeDue(this.#volume, inode)
    return { handle, keepCache, directIo: false }
  }
}

function checkOpenable(inode: Inode): void {
  if (isDirectory(inode)) throw new FsError('EISDIR', 'a directory opened as a file')
  const isSymlink = (inode.mode & FileType.mask) === FileType.symlink
  if (isSymlink) throw new FsError('ELOOP', 'a symlink opened as a file')
  // The kernel opens device nodes, fifos and sockets itself.
  if (!isRegular(inode)) throw new FsError('ENXIO', 'a special file')
}
