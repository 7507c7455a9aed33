import type { Change } from '../../../src/tree/change.ts'
import type { SettledRange } from '../../../src/tree/extent-map.ts'
import { decodeRootRecord, encodeRootRecord } from '../../../src/tree/format/root-format.ts'
import type { RootRecord } from '../../../src/tree/root-record.ts'
import type { Slice } from '../../../src/tree/slice.ts'
import type { FrozenTree, WrittenTree } from '../../../src/tree/worktree-api.ts'
import { Worktree } from '../../../src/tree/worktree/worktree.ts'
import { MemoryPacks, PackSink } from '../../tree/memory-packs.ts'
import { MemoryContent } from '../memory-content.ts'

type Settled = ReadonlyMap<number, readonly SettledRange[]>

/** A commit that is written and not yet told to the worktree. */
interface Pending {
  readonly frozen: FrozenTree
  readonly root: RootRecord
  readonly settled: Settled
  /** How many changes were recorded before the freeze. */
  readonly recorded: number
}

/** Below this many bytes a slice is kept in its inode. */
const inlineBytes = 20

/** A drive in memory: packs, a journal of changes, commits in two steps, crashes and remounts. */
export class MemoryDrive {
  readonly packs = new MemoryPacks()
  readonly content = new MemoryContent(this.packs)
  worktree: Worktree
  #root: RootRecord | undefined
  #recorded: Change[] = []
  #pending: Pending | undefined

  constructor(slow: boolean) {
    this.packs.slow = slow
    this.worktree = this.#open()
  }

  /** Freezes and writes the tree; more can change before it is finished. */
  async beginCommit(): Promise<void> {
    if (this.#pending !== undefined) return
    const frozen = this.worktree.freeze()
    this.content.seal()
    const recorded = this.#recorded.length
    const sink = new PackSink(this.packs, 3000)
    const stored = this.#storeSlices(frozen, sink)
    const root = this.#putRoot(await frozen.write((slice) => stored.get(slice.id), sink), sink)
    this.#pending = { frozen, root, settled: resolved(stored, sink), recorded }
  }

  async finishCommit(): Promise<void> {
    const pending = this.#pending
    if (pending === undefined) return
    this.#pending = undefined
    await this.worktree.committed(pending.frozen, pending.root, (slice) =>
      pending.settled.get(slice.id),
    )
    this.#root = pending.root
    this.#recorded = this.#recorded.slice(pending.recorded)
  }

  /** The daemon dies, a commit on its way is lost; the next one replays what was recorded. */
  async restart(): Promise<void> {
    this.#pending = undefined
    this.content.seal()
    const before = this.#recorded
    this.#recorded = []
    this.worktree = this.#open()
    await this.worktree.replay(before)
    this.#recorded = before
  }

  /** Commits all, and opens what is committed. */
  async remount(): Promise<void> {
    await this.finishCommit()
    await this.beginCommit()
    await this.finishCommit()
    this.#recorded = []
    this.worktree = this.#open()
  }

  #open(): Worktree {
    const base = this.#root && { base: this.#root }
    const worktree = new Worktree({ source: this.packs, root: { mode: 0o755 }, ...base })
    worktree.onChange = (change) => this.#recorded.push(change)
    return worktree
  }

  #storeSlices(frozen: FrozenTree, sink: PackSink): Settled {
    const stored = new Map<number, readonly SettledRange[]>()
    for (const { extents } of frozen.files) {
      for (const { source } of extents.all()) {
        if (source.kind === 'slice') stored.set(source.slice.id, [this.#store(source.slice, sink)])
      }
    }
    return stored
  }

  #store(slice: Slice, sink: PackSink): SettledRange {
    const bytes = this.content.bytesOf(slice)
    const source =
      bytes.length < inlineBytes
        ? ({ kind: 'inline', bytes, at: 0 } as const)
        : ({ kind: 'piece', piece: sink.add(bytes), at: 0 } as const)
    return { from: 0, to: slice.length, source }
  }

  #putRoot(written: WrittenTree, sink: PackSink): RootRecord {
    const record = {
      format: 1,
      features: 0,
      sequence: (this.#root?.sequence ?? 0) + 1,
      timeMs: 0,
      writer: 'test',
      predecessor: this.#root?.self,
      packs: undefined,
      ...written,
    } as const
    const ref = sink.put((naming) => encodeRootRecord(record, naming))
    sink.close()
    const self = sink.resolve(ref)
    return decodeRootRecord(this.packs.bytesOf(self), self)
  }
}

function resolved(stored: Settled, sink: PackSink): Settled {
  const resolve = (range: SettledRange): SettledRange =>
    range.source.kind === 'inline'
      ? range
      : { ...range, source: { ...range.source, piece: sink.resolve(range.source.piece) } }
  return new Map([...stored].map(([id, ranges]) => [id, ranges.map(resolve)]))
}
