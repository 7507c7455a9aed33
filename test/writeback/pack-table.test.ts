import { test, type Test } from 'tap'
import { packRows } from '../../src/tree/pack-rows.ts'
import { noise, write } from './files.ts'
import { Desk, never, type Sitting } from './desk.ts'

/** Whether root and table name every blob that was paid for, with what the chain says of it. */
async function checkTable(t: Test, desk: Desk, { worktree, content }: Sitting): Promise<void> {
  const { self, packs } = worktree.base!
  const rows = await packRows(packs, content)
  const owned = new Map((await desk.store.owned(never)).map((blob) => [blob.blobId, blob]))
  t.same(
    [...rows.map(({ blob }) => blob), self.blob].sort(),
    [...owned.keys()].sort(),
    'nothing is missing',
  )
  for (const row of rows) {
    const { bytes, endEpoch, objectId } = owned.get(row.blob)!
    t.match(row, { bytes, endEpoch })
    t.ok(row.objectId === undefined || row.objectId === objectId)
  }
}

test('the table names every pack but the newest, commit by commit', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  for (let round = 0; round < 4; round++) {
    await write(here, `file-${round}`, noise(round === 1 ? 2_500_000 : 3000, round))
    await here.commit()
    await checkTable(t, desk, here)
  }
  const rows = await packRows(here.worktree.base!.packs, here.content)
  t.ok(
    rows.every(({ objectId }) => objectId),
    'and knows their objects',
  )
})

test('after a restart, too', async (t) => {
  const desk = new Desk(t)
  for (let round = 0; round < 3; round++) {
    const here = await desk.sit()
    await write(here, `file-${round}`, noise(3000, round))
    await here.commit()
    await checkTable(t, desk, here)
    await here.leave()
  }
})

test('and after the commit of another writer', async (t) => {
  const desk = new Desk(t)
  const [here, there] = [await desk.sit(), await desk.elsewhere()]
  for (const [round, writer] of [here, there, there, here].entries()) {
    const other = writer === here ? there : here
    await write(writer, `file-${round}`, noise(3000, round))
    await writer.commit()
    await checkTable(t, desk, writer)
    await other.takeOver()
  }
})

test('a renewal is not taken back by the next commit', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await write(here, 'a', noise(3000, 1))
  await here.commit()
  const owned = await desk.store.owned(never)
  const later = desk.drive.state.root!.endEpoch + 7
  await desk.manifest.renew(here.sequence, later, [desk.store.extend(owned, 7)], never)
  here.stand.renewed(desk.drive.state.root!)
  await write(here, 'b', noise(3000, 2))
  desk.network.advanceEpoch(6)
  await here.commit()
  t.equal(desk.drive.state.root!.endEpoch, desk.network.epoch + 5, 'the new pack ends first')
})
