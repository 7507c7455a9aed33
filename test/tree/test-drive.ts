import type { BlobId } from '../../src/terms/blob-id.ts'
import { NodeReader } from '../../src/tree/btree/node-reader.ts'
import { walk } from '../../src/tree/btree/read-map.ts'
import type { SettledRange } from '../../src/tree/extent-map.ts'
import { decodeRootRecord, encodeRootRecord } from '../../src/tree/format/root-format.ts'
import { linksKind } from '../../src/tree/kinds/links-kind.ts'
import { Pace } from '../../src/tree/pace.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import type { Slice } from '../../src/tree/slice.ts'
import { run } from '../../src/tree/steps.ts'
import type { FrozenTree, WrittenTree } from '../../src/tree/worktree-api.ts'
import { LiveBooks } from '../../src/tree/worktree/live-books.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import { MemoryPacks, PackSink } from './memory-packs.ts'
import { sliceByte } from './random-changes.ts'

type Settled = (slice: Slice) => readonly SettledRange[] | undefined

/** A commit that was written and is not told to the worktree yet. */
export interface WrittenCommit {
  readonly frozen: FrozenTree
  readonly root: RootRecord
  readonly settled: Settled
  readonly written: WrittenTree
  readonly sink: PackSink
}

/** What writeback does, in memory: stores slices, writes trees, and keeps the books about live bytes. */
export class TestDrive {
  readonly packs = new MemoryPacks()
  root: RootRecord | undefined
  /** Records in the manifest, over the root. */
  inline: readonly Uint8Array[] = []
  /** Whether what comes next goes into a record where it fits, in turns. */
  readonly #turns: readonly boolean[]
  #turn = 0
  live = new Map<BlobId, number>()
  sequence = 0

  constructor(turns: readonly boolean[] = [false]) {
    this.#turns = turns
  }

  open(): Worktree {
    return this.openAt(this.root, this.inline)
  }

  openAt(root: RootRecord | undefined, inline: readonly Uint8Array[] = []): Worktree {
    const worktree = new Worktree({ source: this.packs, ...(root ? { base: root } : {}) })
    worktree.standOn(inline)
    return worktree
  }

  /** Stores all changes as a record. False where they are too many. */
  append(worktree: Worktree, limit = 16_000): boolean {
    if (!this.#turns[this.#turn++ % this.#turns.length]) return false
    const head = { timeMs: 1000 * this.sequence, writer: 'test' }
    const frozen = worktree.freezeRecord(head, limit, (slice, from, to) =>
      Buffer.from(Array.from({ length: to - from }, (_, i) => sliceByte(slice, from + i))),
    )
    if (!frozen) return false
    this.inline = [...this.inline, frozen.bytes]
    worktree.appended(frozen)
    return true
  }

  async write(frozen: FrozenTree, packBytes?: number): Promise<WrittenCommit> {
    const sink = new PackSink(this.packs, packBytes)
    const stored = storeSlices(frozen, sink)
    const written = await frozen.write((slice) => stored.get(slice.id), sink)
    const root = this.#putRoot(written, sink)
    const real = new Map(
      [...stored].map(([id, ranges]) => [id, ranges.map((range) => resolved(range, sink))]),
    )
    return { frozen, root, settled: (slice) => real.get(slice.id), written, sink }
  }

  /** The commit reached the chain. */
  publish({ root, written, sink }: WrittenCommit): void {
    for (const [blob, delta] of written.liveDelta) {
      const id = sink.idOf(blob)
      this.live.set(id, (this.live.get(id) ?? 0) + delta)
    }
    this.root = root
    this.inline = []
  }

  async commit(worktree: Worktree, packBytes?: number): Promise<RootRecord> {
    const commit = await this.write(worktree.freeze(), packBytes)
    this.publish(commit)
    await worktree.committed(commit.frozen, commit.root, commit.settled)
    return commit.root
  }

  /** Live bytes of each pack, counted by a walk over the whole tree. */
  async countLive(): Promise<Map<BlobId, number>> {
    const books = new LiveBooks()
    const reader = new NodeReader(this.packs)
    const { directory, links } = this.root!
    if (directory.node) books.onSubtree({ of: 'directory', node: directory.node }, 1)
    const onLinked = (inode: Parameters<typeof linksKind.pieces>[0]) => {
      for (const ref of linksKind.pieces(inode)) books.onPiece(ref, 1)
      for (const subtree of linksKind.subtrees(inode)) books.onSubtree(subtree, 1)
    }
    const onNode = (ref: Parameters<LiveBooks['onPiece']>[0]) => books.onPiece(ref, 1)
    if (links) await run(walk(reader, linksKind, links, new Pace(), onNode, onLinked))
    await books.settle(reader, new Pace())
    return nonZero(books.delta)
  }

  get liveNow(): Map<BlobId, number> {
    return nonZero(this.live)
  }

  #putRoot(written: WrittenTree, sink: PackSink): RootRecord {
    const record = {
      format: 1,
      features: 0,
      sequence: ++this.sequence,
      timeMs: 1000 * this.sequence,
      writer: 'test',
      predecessor: this.root?.self,
      directory: written.directory,
      links: written.links,
      packs: undefined,
      usedBytes: written.usedBytes,
      usedInodes: written.usedInodes,
      nextIno: written.nextIno,
    } as const
    const ref = sink.put((naming) => encodeRootRecord(record, naming))
    sink.close()
    const self = sink.resolve(ref)
    return decodeRootRecord(this.packs.bytesOf(self), self)
  }
}

/** Stores every slice: short ones inline, others in one or two pieces. */
function storeSlices(frozen: FrozenTree, sink: PackSink): Map<number, SettledRange[]> {
  const stored = new Map<number, SettledRange[]>()
  let sliceBytes = 0
  for (const file of frozen.files) {
    sliceBytes += file.extents.sliceBytes
    for (const { source } of file.extents.all()) {
      if (source.kind === 'slice' && !stored.has(source.slice.id)) {
        stored.set(source.slice.id, storeSlice(source.slice, sink))
      }
    }
  }
  if (sliceBytes !== frozen.sliceBytes) throw new Error(`${sliceBytes}, not ${frozen.sliceBytes}`)
  return stored
}

function storeSlice(slice: Slice, sink: PackSink): SettledRange[] {
  const bytes = Buffer.from(Array.from({ length: slice.length }, (_, i) => sliceByte(slice, i)))
  if (slice.length < 12) {
    return [{ from: 0, to: slice.length, source: { kind: 'inline', bytes, at: 0 } }]
  }
  const cut = slice.id % 2 ? 5 : slice.length
  return [[0, cut] as const, [cut, slice.length] as const]
    .filter(([from, to]) => from < to)
    .map(([from, to]) => {
      // A piece begins with bytes of something else, as where a slice is not aligned to it.
      const piece = sink.add(Buffer.concat([Buffer.from('abc'), bytes.subarray(from, to)]))
      return { from, to, source: { kind: 'piece', piece, at: 3 } }
    })
}

function resolved(range: SettledRange, sink: PackSink): SettledRange {
  if (range.source.kind === 'inline') return range
  return { ...range, source: { ...range.source, piece: sink.resolve(range.source.piece) } }
}

function nonZero(live: ReadonlyMap<BlobId, number>): Map<BlobId, number> {
  const sorted = [...live].filter(([, bytes]) => bytes !== 0).sort(([a], [b]) => (a < b ? -1 : 1))
  return new Map(sorted)
}
