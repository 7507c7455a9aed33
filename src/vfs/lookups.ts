import { FsError } from '../terms/errno.ts'
import { maxNameBytes } from '../terms/name.ts'
import type { Name } from '../terms/name.ts'
import type { Inode } from '../tree/inode.ts'
import { interruptible, isPending } from './answer.ts'
import type { Answer, Node, NodeId, StatFs } from './file-system.ts'
import { blockBytes, shownBytes } from './limits.ts'
import type { Volume } from './volume.ts'

const shownInodes = 2 ** 32

/** The calls that find inodes, and statfs. */
export class LookupCalls {
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
  }

  lookup(parent: NodeId, name: Name, signal: AbortSignal | undefined): Answer<Node | undefined> {
    const directory = this.#volume.directory(parent)
    if (name.length > maxNameBytes) throw new FsError('ENAMETOOLONG', 'longer than 255 bytes')
    const found = isDots(name)
      ? dots(directory, name)
      : this.#volume.worktree.lookup(directory, name)
    if (!isPending(found)) return this.#meet(directory, name, found)
    return interruptible(found, signal).then((inode) => this.#meetLoaded(directory, name, inode))
  }

  statfs(): StatFs {
    const { worktree, options, freeBytes } = this.#volume
    const capacity = options.capacityBytes ?? shownBytes
    return {
      blockBytes,
      blocks: Math.floor(capacity / blockBytes),
      freeBlocks: Math.floor(freeBytes / blockBytes),
      inodes: shownInodes,
      freeInodes: Math.max(0, shownInodes - worktree.usedInodes),
      maxNameBytes,
    }
  }

  /** Others may have changed the name in the turn in which it was loaded. */
  #meetLoaded(directory: Inode, name: Name, inode: Inode | undefined): Answer<Node | undefined> {
    if (inode === undefined) return this.#meet(directory, name, inode)
    return this.#volume.attempt((view) => this.#meet(directory, name, view.find(directory, name)))
  }

  #meet(directory: Inode, name: Name, inode: Inode | undefined): Node | undefined {
    if (inode !== undefined) return this.#volume.nodes.meet(inode)
    if (this.#volume.isVirtual(directory, name)) return this.#volume.virtual.lookupTop()
    return undefined
  }
}

function isDots(name: Name): boolean {
  return name === '.' || name === '..'
}

function dots(directory: Inode, name: Name): Inode {
  return name === '.' ? directory : (directory.parent ?? directory)
}
