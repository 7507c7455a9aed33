import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { MemoryOverDiskCache } from '../../src/cache/memory-over-disk-cache.ts'
import { openPieceCodec } from '../../src/crypto/open-piece-codec.ts'
import { tableOf } from '../../src/daemon/drive-revive.ts'
import { PackLedger } from '../../src/renewal/ledger.ts'
import { lostPacks, type LostPacks } from '../../src/renewal/lost-packs.ts'
import { survey, type Survey } from '../../src/renewal/survey.ts'
import type { OwnedBlob } from '../../src/store/blob-store.ts'
import { neededPieces } from '../../src/tree/history/needed-pieces.ts'
import { predecessorsOf, readRootRecord } from '../../src/tree/history/root-records.ts'
import { packRows } from '../../src/tree/pack-rows.ts'
import { PackThread } from '../../src/writeback/pack-thread.ts'
import { Reviver, type LostPack } from '../../src/writeback/reviver.ts'
import { rootPiece } from '../../src/writeback/root-piece.ts'
import { Desk, never, type Sitting } from './desk.ts'
import { contents, noise, write } from './files.ts'

/** A drive of several packs whose storage ends. */
async function driveOf(t: Test, packs = 3, sealed = false): Promise<{ desk: Desk; here: Sitting }> {
  const desk = new Desk(t, 1 << 20, sealed)
  const here = await desk.sit()
  for (let i = 0; i < packs; i++) {
    await write(here, `file${i}`, noise(200_000, i))
    await write(here, `text${i}`, Buffer.from(`line ${i}\n`.repeat(5000)))
    await here.commit()
  }
  return { desk, here }
}

interface Look extends LostPacks {
  readonly now: Survey
}

/** What a cache directory has of what is lost. */
async function look(
  { store, manifest, keys }: Desk,
  { content }: Sitting,
  cache: MemoryOverDiskCache,
  history = false,
): Promise<Look> {
  const readRoot = (root: Parameters<typeof rootPiece>[0]) =>
    readRootRecord(content, rootPiece(root))
  const ledger = new PackLedger(store, content)
  const now = await survey({ store, manifest, ledger, readRoot }, Infinity, never)
  const base = await readRoot(now.state.root!)
  const codec = openPieceCodec({ key: keys?.pieces })
  const parts = { store, source: content, cache, codec }
  return { now, ...(await lostPacks(base, now, parts, history, never)) }
}

/** The cache of a machine that has read everything and written nothing: pieces only. */
async function readersCache(t: Test, desk: Desk): Promise<Sitting> {
  const home = desk.another()
  const there = await desk.sitAt(home)
  const base = there.worktree.base!
  for await (const { ref } of neededPieces(there.content, base)) await there.content.piece(ref)
  for await (const root of predecessorsOf(there.content, base))
    for await (const { ref } of neededPieces(there.content, root)) await there.content.piece(ref)
  t.same(readdirSync(join(home, 'cache', 'packs')), [], 'no whole pack')
  return there
}

function sources({ packs }: LostPacks): LostPack[] {
  return packs.flatMap(({ life: { blob }, copy }) =>
    copy.kind === 'file' || copy.kind === 'pieces' ? { blob, from: copy } : [],
  )
}

async function revive(
  t: Test,
  desk: Desk,
  cache: MemoryOverDiskCache,
  packs: readonly LostPack[],
): ReturnType<Reviver['revive']> {
  const thread = new PackThread(desk.keys)
  t.teardown(() => thread.close())
  const packDirectory = join(desk.scratch(), 'packs')
  const reviver = new Reviver({ store: desk.store, cache, thread }, { packDirectory })
  const done = await reviver.revive(packs, 5, () => {}, never)
  t.same(readdirSync(packDirectory), [], 'no file is left')
  return done
}

test('packs that were written here come back with the same ids, and the table names their objects', async (t) => {
  const { desk, here } = await driveOf(t)
  const before = await contents(here)
  const owned = new Map<string, OwnedBlob>()
  for (const blob of await desk.store.owned(never)) owned.set(blob.blobId, blob)
  const { cache } = here
  t.same((await look(desk, here, cache)).packs, [], 'nothing is lost yet')
  desk.network.advanceEpoch(6)
  const { blob } = (await desk.manifest.load(never)).root!
  await t.rejects(desk.store.size(blob, never), { code: 'not-found' })
  // As the renewals of a daemon have it, who looks for a blob among the account's own once an epoch.
  const ledger = new PackLedger(desk.store, here.content)
  const ends = async () => {
    const { epoch } = desk.network
    const { endEpoch } = (await desk.manifest.load(never)).root!
    const time = { epoch, freshUntil: epoch, endEpoch }
    const lives = await ledger.packs(here.worktree.base!, time, never)
    return lives.filter((life) => life.endEpoch <= epoch).length
  }
  t.equal(await ends(), 3)
  const lost = await look(desk, here, cache, true)
  t.equal(lost.packs.length, 3)
  t.match(lost.packs, [{ copy: { kind: 'file' } }, { copy: { kind: 'file' } }, {}])
  const named = new Map(lost.packs.map(({ life, parts }) => [life.blob, parts.files]))
  t.same([...named.values()], [2, 2, 2], 'files that need each')

  const { uploaded, failed } = await revive(t, desk, cache, sources(lost))
  t.equal(failed.size, 0)
  t.same(uploaded.map(({ blobId }) => blobId).sort(), [...owned.keys()].sort())
  for (const blob of uploaded) t.not(blob.objectId, owned.get(blob.blobId)!.objectId, 'bought anew')
  const { transactions } = desk.network
  const collection = await tableOf(lost.now, here.worktree.base!, here.content, uploaded)
  await here.collector.collect(collection, () => {}, never)
  t.equal(desk.network.transactions, transactions + 2, 'one for the table, one for all the rest')
  await here.takeOver()
  const rows = await packRows(here.worktree.base!.packs, here.content)
  for (const { blobId, objectId, endEpoch } of uploaded) {
    t.match(
      rows.find(({ blob }) => blob === blobId),
      { objectId, endEpoch },
    )
  }
  t.equal(await ends(), 0, 'the daemon sees it at once')
  const again = await desk.elsewhere()
  t.same(await contents(again), before, 'everything is read elsewhere')
  t.same((await look(desk, here, cache, true)).packs, [])
})

for (const sealed of [false, true]) {
  const whose = sealed ? ' of a sealed drive' : ''
  test(`a cache that has only read makes the same packs${whose} from pieces, index included`, async (t) => {
    const { desk, here } = await driveOf(t, 3, sealed)
    const before = await contents(here)
    const there = await readersCache(t, desk)
    const { cache } = there
    desk.network.advanceEpoch(6)
    const lost = await look(desk, there, cache, true)
    t.same(
      lost.packs.map(({ copy }) => copy.kind),
      ['pieces', 'pieces', 'pieces'],
    )
    const { uploaded, failed } = await revive(t, desk, cache, sources(lost))
    t.equal(failed.size, 0)
    t.equal(uploaded.length, 3)
    await desk.store.execute(
      uploaded.map((blob) => desk.store.certify(blob)),
      never,
    )
    t.same(await contents(await desk.elsewhere()), before)
  })
}

test('what a cache does not have all of is named, and the rest is brought back', async (t) => {
  const { desk, here } = await driveOf(t)
  const there = await desk.elsewhere()
  await contents(there)
  await packRows(there.worktree.base!.packs, there.content)
  const { cache } = there
  desk.network.advanceEpoch(6)
  const lost = await look(desk, there, cache)
  const kinds = lost.packs.map(({ copy }) => copy.kind)
  t.ok(kinds.includes('partial'), 'nodes and root records of earlier snapshots were never read')
  const last = lost.packs.find(({ life }) => life.blob === there.worktree.base!.self.blob)
  t.equal(last?.copy.kind, 'pieces', 'of the last pack all was')
  for (const { copy } of lost.packs) {
    if (copy.kind === 'partial') t.ok(copy.missing.length > 0 || copy.unknownBytes > 0)
  }
  const { uploaded, failed } = await revive(t, desk, cache, sources(lost))
  t.same([uploaded.length, failed.size], [sources(lost).length, 0])
  t.ok(here)
})

test('a damaged file of a pack is not taken, and nothing is paid', async (t) => {
  const { desk, here } = await driveOf(t, 1)
  const shelf = join(desk.ground.home, 'cache', 'packs')
  const [name] = readdirSync(shelf)
  const file = join(shelf, name!)
  const copy = join(desk.scratch(), 'copy')
  cpSync(file, copy)
  const { cache } = here
  desk.network.advanceEpoch(6)
  const lost = await look(desk, here, cache)
  rmSync(file)
  writeFileSync(file, noise(lost.packs[0]!.copy.kind === 'file' ? lost.packs[0]!.copy.bytes : 0, 9))
  const paid = await desk.store.balances(never)
  const { uploaded, failed } = await revive(t, desk, cache, sources(lost))
  t.equal(uploaded.length, 0)
  t.match([...failed.values()], [/damaged/])
  t.same(await desk.store.balances(never), paid)
  cpSync(copy, file)
  t.equal((await revive(t, desk, cache, sources(lost))).uploaded.length, 1)
})

test('killed after it was registered: the next one pays nothing again', async (t) => {
  const { desk, here } = await driveOf(t, 2)
  const { cache } = here
  desk.network.advanceEpoch(6)
  const lost = await look(desk, here, cache)
  desk.script.add({ step: 'upload', error: () => new Error('killed') })
  await t.rejects(revive(t, desk, cache, sources(lost)), { message: 'killed' })
  const { wal } = await desk.store.balances(never)
  const { uploaded } = await revive(t, desk, cache, sources(lost))
  t.equal(uploaded.length, sources(lost).length)
  t.equal((await desk.store.balances(never)).wal, wal)
})
