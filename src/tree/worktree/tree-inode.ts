import type { Name } from '../../terms/name.ts'
import type { ExtentMap } from '../extent-map.ts'
import type { NodePage } from '../btree/node-page.ts'
import { ExtentList } from '../extents/extent-list.ts'
import { ByteReader } from '../format/byte-reader.ts'
import { readExtents } from '../format/extent-format.ts'
import { FileType } from '../inode.ts'
import type { DirectoryEntries, Inode } from '../inode.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { Timestamp } from '../time.ts'
import { DirectoryNames } from './directory-names.ts'

/** What stat shows as the size of any directory. */
export const directorySize = 4096
const blockBytes = 512

/** Shown for every file without bytes. Nobody changes it: files get a list of their own when they are written. */
const noExtents = new ExtentList()

/** Extents too many for their inode's record: a tree of their own. */
export interface StoredExtents {
  readonly node: PieceRef
  readonly count: number
}

/** An inode in memory. Plain fields, for a million of them; only the worktree's own code writes them. */
export class TreeInode implements Inode {
  ino: number
  mode: number
  nlink = 0
  uid = 0
  gid = 0
  rdev = 0
  size = 0
  /** Bytes of the file that lie in extents. */
  coveredBytes = 0
  atimeSec = 0
  atimeNsec = 0
  mtimeSec = 0
  mtimeNsec = 0
  ctimeSec = 0
  ctimeNsec = 0
  /** Replaced as a whole, never changed. */
  xattrs: ReadonlyMap<Name, Uint8Array> | undefined = undefined
  target: Uint8Array | undefined = undefined
  parent: TreeInode | undefined = undefined
  name: Name | undefined = undefined
  /** Of directories. */
  names: DirectoryNames | undefined
  extentList: ExtentMap | undefined = undefined
  /** Extents that are stored apart, as they are committed. */
  extentTree: StoredExtents | undefined = undefined
  /** Where extents are read from when they are asked for, as long as they are not changed: a stored page and the place in it. */
  extentPage: NodePage | undefined = undefined
  extentsAt = 0
  /** The bytes differ from what is committed. */
  contentChanged = false
  dirty = false
  /** Its record lies in the table of hard links: it has, or once had, several names. */
  linked = false
  /** How many times it is held (see WorktreeApi.retain). */
  retained = 0
  holder: object | undefined = undefined
  /** The generation of the journal in which a replay knows this inode by its number. */
  bound = 0

  constructor(ino: number, mode: number) {
    this.ino = ino
    this.mode = mode
    const isDirectory = (mode & FileType.mask) === FileType.directory
    this.names = isDirectory ? new DirectoryNames() : undefined
    if (isDirectory) this.size = directorySize
  }

  get isDirectory(): boolean {
    return (this.mode & FileType.mask) === FileType.directory
  }

  get isRegular(): boolean {
    return (this.mode & FileType.mask) === FileType.regular
  }

  get blocks(): number {
    return Math.ceil((this.isDirectory ? directorySize : this.coveredBytes) / blockBytes)
  }

  get entries(): DirectoryEntries | undefined {
    return this.names?.complete ? this.names : undefined
  }

  get extents(): ExtentMap | undefined {
    if (this.extentPage) this.extentList ??= this.#readExtents(this.extentPage)
    if (this.extentList) return this.extentList
    return this.isRegular && !this.extentTree ? noExtents : undefined
  }

  /** The extents for a change. */
  get ownExtents(): ExtentMap {
    if (this.extentPage) this.extentList ??= this.#readExtents(this.extentPage)
    this.extentPage = undefined
    this.extentList ??= new ExtentList()
    return this.extentList
  }

  set atime(time: Timestamp) {
    this.atimeSec = small(time.sec)
    this.atimeNsec = small(time.nsec)
  }

  set mtime(time: Timestamp) {
    this.mtimeSec = small(time.sec)
    this.mtimeNsec = small(time.nsec)
  }

  set ctime(time: Timestamp) {
    this.ctimeSec = small(time.sec)
    this.ctimeNsec = small(time.nsec)
  }

  /** The extents are those of a record of this file in a stored page. */
  showFrom(record: TreeInode): void {
    if (!record.extentPage) return
    this.extentPage = record.extentPage
    this.extentsAt = record.extentsAt
    this.extentList = undefined
  }

  /** Lets go of extents that can be read again. */
  forgetExtents(): void {
    if (this.extentPage || (this.extentTree && !this.contentChanged)) this.extentList = undefined
  }

  /** The same under another number, for another tree of the drive, and without a name. */
  namelessCopy(ino: number): TreeInode {
    const copy = this.copy()
    const none = { parent: undefined, name: undefined, retained: 0, bound: 0 }
    Object.assign(copy, { ino, nlink: 0, linked: false, dirty: true, ...none })
    if (!copy.isRegular) return copy
    if (!copy.extents) throw new Error(`the extents of inode ${this.ino} are not loaded`)
    copy.extentList = copy.ownExtents
    copy.extentTree = undefined
    copy.contentChanged = true
    return copy
  }

  #readExtents(page: NodePage): ExtentList {
    const list = new ExtentList()
    readExtents(new ByteReader(page.bytes, this.extentsAt), page, Infinity, list)
    return list
  }

  /** All that is stored of it, as it is now; later changes of either do not reach the other. */
  copy(): TreeInode {
    const copy = Object.assign(new TreeInode(this.ino, this.mode), this)
    copy.extentList = this.extentList?.snapshot()
    copy.holder = undefined
    return copy
  }
}

/** The same number in the form that V8 keeps in the object itself: what came out of a division has memory of its own. */
function small(value: number): number {
  const whole = value | 0
  return whole === value ? whole : value
}
