import { FsError } from '../terms/errno.ts'
import type { Name } from '../terms/name.ts'
import { FileType } from '../tree/inode.ts'
import type { Inode } from '../tree/inode.ts'
import { isPending } from './answer.ts'
import { RenameFlag } from './file-system.ts'
import type { Answer, Caller, NodeId } from './file-system.ts'
import type { NameCalls } from './names.ts'
import { checkName, isDirectory } from './volume.ts'
import type { Volume } from './volume.ts'

/** From where to where, as rename(2) was asked. */
export interface Renaming {
  readonly parent: NodeId
  readonly name: Name
  readonly newParent: NodeId
  readonly newName: Name
  readonly flags: number
}

/** The two places, loaded. */
interface Places {
  readonly from: Inode
  readonly source: Inode
  readonly to: Inode
  readonly target: Inode | undefined
}

/** rename(2) and its flags. */
export class RenameCalls {
  readonly #volume: Volume
  readonly #names: NameCalls

  constructor(volume: Volume, names: NameCalls) {
    this.#volume = volume
    this.#names = names
  }

  rename(asked: Renaming, caller: Caller): Answer<void> {
    checkFlags(asked.flags)
    checkName(asked.newName)
    this.#volume.checkWritable()
    const places = this.#places(asked)
    if (isPending(places)) return places.then(() => this.rename(asked, caller))
    const exchange = (asked.flags & RenameFlag.exchange) !== 0
    // rename(2): "If oldpath and newpath are existing hard links referring to the same file, then rename() does nothing".
    if (places.source === places.target && (asked.flags & RenameFlag.noReplace) === 0)
      return undefined
    const check = exchange ? checkExchange(places) : this.#checkReplace(places, asked.flags)
    if (isPending(check)) return check.then(() => this.rename(asked, caller))
    this.#carryOut(asked, places, exchange, caller)
    return undefined
  }

  /** The four inodes; a promise when one of them had to be loaded. */
  #places(asked: Renaming): Answer<Places> {
    const { worktree } = this.#volume
    const from = this.#volume.directory(asked.parent)
    const to = this.#volume.directory(asked.newParent)
    const source = worktree.lookup(from, asked.name)
    if (isPending(source)) return source.then(() => this.#places(asked))
    if (source === undefined) {
      this.#volume.checkFree(from, asked.name, 'EBUSY')
      throw new FsError('ENOENT', 'no such name')
    }
    if (to.nlink === 0) throw new FsError('ENOENT', 'the directory was removed')
    const target = worktree.lookup(to, asked.newName)
    if (isPending(target)) return target.then(() => this.#places(asked))
    if (target === undefined) this.#volume.checkFree(to, asked.newName, 'EBUSY')
    return { from, source, to, target }
  }

  /** Throws unless the source may take the target's place; a promise when the target had to be loaded for that. */
  #checkReplace(places: Places, flags: number): Answer<void> {
    const { source, to, target } = places
    if (isDirectory(source) && isWithin(to, source)) {
      throw new FsError('EINVAL', 'a directory into itself')
    }
    if (target === undefined) return undefined
    if ((flags & RenameFlag.noReplace) !== 0) throw new FsError('EEXIST', 'the name is taken')
    if (!isDirectory(target)) {
      if (isDirectory(source)) throw new FsError('ENOTDIR', 'a directory over a file')
      return undefined
    }
    if (isWithin(places.from, target)) throw new FsError('ENOTEMPTY', 'over what it lies in')
    if (!isDirectory(source)) throw new FsError('EISDIR', 'a file over a directory')
    return this.#checkEmpty(target)
  }

  #checkEmpty(directory: Inode): Answer<void> {
    const entries = this.#volume.worktree.entries(directory)
    if (isPending(entries)) return entries.then(() => undefined)
    if (entries.count > 0) throw new FsError('ENOTEMPTY', 'over a full directory')
    return undefined
  }

  #carryOut(asked: Renaming, places: Places, exchange: boolean, caller: Caller): void {
    const { from, to } = places
    this.#volume.apply({
      type: 'rename',
      parent: from.ino,
      name: asked.name,
      newParent: to.ino,
      newName: asked.newName,
      exchange,
      time: this.#volume.now(),
    })
    if ((asked.flags & RenameFlag.whiteout) === 0) return
    // A union mount's mark that the name is gone (rename(2), RENAME_WHITEOUT): character device 0/0, no permissions.
    const whiteout = { mode: FileType.charDevice, rdev: 0 }
    this.#names.make(from, asked.name, whiteout, caller)
  }
}

function checkFlags(flags: number): void {
  const { noReplace, exchange, whiteout } = RenameFlag
  const known = noReplace | exchange | whiteout
  const alone = (flags & exchange) === 0 || flags === exchange
  if ((flags & ~known) !== 0 || !alone)
    throw new FsError('EINVAL', 'flags of rename that do not go')
}

function checkExchange({ from, source, to, target }: Places): void {
  if (target === undefined) throw new FsError('ENOENT', 'nothing to exchange with')
  const loops =
    (isDirectory(source) && isWithin(to, source)) || (isDirectory(target) && isWithin(from, target))
  if (loops) throw new FsError('EINVAL', 'a directory into itself')
}

/** Whether a directory is another one or lies below it. */
function isWithin(directory: Inode, ancestor: Inode): boolean {
  for (let at: Inode | undefined = directory; at !== undefined; at = at.parent) {
    if (at === ancestor) return true
    if (at.parent === at) return false
  }
  return false
}
