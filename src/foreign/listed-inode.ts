import { FsError } from '../terms/errno.ts'
import { FileType } from '../tree/inode.ts'
import { TreeInode } from '../tree/worktree/tree-inode.ts'
import { ListingError, type FileSource, type ListedFile } from './listing.ts'
import { extentsOf } from './source-extents.ts'

const fileMode = FileType.regular | 0o644

/** A file of a listing. Where its bytes are, and so its size, is found when somebody asks for it. */
export class ListedInode extends TreeInode {
  readonly file: ListedFile
  /** Defined once it is known. */
  source: FileSource | undefined
  #finding: Promise<this> | undefined

  constructor(ino: number, file: ListedFile) {
    super(ino, fileMode)
    this.file = file
    this.nlink = 1
    this.xattrs = file.xattrs
    const time = { sec: file.time ?? 0, nsec: 0 }
    this.atime = time
    this.mtime = time
    this.ctime = time
  }

  /** Itself, with its size. Throws FsError; the next call tries again. */
  found(): this | Promise<this> {
    if (this.source) return this
    this.#finding ??= this.#find().finally(() => (this.#finding = undefined))
    return this.#finding
  }

  async #find(): Promise<this> {
    try {
      const source = await this.file.source()
      this.extentList = extentsOf(source)
      this.size = source.length
      this.coveredBytes = source.length
      this.source = source
      return this
    } catch (error) {
      if (error instanceof ListingError) throw new FsError('EIO', error.message, { cause: error })
      throw error
    }
  }
}
