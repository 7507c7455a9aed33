import { test } from 'tap'
import { keptBefore, type KeepPolicy } from '../../src/renewal/kept-snapshots.ts'
import { StoreError } from '../../src/store/blob-store.ts'
import { blobIdFromBytes } from '../../src/terms/blob-id.ts'
import { Compression, Seal } from '../../src/terms/piece-coding.ts'
import { pieceHashOf } from '../../src/terms/piece-hash.ts'
import { decodeRootRecord, encodeRootRecord } from '../../src/tree/format/root-format.ts'
import type { NodeSource } from '../../src/tree/node-source.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import { knownFeatures, treeFormat, type RootRecord } from '../../src/tree/root-record.ts'
import { rootDirectoryOf } from '../../src/tree/format/root-format.ts'
import { TreeInode } from '../../src/tree/worktree/tree-inode.ts'

/** Snapshots that were made at these times, each in a pack of its own; a pack may get lost. */
class History implements NodeSource {
  readonly lost = new Set<string>()
  readonly #bytes = new Map<string, Uint8Array>()
  last: RootRecord | undefined

  constructor(times: readonly number[]) {
    for (const [at, timeMs] of times.entries()) this.#commit(at + 1, timeMs)
  }

  piece({ blob }: PieceRef): Uint8Array {
    const bytes = this.lost.has(blob) ? undefined : this.#bytes.get(blob)
    if (!bytes) throw new Error('lost', { cause: new StoreError('not-found', blob) })
    return bytes
  }

  async kept(policy: KeepPolicy, nowMs: number): Promise<number[]> {
    const sequences = []
    for await (const { sequence } of keptBefore(this.last!, this, policy, nowMs)) {
      sequences.push(sequence)
    }
    return sequences
  }

  #commit(sequence: number, timeMs: number): void {
    const directory = rootDirectoryOf(Object.assign(new TreeInode(1, 0o40755), { nlink: 2 }))
    const record = {
      format: treeFormat,
      features: knownFeatures,
      sequence,
      timeMs,
      writer: 'test',
      predecessor: this.last?.self,
      directory,
      links: undefined,
      packs: undefined,
      usedBytes: 0,
      usedInodes: 1,
      nextIno: 2,
    } as const
    const bytes = encodeRootRecord(record, ({ blob }) => blob)
    const blob = blobIdFromBytes(Buffer.alloc(32, sequence))
    const coding = { compression: Compression.none, seal: Seal.none }
    const length = bytes.length
    const self = { blob, offset: 0, storedLength: length, length, hash: pieceHashOf(bytes) }
    this.#bytes.set(blob, bytes)
    this.last = decodeRootRecord(bytes, { ...self, ...coding })
  }
}

const day = 86_400_000

test('a snapshot counts for as long as it was the present tree', async (t) => {
  const history = new History([1 * day, 2 * day, 3 * day, 10 * day])
  const keep = (days: number) => history.kept({ forMs: days * day, count: 1 }, 20 * day)
  t.same(await keep(9), [], 'the third was replaced ten days ago')
  t.same(await keep(11), [3], 'though it was made 17 days ago')
  t.same(await keep(18), [3, 2])
  t.same(await keep(Infinity), [3, 2, 1])
})

test('a number of snapshots counts the present one', async (t) => {
  const history = new History([1, 2, 3, 4, 5])
  const keep = (count: number, forMs = 0) => history.kept({ forMs, count }, 20 * day)
  t.same(await keep(1), [])
  t.same(await keep(3), [4, 3])
  t.same(await keep(Infinity), [4, 3, 2, 1])
  t.same(await keep(2, 30 * day), [4, 3, 2, 1], 'whichever keeps more')
})

test('a clock that was years behind does not cut history', async (t) => {
  const history = new History([1 * day, 19 * day, 2 * day, 19 * day])
  t.same(await history.kept({ forMs: 3 * day, count: 1 }, 20 * day), [3, 2, 1])
})

test('what was lost ends history', async (t) => {
  const history = new History([1, 2, 3, 4])
  history.lost.add(blobIdFromBytes(Buffer.alloc(32, 2)))
  t.same(await history.kept({ forMs: Infinity, count: 1 }, 5), [3])
})
