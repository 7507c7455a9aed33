import { hash } from 'node:crypto'
import { FsError } from '../terms/errno.ts'
import type { Name } from '../terms/name.ts'
import type { ExtentMap } from '../tree/extent-map.ts'
import { FileType, type DirectoryEntries, type Inode } from '../tree/inode.ts'
import type { NamePlace, RebaseResult, WorktreeApi } from '../tree/worktree-api.ts'
import { TreeInode } from '../tree/worktree/tree-inode.ts'
import type { ListedFile } from './listing.ts'
import { ListedInode } from './listed-inode.ts'
import { placeFiles } from './place-files.ts'

const directoryMode = FileType.directory | 0o755
const rootIno = 1
/** Inode numbers are made of so many bits of a hash of the path: the same at every mount. */
const inoHexDigits = 12

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Names that somebody else's listing gives, as a tree that is never changed from here: all that the vfs needs of a worktree. */
export class ListedTree implements Pick<
  WorktreeApi,
  | 'root'
  | 'usedBytes'
  | 'usedInodes'
  | 'lookup'
  | 'entries'
  | 'extents'
  | 'allocate'
  | 'makeUnnamed'
  | 'apply'
  | 'retain'
  | 'release'
> {
  readonly root: TreeInode
  readonly #owner: Owner
  readonly #files = new Map<string, ListedInode>()
  /** By path; the root is ''. */
  readonly #directories = new Map<string, TreeInode>()
  readonly #inos = new Set<number>()

  constructor(owner: Owner) {
    this.#owner = owner
    this.root = this.#own(new TreeInode(rootIno, directoryMode))
    this.root.nlink = 2
    this.root.parent = this.root
    this.#directories.set('', this.root)
    this.#inos.add(rootIno)
  }

  /** Bytes of the files whose size is known. */
  get usedBytes(): number {
    let bytes = 0
    for (const { size } of this.#files.values()) bytes += size
    return bytes
  }

  get usedInodes(): number {
    return this.#files.size + this.#directories.size - 1
  }

  /** All files, by their paths here. */
  get files(): ReadonlyMap<string, ListedInode> {
    return this.#files
  }

  /** Shows these files and no others; what is open keeps its bytes. Says what is different now. Throws ListingError. */
  replace(listed: readonly ListedFile[]): RebaseResult {
    const placed = new Map(
      placeFiles(listed).map((one) => [[...one.directory, one.name].join('/'), one]),
    )
    const names: NamePlace[] = []
    for (const [path, inode] of this.#files) {
      if (placed.get(path)?.file.key === inode.file.key) continue
      this.#files.delete(path)
      names.push(this.#takeOut(inode))
    }
    const needed = new Set<string>()
    for (const { directory } of placed.values()) addAll(needed, directory)
    names.push(...this.#dropDirectories(needed))
    for (const [path, { file, directory, name }] of placed) {
      if (this.#files.has(path)) continue
      const inode = this.#own(new ListedInode(this.#inoOf(path), file))
      names.push(this.#putIn(this.#directory(directory, names), name, inode))
      this.#files.set(path, inode)
    }
    const inodes = [...new Set(names.map(({ directory }) => directory))]
    return { inodes, names, changedFiles: [], conflicts: [] }
  }

  lookup(directory: Inode, name: Name): Inode | undefined | Promise<Inode | undefined> {
    const inode = (directory as TreeInode).names?.get(name)
    return inode instanceof ListedInode ? inode.found() : inode
  }

  entries(directory: Inode): DirectoryEntries {
    return (directory as TreeInode).names!
  }

  /** Whether all that stat shows is known; a look-up finds it else. */
  isKnown(inode: Inode): boolean {
    return !(inode instanceof ListedInode) || inode.source !== undefined
  }

  async extents(file: Inode): Promise<ExtentMap> {
    if (file instanceof ListedInode) await file.found()
    return file.extents!
  }

  allocate(): never {
    throw new FsError('EROFS', 'what others published is not changed from here')
  }

  makeUnnamed(): never {
    return this.allocate()
  }

  apply(): never {
    return this.allocate()
  }

  /** Everything stays in memory. */
  retain(): void {}

  release(): void {}

  #takeOut(inode: TreeInode): NamePlace {
    const place = { directory: inode.parent!, name: inode.name! }
    place.directory.names!.delete(place.name)
    inode.nlink = 0
    this.#inos.delete(inode.ino)
    if (inode.isDirectory) place.directory.nlink--
    return place
  }

  #putIn(directory: TreeInode, name: Name, inode: TreeInode): NamePlace {
    directory.names!.set(name, inode)
    inode.parent = directory
    inode.name = name
    if (inode.isDirectory) directory.nlink++
    return { directory, name }
  }

  #directory(names: readonly Name[], put: NamePlace[]): TreeInode {
    const path = names.join('/')
    const known = this.#directories.get(path)
    if (known) return known
    const parent = this.#directory(names.slice(0, -1), put)
    const made = this.#own(new TreeInode(this.#inoOf(path), directoryMode))
    made.nlink = 2
    put.push(this.#putIn(parent, names.at(-1)!, made))
    this.#directories.set(path, made)
    return made
  }

  /** Below before above. */
  #dropDirectories(needed: ReadonlySet<string>): NamePlace[] {
    const unneeded = [...this.#directories].filter(([path]) => path !== '' && !needed.has(path))
    return unneeded
      .sort(([a], [b]) => b.length - a.length)
      .map(([path, inode]) => {
        this.#directories.delete(path)
        return this.#takeOut(inode)
      })
  }

  #own<T extends TreeInode>(inode: T): T {
    inode.uid = this.#owner.uid
    inode.gid = this.#owner.gid
    return inode
  }

  #inoOf(path: string): number {
    const digest = hash('sha256', Buffer.from(path, 'latin1'), 'hex')
    let ino = Number.parseInt(digest.slice(0, inoHexDigits), 16)
    while (ino <= rootIno || this.#inos.has(ino)) ino++
    this.#inos.add(ino)
    return ino
  }
}

/** A directory and all above it. */
function addAll(paths: Set<string>, directory: readonly Name[]): void {
  let path = ''
  for (const name of directory) {
    path = path === '' ? name : `${path}/${name}`
    paths.add(path)
  }
}
