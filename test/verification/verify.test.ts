import { test } from 'tap'
import { StoreError } from '../../src/store/blob-store.ts'
import { neededPieces } from '../../src/tree/history/needed-pieces.ts'
import { PieceUse } from '../../src/tree/format/pack-format.ts'
import { packRows } from '../../src/tree/pack-rows.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import { checkChain } from '../../src/verification/chain-check.ts'
import { hurtPaths, pieceKey } from '../../src/verification/hurt-paths.ts'
import { keptSnapshots } from '../../src/verification/kept-snapshots.ts'
import { verifyPieces, type VerifiedPieces } from '../../src/verification/verify.ts'
import { Desk, never, type Sitting } from '../writeback/desk.ts'
import { partsOf, spoil, threeCommits } from './examined-drive.ts'

async function verified(
  desk: Desk,
  sitting: Sitting,
  snapshots: readonly RootRecord[],
): Promise<VerifiedPieces> {
  return verifyPieces(await partsOf(desk, sitting), snapshots, () => {}, never)
}

async function pathsOf(
  { content }: Sitting,
  snapshots: readonly RootRecord[],
  { damaged }: VerifiedPieces,
): Promise<string[]> {
  const keys = new Set(damaged.map(({ blob, piece }) => pieceKey(blob, piece.offset, piece.hash)))
  return [...(await hurtPaths(content, snapshots, keys, never)).values()].flat()
}

/** The first piece of a file. */
async function pieceOf({ content }: Sitting, root: RootRecord, name: string): Promise<PieceRef> {
  for await (const { ref, use, path } of neededPieces(content, root)) {
    if (use === PieceUse.data && (path?.[0] === name || (name === 'c' && !path))) return ref
  }
  throw new Error(`no ${name}`)
}

test('a healthy drive: every piece is read, once, and is right', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const roots = await threeCommits(here)
  const places = new Set<string>()
  let bytes = 0
  for await (const { ref } of neededPieces(here.content, roots[0]!)) {
    const known = places.size
    if (places.add(`${ref.blob} ${ref.offset}`).size > known) bytes += ref.storedLength
  }
  const found = await verified(desk, here, roots.slice(0, 1))
  t.match(found, { pieces: places.size, bytes, damaged: [], indices: [], malformed: [] })
  t.equal(found.packs, 3)
  const all = await verified(desk, here, roots)
  t.same(all.damaged, [])
  t.ok(all.pieces > found.pieces, 'history has more')
})

test('a spoiled byte of a file is found, although the caches have it right, and its names are told', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const roots = await threeCommits(here)
  const healthy = await verified(desk, here, roots)
  for (const [name, paths] of [
    ['b', ['/b']],
    ['c', ['/c', '/d']],
  ] as const) {
    const { blob, offset, hash } = await pieceOf(here, roots[0]!, name)
    spoil(desk, blob, offset + 100)
    const found = await verified(desk, here, roots)
    t.match(found.damaged, [{ blob, fault: 'wrong', piece: { offset, hash } }])
    t.equal(found.pieces, healthy.pieces - 1, 'its neighbours are right')
    t.same(await pathsOf(here, roots, found), paths)
    spoil(desk, blob, offset + 100)
  }
})

test('what hurts an earlier snapshot only is told as such', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const roots = await threeCommits(here)
  const { blob, offset } = roots[1]!.directory.node!
  spoil(desk, blob, offset + 5)
  const found = await verified(desk, here, roots)
  t.match(found.damaged, [{ blob, piece: { offset, use: PieceUse.node } }])
  t.same(await pathsOf(here, roots, found), [`@${roots[1]!.sequence}:/`])
  t.same((await verified(desk, here, roots.slice(0, 1))).damaged, [])
})

test('from an empty cache, too: a spoiled directory is passed over, and what is beside it is read', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const roots = await threeCommits(here)
  const there = await desk.elsewhere()
  await there.content.piece(roots[0]!.self)
  const { blob, offset } = roots[0]!.directory.node!
  spoil(desk, blob, offset)
  const found = await verified(desk, there, roots.slice(0, 1))
  t.match(found.damaged, [{ blob, fault: 'wrong', piece: { offset } }])
  t.same(await pathsOf(there, roots.slice(0, 1), found), ['/'])
  t.ok(found.pieces > 1, 'tables and hard links are right')
})

test('a blob that is gone and one that is out of reach are told apart', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const roots = await threeCommits(here)
  const { blob } = await pieceOf(here, roots[0]!, 'b')
  const bytes = desk.network.contents.get(blob)!
  desk.network.contents.delete(blob)
  const gone = await verified(desk, here, roots.slice(0, 1))
  t.ok(gone.damaged.length > 0)
  t.ok(gone.damaged.every((piece) => piece.blob === blob && piece.fault === 'gone'))
  desk.network.contents.set(blob, bytes)
  desk.script.add({
    step: 'read',
    times: Infinity,
    error: () => new StoreError('unreachable', 'nobody answers'),
  })
  const silent = await verified(desk, here, roots.slice(0, 1))
  t.ok(silent.damaged.length > gone.damaged.length)
  t.ok(silent.damaged.every(({ fault }) => fault === 'unreachable'))
  t.equal(silent.pieces, 0)
})

test('an index that names something else is told', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const roots = await threeCommits(here)
  const { blob } = roots[0]!.self
  spoil(desk, blob, desk.network.contents.get(blob)!.length - 80)
  const found = await verified(desk, here, roots.slice(0, 1))
  t.same(found.damaged, [])
  t.match(found.indices, [{ blob, text: /index/ }])
})

test('the chain: an uncertified, a missing, an ended pack', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const [root] = await threeCommits(here)
  const rows = new Map(
    (await packRows(root!.packs, here.content)).map((row) => [row.blob, row] as const),
  )
  const check = () => checkChain(desk.store, here.content, root!, rows, 9, never)
  t.match(await check(), { packs: 3, unknown: 0, problems: [], endEpoch: 6 })
  const [first] = rows.keys()
  const row = rows.get(first!)!
  rows.set(first!, { ...row, bytes: row.bytes + 1 })
  t.match((await check()).problems, [{ blob: first, grave: true, text: /bytes/ }])
  rows.set(first!, { ...row, endEpoch: 99 })
  t.match((await check()).problems, [{ blob: first, grave: false, text: /epoch 6, and 99/ }])
  rows.set(first!, row)
  desk.network.advanceEpoch(5)
  const ended = await check()
  t.ok(ended.problems.length > 0)
  t.ok(ended.problems.every(({ grave }) => grave))
})

test('snapshots are found as far back as their packs are kept', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const roots = await threeCommits(here)
  const { kept } = await partsOf(desk, here)
  const all = await keptSnapshots(here.content, roots[0]!, kept, never)
  t.same(
    all.snapshots.map(({ sequence }) => sequence),
    roots.map(({ sequence }) => sequence),
  )
  const fewer = new Set([...kept].filter((blob) => blob !== roots[1]!.self.blob))
  t.equal((await keptSnapshots(here.content, roots[0]!, fewer, never)).snapshots.length, 1)
  const there = await desk.elsewhere()
  const { blob, offset } = roots[2]!.self
  spoil(desk, blob, offset)
  const lost = await keptSnapshots(there.content, roots[0]!, kept, never)
  t.match(lost, { snapshots: { length: 2 }, lost: { root: { hash: roots[2]!.self.hash } } })
})
