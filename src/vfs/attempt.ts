import type { Name } from '../terms/name.ts'
import type { DirectoryEntries, Inode } from '../tree/inode.ts'
import { isPending } from './answer.ts'
import type { Answer } from './file-system.ts'
import type { LiveTree } from './vfs-options.ts'

/** What a call may look at while it checks and carries out: all of it in memory, or the attempt ends there. */
export interface View {
  /** What a name means, or undefined. */
  find(directory: Inode, name: Name): Inode | undefined
  entries(directory: Inode): DirectoryEntries
  /** Makes sure that the bytes of a regular file can be read and changed. */
  extents(file: Inode): void
}

/** Ends an attempt: something has to be loaded first. Never leaves this file. */
class NotLoaded extends Error {
  readonly pending: Promise<unknown>
  /** Called when what was waited for is a name that is not there. */
  readonly onAbsent: () => void

  constructor(pending: Promise<unknown>, onAbsent = () => {}) {
    super('not loaded')
    this.pending = pending
    this.onAbsent = onAbsent
  }
}

/** A view of a worktree as it is now. */
export class TreeView implements View {
  readonly #tree: LiveTree
  /**
   * Names that were not there when this call looked. Asked again, the worktree may have to load the stored directory
   * again to say so; if anybody had made the name since, it would be in memory and be told at once.
   */
  readonly #absent: Map<Inode, Set<Name>> | undefined

  constructor(tree: LiveTree, absent?: Map<Inode, Set<Name>>) {
    this.#tree = tree
    this.#absent = absent
  }

  find(directory: Inode, name: Name): Inode | undefined {
    const found = this.#tree.lookup(directory, name)
    if (!isPending(found)) return found
    if (this.#absent?.get(directory)?.has(name) === true) {
      found.catch(() => {})
      return undefined
    }
    throw new NotLoaded(found, () => this.#noteAbsent(directory, name))
  }

  entries(directory: Inode): DirectoryEntries {
    const entries = this.#tree.entries(directory)
    if (isPending(entries)) throw new NotLoaded(entries)
    return entries
  }

  extents(file: Inode): void {
    if (file.extents !== undefined) return
    const extents = this.#tree.extents(file)
    if (isPending(extents)) throw new NotLoaded(extents)
  }

  #noteAbsent(directory: Inode, name: Name): void {
    const names = this.#absent?.get(directory) ?? new Set()
    this.#absent?.set(directory, names.add(name))
  }
}

/**
 * Checks and carries out a call in one turn. Where the work finds that something has to be loaded, that is waited for, and the
 * work begins anew: so what it has checked is still true when it changes anything. It must look before it changes.
 */
export function attempt<T>(tree: LiveTree, now: View, work: (view: View) => T): Answer<T> {
  try {
    return work(now)
  } catch (error) {
    if (error instanceof NotLoaded) return afterLoading(tree, error, work)
    throw error
  }
}

async function afterLoading<T>(
  tree: LiveTree,
  first: NotLoaded,
  work: (view: View) => T,
): Promise<T> {
  const view = new TreeView(tree, new Map())
  for (let missing = first; ;) {
    if ((await missing.pending) === undefined) missing.onAbsent()
    try {
      return work(view)
    } catch (error) {
      if (!(error instanceof NotLoaded)) throw error
      missing = error
    }
  }
}
