import type { Change } from '../change.ts'
import type { TreeInode } from './tree-inode.ts'
import type { TreeState } from './tree-state.ts'

/**
 * Sees to it that a replay finds every inode by its number: before a change that names an inode which was not named
 * in this generation of the journal, it says where that inode is.
 */
export class Binder {
  readonly #state: TreeState

  constructor(state: TreeState) {
    this.#state = state
  }

  /** Hands on what must come before the change, then the change; nothing where no name leads to what it is about. */
  keep(change: Change, handOn: (change: Change) => void): void {
    switch (change.type) {
      case 'make':
      case 'unlink':
      case 'name':
        this.#bind(change.parent, handOn)
        break
      case 'link':
        this.#bind(change.parent, handOn)
        this.#bindOrTell(change.ino, handOn)
        break
      case 'rename':
        this.#bind(change.parent, handOn)
        this.#bind(change.newParent, handOn)
        break
      case 'clone':
        if (this.#isNameless(change.ino)) return
        this.#bindOrTell(change.from, handOn)
        this.#bind(change.ino, handOn)
        break
      case 'attributes':
      case 'write':
      case 'punch':
      case 'shift':
      case 'xattr':
        if (this.#isNameless(change.ino)) return
        this.#bind(change.ino, handOn)
        break
      case 'bind':
      case 'bind-linked':
      case 'inode':
      case 'totals':
        break
    }
    handOn(change)
  }

  #isNameless(ino: number): boolean {
    return this.#state.inode(ino).nlink === 0
  }

  /** Of an inode without a name, the journal knows nothing: it is told all of it. */
  #bindOrTell(ino: number, handOn: (change: Change) => void): void {
    if (!this.#isNameless(ino)) return this.#bind(ino, handOn)
    const inode = this.#state.inode(ino)
    handOn({ type: 'inode', inode: inode.copy() })
    inode.bound = this.#state.generation
  }

  #bind(ino: number, handOn: (change: Change) => void): void {
    const way: TreeInode[] = []
    let inode = this.#state.inode(ino)
    for (; !this.#isBound(inode); inode = inode.parent!) {
      way.push(inode)
      if (inode.linked) break
    }
    for (let next = way.pop(); next; next = way.pop()) {
      handOn(bindOf(next))
      next.bound = this.#state.generation
    }
  }

  #isBound(inode: TreeInode): boolean {
    return inode === this.#state.root || inode.bound === this.#state.generation
  }
}

function bindOf(inode: TreeInode): Change {
  if (inode.linked) return { type: 'bind-linked', ino: inode.ino }
  return { type: 'bind', ino: inode.ino, parent: inode.parent!.ino, name: inode.name! }
}
