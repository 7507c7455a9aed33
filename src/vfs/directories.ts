import { nameFromText } from '../terms/name.ts'
import { FileType } from '../tree/inode.ts'
import type { DirectoryEntries, Inode } from '../tree/inode.ts'
import { isAccessTimeDue, touchAccessTime } from './access-time.ts'
import { isPending } from './answer.ts'
import type { Answer, DirectorySink, HandleId, NodeId, Opened } from './file-system.ts'
import type { OpenDirectory } from './handle-table.ts'
import type { Volume } from './volume.ts'
import { FsError } from '../terms/errno.ts'

const self = nameFromText('.')
const parent = nameFromText('..')
/** Cookies of the two names that every directory has; those of the entries follow. */
const cookieAfter = { self: 1, parent: 2 } as const

/** The calls that read directories. */
export class DirectoryCalls {
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
  }

  opendir(node: NodeId): Opened {
    const directory = this.#volume.directory(node)
    this.#volume.worktree.retain(directory)
    const handle = this.#volume.directories.add({ inode: directory, end: undefined })
    return { handle, keepCache: !isAccessTimeDue(this.#volume, directory), directIo: false }
  }

  readdir(handle: HandleId, cookie: number, plus: boolean, sink: DirectorySink): Answer<void> {
    const opened = this.#volume.directories.get(handle)
    const entries = this.#volume.worktree.entries(opened.inode)
    if (isPending(entries))
      return entries.then((loaded) => this.#list(opened, loaded, cookie, plus, sink))
    return this.#list(opened, entries, cookie, plus, sink)
  }

  releasedir(handle: HandleId): void {
    const opened = this.#volume.directories.take(handle)
    if (opened !== undefined) this.#volume.worktree.release(opened.inode)
  }

  /** The mount is gone: closes all. */
  releaseAll(): void {
    for (const { inode } of this.#volume.directories.takeAll()) {
      this.#volume.worktree.release(inode)
    }
  }

  readlink(node: NodeId): Uint8Array {
    const inode = this.#volume.nodes.inode(node)
    if (inode.target === undefined) throw new FsError('EINVAL', 'not a symlink')
    touchAccessTime(this.#volume, inode)
    return inode.target
  }

  #list(
    opened: OpenDirectory,
    entries: DirectoryEntries,
    cookie: number,
    plus: boolean,
    sink: DirectorySink,
  ): void {
    const directory = opened.inode
    if (cookie === 0) touchAccessTime(this.#volume, directory)
    const end = cookie === 0 ? entries.end : (opened.end ?? entries.end)
    opened.end = end
    // A removed directory has nothing, not even itself (as on ext4).
    if (directory.nlink === 0) return
    if (!listDots(directory, cookie, sink)) return
    const { nodes, worktree } = this.#volume
    for (const entry of entries.after(Math.max(cookie, cookieAfter.parent))) {
      if (entry.cookie >= end) return
      const { ino, mode } = entry.inode
      const isKnown = plus && worktree.isKnown?.(entry.inode) !== false
      const node = isKnown ? nodes.meet(entry.inode) : undefined
      if (sink(entry.name, ino, mode, entry.cookie, node)) continue
      if (node !== undefined) nodes.forget(node.id, 1)
      return
    }
  }
}

/** False when the sink is full. */
function listDots(directory: Inode, cookie: number, sink: DirectorySink): boolean {
  const above = directory.parent ?? directory
  const type = FileType.directory
  if (cookie < cookieAfter.self && !sink(self, directory.ino, type, cookieAfter.self, undefined)) {
    return false
  }
  return (
    cookie >= cookieAfter.parent || sink(parent, above.ino, type, cookieAfter.parent, undefined)
  )
}
