import type { Change } from '../change.ts'
import { FormatError } from '../format-error.ts'
import { Pace } from '../pace.ts'
import { carryOut, requireLoaded } from './carry-out.ts'
import type { Loader } from './loader.ts'
import type { TreeState } from './tree-state.ts'

/** Carries out changes of a journal over the committed tree. */
export class Replayer {
  readonly #state: TreeState
  readonly #loader: Loader

  constructor(state: TreeState, loader: Loader) {
    this.#state = state
    this.#loader = loader
  }

  /** Throws FormatError where a change does not fit to the tree: the journal of another drive, or of another base. */
  async replay(changes: Iterable<Change>): Promise<void> {
    const pace = new Pace()
    for (const change of changes) {
      await this.#load(change)
      this.#carryOut(change)
      const turn = pace.next()
      if (turn) await turn
    }
    for (const inode of this.#state.inodes.values()) {
      if (inode.nlink === 0 && inode.retained === 0) this.#state.forget(inode)
    }
  }

  #carryOut(change: Change): void {
    try {
      requireLoaded(this.#state, change)
    } catch (error) {
      const message = `a change (${change.type}) of the journal does not fit to the tree`
      throw new FormatError('damaged', message, { cause: error })
    }
    carryOut(this.#state, change)
  }

  /** Loads what the change needs as far as it is there; what is not, is found out when it is carried out. */
  async #load(change: Change): Promise<void> {
    switch (change.type) {
      case 'bind':
        if (this.#state.inodes.has(change.ino)) return
        return this.#loadName(change.parent, change.name)
      case 'bind-linked':
        await this.#loader.linked(change.ino)
        return
      case 'unlink':
        return this.#loadName(change.parent, change.name)
      case 'rename':
        await this.#loadName(change.parent, change.name)
        return this.#loadName(change.newParent, change.newName)
      case 'attributes':
        return change.size === undefined ? undefined : this.#loadExtents(change.ino)
      case 'clone':
        await this.#loadExtents(change.from)
        return this.#loadExtents(change.ino)
      case 'write':
      case 'punch':
      case 'shift':
        return this.#loadExtents(change.ino)
      case 'make':
      case 'link':
      case 'xattr':
      case 'inode':
      case 'name':
      case 'totals':
    }
  }

  async #loadName(parent: number, name: Parameters<Loader['lookup']>[1]): Promise<void> {
    const directory = this.#state.inodes.get(parent)
    if (directory?.names) await this.#loader.lookup(directory, name)
  }

  async #loadExtents(ino: number): Promise<void> {
    const file = this.#state.inodes.get(ino)
    if (file?.extentTree) await this.#loader.extents(file)
  }
}
