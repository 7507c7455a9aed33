import { inodeOfRoot } from '../../tree/format/root-format.ts'
import { decodeRecord } from '../../tree/format/record-format.ts'
import type { PastState } from '../../tree/history/past-states.ts'
import type { NodeSource } from '../../tree/node-source.ts'
import type { RootRecord } from '../../tree/root-record.ts'
import { rootIno } from '../../tree/worktree/tree-state.ts'
import { Worktree } from '../../tree/worktree/worktree.ts'
import type { WorktreeApi } from '../../tree/worktree-api.ts'
import type { StillPast, StillState } from '../../vfs/past/snapshots-directory.ts'
import { KeptPast } from './kept-past.ts'

/** So many inodes of one past state stay in memory beside those that the kernel knows. */
const keptInodes = 20_000

/**
 * The states that are kept of a mounted drive, as far back as somebody has asked; begun anew when the drive has moved on. `present`:
 * where a past state is mounted, the last commit of all.
 */
export class MountedPast implements StillPast {
  readonly #source: NodeSource
  readonly #worktree: Pick<WorktreeApi, 'base' | 'inline'>
  readonly #present: RootRecord | undefined
  #walk: Walk | undefined
  /** One at a time goes further back. */
  #turns: Promise<unknown> = Promise.resolve()

  constructor(
    source: NodeSource,
    worktree: Pick<WorktreeApi, 'base' | 'inline'>,
    present: RootRecord | undefined,
  ) {
    this.#source = source
    this.#worktree = worktree
    this.#present = present
  }

  async list(): Promise<readonly StillState[]> {
    const { past, states } = await this.#back(() => false)
    const whole: StillState[] = []
    for (const state of states) if (await past.isWhole(state)) whole.unshift(this.#still(state))
    return whole
  }

  async find(sequence: number): Promise<StillState | undefined> {
    const { past, states } = await this.#back((state) => state.sequence <= sequence)
    const state = states.find((one) => one.sequence === sequence)
    return state && (await past.isWhole(state)) ? this.#still(state) : undefined
  }

  /** Goes back till a state, or to the end. */
  #back(isEnough: (state: PastState) => boolean): Promise<Walk> {
    const turn = this.#turns.then(() => this.#goBack(isEnough))
    this.#turns = turn.catch(() => {})
    return turn
  }

  async #goBack(isEnough: (state: PastState) => boolean): Promise<Walk> {
    const { base, inline } = this.#worktree
    let walk = this.#walk
    if (!walk || walk.base !== base || walk.inline !== inline) {
      const past = await KeptPast.open(this.#source, { base, inline }, this.#present)
      walk = { base, inline, past, states: [], rest: past.states() }
      this.#walk = walk
    }
    try {
      while (!walk.states.some(isEnough)) {
        const { value } = await walk.rest.next()
        if (!value) break
        walk.states.push(value)
      }
    } catch (error) {
      this.#walk = undefined
      throw error
    }
    return walk
  }

  #still(state: PastState): StillState {
    const { sequence, timeMs, base, inline } = state
    const source = this.#source
    const open = async () => {
      const tree = new Worktree({ source, keptInodes, ...(base && { base }) })
      tree.standOn(inline)
      return tree
    }
    return { sequence, timeMs, root: rootOf(state), open }
  }
}

interface Walk {
  readonly base: RootRecord | undefined
  readonly inline: readonly Uint8Array[]
  readonly past: KeptPast
  /** The latest first. */
  readonly states: PastState[]
  readonly rest: AsyncGenerator<PastState, void>
}

/** The root directory's inode, as the last small change told it, or the commit. */
function rootOf({ base, inline }: PastState): StillState['root'] {
  for (const bytes of inline.toReversed()) {
    const told = decodeRecord(bytes).changes.find(
      (change) => change.type === 'inode' && change.inode.ino === rootIno,
    )
    if (told?.type === 'inode') return told.inode
  }
  return base ? inodeOfRoot(base.directory) : { mode: 0o755, uid: 0, gid: 0, nlink: 2 }
}
