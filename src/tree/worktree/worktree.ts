import type { Name } from '../../terms/name.ts'
import type { Change } from '../change.ts'
import type { ExtentMap } from '../extent-map.ts'
import { FileType } from '../inode.ts'
import type { DirectoryEntries, Inode } from '../inode.ts'
import type { RootRecord } from '../root-record.ts'
import type { Slice } from '../slice.ts'
import type { Timestamp } from '../time.ts'
import type { WorktreeApi } from '../worktree-api.ts'
import { Binder } from './binder.ts'
import { carryOut, requireLoaded } from './carry-out.ts'
import { TreeInode } from './tree-inode.ts'
import { rootIno, TreeState } from './tree-state.ts'

export interface WorktreeOptions {
  /** What the root directory of a drive without any commit is like. */
  readonly root?: {
    /** Permission bits. @default 0o755 */
    readonly mode?: number
    /** @default 0 */
    readonly uid?: number
    /** @default 0 */
    readonly gid?: number
    /** @default 1970 */
    readonly time?: Timestamp
  }
}

/** The names, attributes and extents of a drive in memory. */
export class Worktree implements Omit<
  WorktreeApi,
  'freeze' | 'committed' | 'thaw' | 'rebase' | 'restate'
> {
  onChange: (change: Change) => void = () => {}
  readonly #state: TreeState
  readonly #binder: Binder
  /** At least the state's; numbers given out and not used yet are not given again. */
  #nextIno: number

  constructor(options: WorktreeOptions = {}) {
    this.#state = new TreeState(emptyRoot(options.root))
    this.#binder = new Binder(this.#state)
    this.#nextIno = this.#state.nextIno
  }

  get root(): TreeInode {
    return this.#state.root
  }

  get base(): RootRecord | undefined {
    return this.#state.base
  }

  get usedBytes(): number {
    return this.#state.usedBytes
  }

  get usedInodes(): number {
    return this.#state.usedInodes
  }

  get sliceBytes(): number {
    return this.#state.sliceBytes
  }

  get dirty(): boolean {
    return this.#state.touched.count > 0
  }

  lookup(directory: Inode, name: Name): TreeInode | undefined | Promise<TreeInode | undefined> {
    const inode = own(directory)
    const found = inode.names?.get(name)
    if (found?.linked) {
      found.parent = inode
      found.name = name
    }
    return found
  }

  entries(directory: Inode): DirectoryEntries | Promise<DirectoryEntries> {
    const { names } = own(directory)
    if (!names) throw new Error(`inode ${directory.ino} is no directory`)
    return names
  }

  extents(file: Inode): ExtentMap | Promise<ExtentMap> {
    return this.#state.file(file.ino).extents!
  }

  allocate(): number {
    this.#nextIno = Math.max(this.#nextIno, this.#state.nextIno)
    return this.#nextIno++
  }

  makeUnnamed(mode: number, uid: number, gid: number, time: Timestamp): TreeInode {
    const inode = new TreeInode(this.allocate(), FileType.regular | (mode & ~FileType.mask))
    inode.uid = uid
    inode.gid = gid
    inode.atime = inode.mtime = inode.ctime = time
    this.#state.add(inode)
    return inode
  }

  apply(change: Change): TreeInode {
    requireLoaded(this.#state, change)
    this.#binder.keep(change, this.onChange)
    return carryOut(this.#state, change)
  }

  async replay(changes: Iterable<Change>): Promise<void> {
    for (const change of changes) {
      if (change.type !== 'bind' && change.type !== 'bind-linked') carryOut(this.#state, change)
    }
    for (const inode of this.#state.inodes.values()) {
      if (inode.nlink === 0 && inode.retained === 0) this.#state.forget(inode)
    }
  }

  retain(inode: Inode): void {
    own(inode).retained++
  }

  release(inode: Inode): void {
    const known = own(inode)
    if (--known.retained === 0 && known.nlink === 0) this.#state.forget(known)
  }

  *slices(): Generator<Slice> {
    for (const inode of this.#state.sliced) {
      for (const { source } of inode.extents!.all()) {
        if (source.kind === 'slice') yield source.slice
      }
    }
  }
}

function own(inode: Inode): TreeInode {
  if (inode instanceof TreeInode) return inode
  throw new TypeError('an inode of another worktree')
}

function emptyRoot(options: WorktreeOptions['root'] = {}): TreeInode {
  const root = new TreeInode(
    rootIno,
    FileType.directory | ((options.mode ?? 0o755) & ~FileType.mask),
  )
  root.nlink = 2
  root.uid = options.uid ?? 0
  root.gid = options.gid ?? 0
  root.atime = root.mtime = root.ctime = options.time ?? { sec: 0, nsec: 0 }
  return root
}
