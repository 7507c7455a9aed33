import type { Content } from '../../content/content-api.ts'
import { nameFromText, nameToText, type Name } from '../../terms/name.ts'
import type { Attributes } from '../../tree/attributes.ts'
import { FileType } from '../../tree/inode.ts'
import { AbsentForNow } from '../virtual-node.ts'
import type { VirtualDirectory, VirtualEntry, VirtualNode } from '../virtual-node.ts'
import { PastInodeNumbers } from './past-inode-numbers.ts'
import { PastTree, type StillTree } from './past-nodes.ts'

/** A state that can be looked into. */
export interface StillState {
  readonly sequence: number
  readonly timeMs: number
  /** Of its root directory. */
  readonly root: Pick<Attributes, 'mode' | 'uid' | 'gid' | 'nlink'>
  /** Its tree, of which nothing is read yet. */
  open(): Promise<StillTree>
}

/** The past of a drive, as the daemon knows it. */
export interface StillPast {
  /** All states that are whole, the latest last. */
  list(): Promise<readonly StillState[]>
  find(sequence: number): Promise<StillState | undefined>
}

/** Trees that nobody uses and that are kept all the same, for the next one who comes. */
const idleTrees = 4

/** A directory with one for each past state, called by its sequence number. */
export function snapshotsDirectory(
  past: StillPast,
  content: Content,
  attributes: Attributes,
): VirtualDirectory {
  const snapshots = new Snapshots(past, content)
  return {
    kind: 'directory',
    changes: true,
    attributes,
    lookup: (name) => snapshots.lookup(name),
    list: () => snapshots.list(),
  }
}

class Snapshots {
  readonly #past: StillPast
  readonly #trees: PastTrees
  /** Those that the kernel knows. */
  readonly #known = new Map<number, SnapshotTop>()

  constructor(past: StillPast, content: Content) {
    this.#past = past
    this.#trees = new PastTrees(content)
  }

  async lookup(name: Name): Promise<VirtualNode> {
    const text = nameToText(name)
    const sequence = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : undefined
    const known = sequence === undefined ? undefined : this.#known.get(sequence)
    if (known) return known
    const state = sequence === undefined ? undefined : await this.#past.find(sequence)
    if (!state) throw new AbsentForNow('no such state')
    return this.#top(state)
  }

  async list(): Promise<Iterable<VirtualEntry>> {
    const top = (state: StillState) => this.#top(state)
    return (await this.#past.list()).map((state) => ({
      name: nameFromText(String(state.sequence)),
      // Only who is looked at becomes a node.
      get node() {
        return top(state)
      },
    }))
  }

  #top(state: StillState): SnapshotTop {
    return this.#known.get(state.sequence) ?? new SnapshotTop(state, this.#trees, this.#known)
  }
}

/** The root directory of a past state. Its tree is opened when somebody looks into it. */
class SnapshotTop implements VirtualDirectory {
  readonly kind = 'directory'
  readonly attributes: Attributes
  readonly #state: StillState
  readonly #trees: PastTrees
  readonly #known: Map<number, SnapshotTop>

  constructor(state: StillState, trees: PastTrees, known: Map<number, SnapshotTop>) {
    this.#state = state
    this.#trees = trees
    this.#known = known
    const { root, timeMs, sequence } = state
    const sec = Math.floor(timeMs / 1000)
    const nsec = (timeMs - sec * 1000) * 1_000_000
    this.attributes = {
      ino: trees.numbers.ofState(sequence),
      mode: FileType.directory | (root.mode & 0o7777),
      nlink: root.nlink,
      uid: root.uid,
      gid: root.gid,
      rdev: 0,
      size: 4096,
      blocks: 8,
      atimeSec: sec,
      atimeNsec: nsec,
      mtimeSec: sec,
      mtimeNsec: nsec,
      ctimeSec: sec,
      ctimeNsec: nsec,
    }
  }

  retain(): void {
    this.#known.set(this.#state.sequence, this)
  }

  release(): void {
    const { sequence } = this.#state
    if (this.#known.get(sequence) === this) this.#known.delete(sequence)
  }

  async lookup(name: Name): Promise<VirtualNode | undefined> {
    return this.#use(async (past) => {
      const found = await past.tree.lookup(past.tree.root, name)
      return found && past.node(found)
    })
  }

  async list(): Promise<Iterable<VirtualEntry>> {
    return this.#use(async (past) => {
      const entries = await past.tree.entries(past.tree.root)
      return Array.from(entries.after(0), ({ name, inode }) => ({ name, node: past.node(inode) }))
    })
  }

  /** The tree is not dropped meanwhile. */
  async #use<T>(work: (past: PastTree) => Promise<T>): Promise<T> {
    const past = await this.#trees.tree(this.#state)
    past.held++
    try {
      return await work(past)
    } finally {
      past.held--
    }
  }
}

/** Trees of past states in memory: those in use, and the few that were used last. */
class PastTrees {
  readonly numbers = new PastInodeNumbers()
  readonly #content: Content
  /** In the order of their last use. */
  readonly #trees = new Map<number, Promise<PastTree>>()
  readonly #opened = new Map<number, PastTree>()

  constructor(content: Content) {
    this.#content = content
  }

  async tree(state: StillState): Promise<PastTree> {
    const { sequence } = state
    const opening = this.#trees.get(sequence) ?? this.#open(state)
    this.#trees.delete(sequence)
    this.#trees.set(sequence, opening)
    this.#dropIdle()
    return opening
  }

  async #open(state: StillState): Promise<PastTree> {
    const { sequence } = state
    try {
      const tree = await state.open()
      const numberOf = (ino: number) => this.numbers.ofInode(sequence, ino)
      const opened = new PastTree(tree, this.#content, numberOf)
      this.#opened.set(sequence, opened)
      return opened
    } catch (error) {
      this.#trees.delete(sequence)
      throw error
    }
  }

  #dropIdle(): void {
    let idle = 0
    for (const sequence of [...this.#trees.keys()].reverse()) {
      const tree = this.#opened.get(sequence)
      if (!tree || tree.held > 0 || ++idle <= idleTrees) continue
      this.#trees.delete(sequence)
      this.#opened.delete(sequence)
    }
  }
}
