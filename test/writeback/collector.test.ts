import fc from 'fast-check'
import { test } from 'tap'
import { StoreError } from '../../src/store/blob-store.ts'
import { nameFromText } from '../../src/terms/name.ts'
import type { Inode } from '../../src/tree/inode.ts'
import { packRows } from '../../src/tree/pack-rows.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import { blobsOf, collect, planned, storedBlobs } from './collection.ts'
import type { PendingCommit } from '../../src/writeback/pending-commit.ts'
import { Desk, never, type Sitting } from './desk.ts'
import { contents, make, noise, patch, remove, write } from './files.ts'

async function commitOf(here: Sitting, name: string, bytes: Uint8Array): Promise<RootRecord> {
  await write(here, name, bytes)
  await here.commit()
  return here.worktree.base!
}

async function fileOf({ worktree }: Sitting, name: string): Promise<Inode> {
  return (await worktree.lookup(worktree.root, nameFromText(name)))!
}

test('what only forgotten snapshots need is deleted with the commit that forgets it', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await commitOf(here, 'kept', noise(300_000, 1))
  for (let round = 0; round < 4; round++) await commitOf(here, 'changed', noise(300_000, 9 + round))
  const before = await storedBlobs(desk)
  const { plan } = await planned(desk, here)
  t.ok(plan.unneeded.length >= 2, `${plan.unneeded.length} packs that nothing needs`)
  t.ok(plan.cost > 0n)
  const { transactions } = desk.network
  t.ok(await collect(desk, here))
  t.equal(desk.network.transactions, transactions + 2, 'one to register, one for all the rest')
  const after = await storedBlobs(desk)
  for (const { blob } of plan.unneeded) t.notOk(after.has(blob), 'gone')
  t.ok(after.size < before.size)
  const rows = await packRows(here.worktree.base!.packs, here.content)
  const named = new Set([...rows.map(({ blob }) => blob), here.worktree.base!.self.blob])
  t.same([...named].sort(), [...after].sort(), 'the table names what is left, and nothing else')
  const there = await desk.elsewhere()
  const files = await contents(there)
  t.ok(files.get('kept')!.equals(noise(300_000, 1)))
  t.ok(files.get('changed')!.equals(noise(300_000, 12)))
})

test('live bytes in the table are those that are counted, after commits of one machine', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  for (let round = 0; round < 3; round++) {
    for (const name of ['a', 'b']) await write(here, `${name}${round}`, noise(50_000, round + 3))
    if (round > 0) remove(here, `a${round - 1}`)
    await here.commit()
    const rows = await packRows(here.worktree.base!.packs, here.content)
    const { collection } = await planned(desk, here, { repackBelow: 1 })
    const counted = new Map(collection?.rows.map((row) => [row.blob, row.liveBytes]))
    for (const { blob, liveBytes } of rows) {
      if (counted.has(blob)) t.equal(liveBytes, counted.get(blob), `round ${round}`)
    }
  }
})

test('and never too few when another machine commits, or after a restart', async (t) => {
  const desk = new Desk(t)
  const machines = [await desk.sit(), await desk.elsewhere()]
  for (let round = 0; round < 4; round++) {
    const [here, there] = round % 2 ? machines : machines.toReversed()
    await write(here!, `file${round}`, noise(50_000, round + 3))
    if (round > 1) remove(here!, `file${round - 2}`)
    await here!.commit()
    await there!.takeOver()
    const rows = await packRows(here!.worktree.base!.packs, here!.content)
    const { plan, collection } = await planned(desk, here!, { repackBelow: 1 })
    t.ok(plan)
    const counted = new Map(collection?.rows.map((row) => [row.blob, row.liveBytes]))
    for (const { blob, liveBytes } of rows) {
      t.ok(liveBytes >= (counted.get(blob) ?? 0), `round ${round}: ${liveBytes} live bytes`)
    }
  }
})

test('an epoch that ends while it goes on costs another signature, and nothing else', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  for (let round = 0; round < 3; round++) await commitOf(here, 'file', noise(300_000, round))
  const { collection, plan } = await planned(desk, here)
  const paid = await desk.paid()
  let isFirst = true
  const ending = (step: string) => {
    if (step === 'commit' && isFirst) desk.network.advanceEpoch()
    if (step === 'commit') isFirst = false
  }
  const { packs } = await here.collector.collect(collection!, ending, never)
  await here.takeOver()
  t.equal(await desk.paid(), paid + packs - plan.unneeded.length, 'no blob was paid for twice')
  const there = await desk.elsewhere()
  t.ok((await contents(there)).get('file')!.equals(noise(300_000, 2)))
})

test('mostly dead packs are written anew, as they were stored; times and bytes stay', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  for (let pack = 0; pack < 3; pack++) {
    for (let i = 0; i < 5; i++) await write(here, `${pack}-${i}`, noise(60_000, pack * 10 + i))
    await here.commit()
  }
  for (let pack = 0; pack < 3; pack++) for (let i = 1; i < 5; i++) remove(here, `${pack}-${i}`)
  await here.commit()
  const old = here.worktree.base!
  const before = await contents(here)
  const { plan } = await planned(desk, here)
  t.ok(plan.repacked.length >= 3, `${plan.repacked.length} packs are mostly dead`)
  t.ok(await collect(desk, here))
  const now = await blobsOf(here, here.worktree.base!)
  for (const { blob } of plan.repacked) t.notOk(now.has(blob), 'the tree has left it')
  for (const blob of await blobsOf(here, old)) {
    t.ok((await storedBlobs(desk)).has(blob), 'and the snapshot before still has it')
  }
  while (await collect(desk, here)) t.ok(true, 'again, now that it is forgotten')
  for (const { blob } of plan.repacked) t.notOk((await storedBlobs(desk)).has(blob), 'gone')
  const there = await desk.elsewhere()
  const after = await contents(there)
  t.same([...after.keys()].sort(), [...before.keys()].sort())
  for (const [name, bytes] of before) t.ok(after.get(name)!.equals(bytes), name)
  for (const name of before.keys()) {
    const [a, b] = [await fileOf(here, name), await fileOf(there, name)]
    t.match(b, { mtimeSec: a.mtimeSec, ctimeSec: a.ctimeSec, size: a.size })
  }
})

test('somebody commits in between: nothing is deleted', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  for (let round = 0; round < 3; round++) await commitOf(here, 'a', noise(200_000, round))
  const { collection } = await planned(desk, here)
  t.ok(collection!.removed.length > 0)
  const there = await desk.elsewhere()
  await commitOf(there, 'b', noise(10, 1))
  const before = await storedBlobs(desk)
  await t.rejects(
    here.collector.collect(collection!, () => {}, never),
    { code: 'conflict' },
  )
  t.same(await storedBlobs(desk), before)
})

test('who still shows a deleted pack is not let commit a tree that names it', async (t) => {
  const desk = new Desk(t)
  const [here, there] = [await desk.sit(), await desk.elsewhere()]
  await commitOf(here, 'a', noise(200_000, 1))
  await there.takeOver()
  // There somebody holds the file open; here it is removed, and forgotten.
  const held = await fileOf(there, 'a')
  there.worktree.retain(held)
  remove(here, 'a')
  await here.commit()
  await commitOf(here, 'other', noise(10, 2))
  while (await collect(desk, here)) t.ok(true)
  await there.takeOver()
  t.equal(held.nlink, 0)
  const copy = make(there, 'copy', 0o100644)
  const range = { offset: 0, from: held.ino, fromOffset: 0, length: held.size }
  there.worktree.apply({ type: 'clone', ino: copy.ino, ...range, time: { sec: 9, nsec: 9 } })
  await t.rejects(there.commit(), {
    code: 'not-found',
    message: /^\/copy shows .*gc deleted.*mv NEW/,
  })
})

test('a file of many extents that is changed elsewhere while it is repacked stays one file', async (t) => {
  const desk = new Desk(t)
  const [here, there] = [await desk.sit(), await desk.elsewhere()]
  await write(here, 'dead', noise(600_000, 1))
  await write(here, 'sparse', noise(100, 2))
  const model = Buffer.alloc(200 * 8192)
  noise(100, 2).copy(model)
  for (let i = 0; i < 200; i++) {
    const bytes = noise(1000 + i, i)
    await patch(here, 'sparse', i * 8192, bytes)
    bytes.copy(model, i * 8192)
  }
  await here.commit()
  await there.takeOver()
  t.ok((await fileOf(there, 'sparse')).extents === undefined, 'its extents are stored apart')
  await patch(there, 'sparse', 77, Buffer.from('changed there'))
  model.write('changed there', 77)
  remove(here, 'dead')
  await here.commit()
  const { plan } = await planned(desk, here)
  t.ok(plan.repacked.length > 0)
  t.ok(await collect(desk, here))
  await there.takeOver()
  t.same([...(await contents(there)).keys()], ['sparse'], 'no copy beside it')
  await there.commit()
  const files = await contents(await desk.elsewhere())
  t.ok(
    files.get('sparse')!.equals(model.subarray(0, files.get('sparse')!.length)),
    'both are in it',
  )
})

test('what other drives name, what is frozen and what is recent stays', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const roots = []
  for (let round = 0; round < 4; round++) roots.push(await commitOf(here, 'a', noise(9000, round)))
  const all = (await planned(desk, here)).plan.unneeded.map(({ blob }) => blob)
  t.ok(all.length >= 2)
  const kept = (wish: Parameters<typeof planned>[2]) => planned(desk, here, wish)
  t.same((await kept({ others: all })).plan.unneeded, [])
  t.same((await kept({ keep: { forMs: 60_000, count: 1 } })).plan.unneeded, [])
  t.same((await kept({ keep: { forMs: 0, count: 4 } })).plan.unneeded, [])
  t.equal((await kept({ keep: { forMs: 0, count: 3 } })).plan.unneeded.length, 1)
  const frozen = (await kept({ frozen: [roots[0]!] })).plan
  const needed = await blobsOf(here, roots[0]!)
  for (const { blob } of frozen.unneeded) t.notOk(needed.has(blob))
  t.ok(frozen.unneeded.length < all.length)
})

test('uploads that never came to an end are orphans after two epochs, others are not', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await commitOf(here, 'a', noise(5000, 1))
  await write(here, 'b', noise(5000, 2))
  desk.script.add({ step: 'upload', error: () => new StoreError('unreachable', 'no nodes') })
  await t.rejects(here.commit(), { code: 'unreachable' })
  const pending = here.pending as PendingCommit
  const going = pending.registered!.map(({ objectId }) => objectId)
  t.match((await planned(desk, here)).plan, { orphans: [], unfinished: 1 })
  desk.network.advanceEpoch(2)
  const uploading = going
  t.match((await planned(desk, here, { uploading })).plan, { orphans: [], unfinished: 1 })
  const { plan } = await planned(desk, here)
  t.same(
    plan.orphans.map(({ objectId }) => objectId),
    going,
  )
  const guard = desk.manifest.unmoved(here.sequence - 1n)
  await t.rejects(desk.store.execute([guard, desk.store.remove(plan.orphans)], never))
  const right = desk.manifest.unmoved(here.sequence)
  await desk.store.execute([right, desk.store.remove(plan.orphans)], never)
  await here.commit()
  t.equal((await contents(await desk.elsewhere())).size, 2, 'it is registered anew')
})

test('a killed collection changes nothing, and the next one goes on', async (t) => {
  for (const step of ['register', 'upload', 'commit', 'prices'] as const) {
    const desk = new Desk(t)
    const here = await desk.sit()
    for (let round = 0; round < 3; round++) await commitOf(here, 'a', noise(200_000, round))
    const { collection } = await planned(desk, here)
    const before = await storedBlobs(desk)
    desk.script.add({ step, error: () => new StoreError('unreachable', 'killed') })
    await t.rejects(
      here.collector.collect(collection!, () => {}, never),
      { message: /killed/ },
    )
    t.same(await storedBlobs(desk), before, step)
    await here.leave()
    const again = await desk.sit()
    t.ok(await collect(desk, again))
    t.ok((await contents(await desk.elsewhere())).get('a')!.equals(noise(200_000, 2)))
  }
})

const anyRound = fc.array(
  fc.record({
    file: fc.integer({ min: 0, max: 5 }),
    bytes: fc.constantFrom(0, 500, 5000, 70_000, 300_000),
  }),
  { minLength: 1, maxLength: 4 },
)

test('whatever is committed and collected: kept snapshots are whole, and what is gone is needed by none', async (t) => {
  let deleted = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRound, { minLength: 3, maxLength: 7 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(0, 0.5, 0.9),
      async (rounds, count, repackBelow) => {
        const undo: (() => unknown)[] = []
        const desk = new Desk({ teardown: (one) => undo.unshift(one) }, 400_000)
        const here = await desk.sit()
        const model = new Map<string, Buffer>()
        let kept: RootRecord[] = []
        for (const [at, round] of rounds.entries()) {
          for (const { file, bytes } of round) {
            const name = `f${file}`
            if (bytes === 0 && model.has(name)) {
              remove(here, name)
              model.delete(name)
            } else {
              const data = noise(bytes, at * 7 + file)
              await write(here, name, data)
              model.set(name, data)
            }
          }
          await here.commit()
          kept = [here.worktree.base!, ...kept].slice(0, count)
          const before = await storedBlobs(desk)
          if (at % 2 && (await collect(desk, here, { keep: { forMs: 0, count }, repackBelow }))) {
            const after = await storedBlobs(desk)
            deleted += [...before].filter((blob) => !after.has(blob)).length
            // The tree that was present when it was planned is a snapshot now.
            for (const root of kept) {
              for (const blob of await blobsOf(here, root)) {
                if (!after.has(blob)) throw new Error(`a kept snapshot needs ${blob}`)
              }
            }
            kept = [here.worktree.base!, ...kept].slice(0, count)
          }
        }
        const there = await desk.elsewhere()
        const files = await contents(there)
        if (files.size !== model.size) throw new Error(`${files.size} files, not ${model.size}`)
        for (const [name, bytes] of model) {
          if (!files.get(name)?.equals(bytes)) throw new Error(`${name} has other bytes`)
        }
        for (const end of undo) await end()
      },
    ),
    { numRuns: 12 },
  )
  t.ok(deleted > 0, `${deleted} blobs were deleted`)
})
