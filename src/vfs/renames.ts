import { FsError } from '../terms/errno.ts'
import type { Name } from '../terms/name.ts'
import { FileType } from '../tree/inode.ts'
import type { Inode } from '../tree/inode.ts'
import type { View } from './attempt.ts'
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
    return this.#volume.attempt((view) => this.#rename(view, asked, caller))
  }

  #rename(view: View, asked: Renaming, caller: Caller): void {
    checkFlags(asked.flags)
    checkName(asked.newName)
    this.#volume.checkWritable()
    const places = this.#places(view, asked)
    const exchange = (asked.flags & RenameFlag.exchange) !== 0
    const noReplace = (asked.flags & RenameFlag.noReplace) !== 0
    // rename(2): "If oldpath and newpath are existing hard links referring to the same file, then rename() does nothing".
    if (places.source === places.target && !noReplace) return
    if (exchange) checkExchange(places)
    else checkReplace(view, places, noReplace)
    this.#carryOut(asked, places, exchange, caller)
  }

  #places(view: View, asked: Renaming): Places {
    const from = this.#volume.directory(asked.parent)
    const to = this.#volume.directory(asked.newParent)
    const source = view.find(from, asked.name)
    if (source === undefined) {
      this.#volume.checkFree(from, asked.name, 'EBUSY')
      throw new FsError('ENOENT', 'no such name')
    }
    if (to.nlink === 0) throw new FsError('ENOENT', 'the directory was removed')
    const target = view.find(to, asked.newName)
    if (target === undefined) this.#volume.checkFree(to, asked.newName, 'EBUSY')
    return { from, source, to, target }
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

/** Throws unless the source may take the target's place. */
function checkReplace(view: View, places: Places, noReplace: boolean): void {
  const { source, to, target } = places
  if (isDirectory(source) && isWithin(to, source)) {
    throw new FsError('EINVAL', 'a directory into itself')
  }
  if (target === undefined) return
  if (noReplace) throw new FsError('EEXIST', 'the name is taken')
  if (!isDirectory(target)) {
    if (isDirectory(source)) throw new FsError('ENOTDIR', 'a directory over a file')
    return
  }
  if (isWithin(places.from, target)) throw new FsError('ENOTEMPTY', 'over what it lies in')
  if (!isDirectory(source)) throw new FsError('EISDIR', 'a file over a directory')
  if (view.entries(target).count > 0) throw new FsError('ENOTEMPTY', 'over a full directory')
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
