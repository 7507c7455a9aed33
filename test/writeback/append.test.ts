import { test } from 'tap'
import { contents, noise, patch, remove, write } from './files.ts'
import { Desk, never, type Sitting } from './desk.ts'

class Crash extends Error {
  override readonly name = 'Crash'
}

async function firstCommit(sitting: Sitting): Promise<void> {
  await write(sitting, 'kept', noise(200_000, 1))
  await write(sitting, 'small', Buffer.from('small'))
  await sitting.commit()
}

async function smallChange(sitting: Sitting): Promise<void> {
  await patch(sitting, 'kept', 5000, Buffer.from('patched'))
  await write(sitting, 'new', noise(6000, 2))
  remove(sitting, 'small')
}

function expected(): Map<string, Buffer> {
  const kept = noise(200_000, 1)
  kept.write('patched', 5000)
  return new Map([
    ['kept', kept],
    ['new', noise(6000, 2)],
  ])
}

test('a small change is on another machine without a blob', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await firstCommit(here)
  const paid = await desk.paid()
  await smallChange(here)
  t.ok(await here.append())
  t.notOk(here.worktree.dirty)
  t.equal(here.staging.bytes, 0, 'staging is released')
  t.equal(await desk.paid(), paid, 'no blob')
  t.equal(desk.drive.state.inline.length, 1)
  t.equal(desk.drive.state.sequence, 2n)
  t.same(await contents(here), expected())
  t.same(await contents(await desk.elsewhere()), expected())
})

test('a drive may begin with a small change', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await write(here, 'a', Buffer.from('first'))
  t.ok(await here.append())
  t.equal(await desk.paid(), 0)
  const there = await desk.elsewhere()
  t.same(await contents(there), new Map([['a', Buffer.from('first')]]))
  await write(there, 'b', noise(50_000, 3))
  await there.store()
  await here.takeOver()
  t.same((await contents(here)).get('b'), noise(50_000, 3))
  t.same((await contents(here)).get('a'), Buffer.from('first'))
})

test('small changes pile up until the manifest is full, then a commit holds them all', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await firstCommit(here)
  const paid = await desk.paid()
  const files = await contents(here)
  let appends = 0
  for (let i = 0; ; i++) {
    const [name, bytes] = [`f${i % 40}`, noise(900 + i, i)]
    await write(here, name, bytes)
    files.set(name, bytes)
    if (!(await here.append())) break
    appends++
  }
  t.ok(appends > 30 && appends < 60, `${appends} appends`)
  t.equal(await desk.paid(), paid)
  await here.commit()
  t.equal(await desk.paid(), paid + 1, 'one pack')
  t.equal(desk.drive.state.inline.length, 0)
  t.same(here.worktree.inline, [])
  t.same(await contents(here), files)
  t.same(await contents(await desk.elsewhere()), files)
  t.ok(await (write(here, 'again', Buffer.from('x')), here.append()), 'and there is room again')
})

test('there are at most 256 records', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  let appends = 0
  for (;;) {
    await write(here, 'f', Buffer.from(String(appends)))
    if (!(await here.append())) break
    appends++
  }
  t.equal(appends, 256)
})

test('what is large goes into packs', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await write(here, 'large', noise(17_000, 1))
  t.notOk(await here.append())
  t.ok(here.worktree.dirty, 'and is waiting as before')
  remove(here, 'large')
  for (let i = 0; i < 1000; i++) await write(here, `file-${i}`, Buffer.from(`${i}`))
  t.notOk(await here.append())
  await here.commit()
  t.equal((await contents(await desk.elsewhere())).size, 1000)
})

for (const when of ['before', 'after'] as const) {
  test(`a crash ${when} the append loses nothing and does nothing twice`, async (t) => {
    const desk = new Desk(t)
    const before = await desk.sit()
    await firstCommit(before)
    const paid = await desk.paid()
    await smallChange(before)
    await before.log.sync()
    desk.script.add({ step: 'append', when, error: () => new Crash('killed') })
    await t.rejects(before.append(), { name: 'Crash' })
    await write(before, 'later', Buffer.from('written meanwhile'))
    await before.log.sync()
    await before.vanish()
    desk.script.clear()

    const after = await desk.sit()
    const all = expected().set('later', Buffer.from('written meanwhile'))
    t.same(await contents(after), all, 'everything is there at once')
    t.equal(after.pending === undefined, when === 'after')
    while (after.worktree.dirty) await after.store()
    t.same(await contents(after), all)
    t.same(await contents(await desk.elsewhere()), all, 'and on another machine')
    t.equal(await desk.paid(), paid, 'no blob')
    t.equal(desk.drive.state.sequence, 3n, 'the manifest moved once for each')
  })

  test(`an append whose answer is lost (${when}) is made once`, async (t) => {
    const desk = new Desk(t)
    const here = await desk.sit()
    await firstCommit(here)
    await smallChange(here)
    desk.script.add({ step: 'append', when, error: () => new Crash('no answer') })
    await t.rejects(here.append(), { name: 'Crash' })
    await here.append()
    t.equal(desk.drive.state.sequence, 2n)
    t.same(await contents(await desk.elsewhere()), expected())
  })
}

test('a restart finds what was appended, and the next commit holds it', async (t) => {
  const desk = new Desk(t)
  const first = await desk.sit()
  await firstCommit(first)
  await smallChange(first)
  await first.append()
  await patch(first, 'new', 10, Buffer.from('once more'))
  await first.log.sync()
  await first.vanish()
  const second = await desk.sit()
  const all = expected()
  all.get('new')!.write('once more', 10)
  t.same(await contents(second), all)
  await second.append()
  await second.vanish()
  const third = await desk.sit()
  t.notOk(third.worktree.dirty)
  t.same(await contents(third), all)
  await write(third, 'large', noise(100_000, 9))
  await third.store()
  t.equal(desk.drive.state.inline.length, 0)
  t.same(await contents(await desk.elsewhere()), all.set('large', noise(100_000, 9)))
})

test('a crash in the commit that holds records goes on with its packs', async (t) => {
  const steps = ['encode', 'register', 'upload', 'commit']
  for (const step of steps) {
    for (const when of ['before', 'after'] as const) {
      const desk = new Desk(t)
      const before = await desk.sit()
      await firstCommit(before)
      await smallChange(before)
      await before.append()
      await write(before, 'large', noise(300_000, 4))
      await before.log.sync()
      const paid = await desk.paid()
      desk.script.add({ step, when, error: () => new Crash('killed') })
      await t.rejects(before.commit(), { name: 'Crash' })
      await before.vanish()
      desk.script.clear()
      const after = await desk.sit()
      const all = expected().set('large', noise(300_000, 4))
      t.same(await contents(after), all)
      if (after.worktree.dirty) await after.commit()
      t.same(await contents(await desk.elsewhere()), all, `${when} ${step}`)
      t.equal(await desk.paid(), paid + 1)
      t.equal(desk.drive.state.inline.length, 0)
    }
  }
})

test('two writers who append in turns have both changes, and no copies', async (t) => {
  const desk = new Desk(t)
  const [here, there] = [await desk.sit(), await desk.elsewhere()]
  await firstCommit(here)
  await there.takeOver()
  for (let round = 0; round < 30; round++) {
    const [a, b] = round % 3 === 0 ? [there, here] : [here, there]
    await write(a, `a${round}`, noise(500, round))
    await write(b, `b${round}`, noise(round % 7 === 0 ? 30_000 : 700, round))
    await patch(a, 'kept', 100 * round, Buffer.from(`round ${round}`))
    await a.store()
    await b.store()
    await a.takeOver()
  }
  await here.takeOver()
  await there.takeOver()
  const found = await contents(here)
  t.same(await contents(there), found)
  t.same(await contents(await desk.elsewhere()), found)
  t.equal(found.size, 62)
  t.notOk([...found.keys()].some((name) => name.includes('conflict')))
})

test('both edit a file that lies in the manifest: both versions are kept', async (t) => {
  for (const folds of [false, true]) {
    const desk = new Desk(t)
    const [here, there] = [await desk.sit(), await desk.elsewhere()]
    await write(here, 'notes', noise(9000, 1))
    await here.store()
    await there.takeOver()
    await patch(here, 'notes', 0, Buffer.from('here'))
    await patch(there, 'notes', 0, Buffer.from('there'))
    if (folds) await write(here, 'large', noise(100_000, 3))
    await here.store()
    await there.store()
    const found = await contents(await desk.elsewhere())
    const versions = [...found].filter(([name]) => name.startsWith('notes'))
    t.equal(versions.length, 2)
    const starts = versions.map(([, bytes]) => bytes.subarray(0, 4).toString()).sort()
    t.same(starts, ['here', 'ther'])
  }
})

test('a file that another writer’s commit took over from the manifest is no edit', async (t) => {
  const desk = new Desk(t)
  const [here, there] = [await desk.sit(), await desk.elsewhere()]
  await write(here, 'notes', noise(12_000, 1))
  await here.store()
  await there.takeOver()
  await patch(here, 'notes', 0, Buffer.from('edited here'))
  await write(there, 'large', noise(100_000, 3))
  await there.store()
  t.equal(desk.drive.state.inline.length, 0)
  await here.store()
  const found = await contents(await desk.elsewhere())
  t.same([...found.keys()].sort(), ['large', 'notes'])
  t.equal(found.get('notes')!.subarray(0, 11).toString(), 'edited here')
})

test('a killed writer’s record that another one committed meanwhile is not lost', async (t) => {
  const desk = new Desk(t)
  const [here, there] = [await desk.sit(), await desk.elsewhere()]
  await firstCommit(here)
  await smallChange(here)
  await here.log.sync()
  desk.script.add({ step: 'append', when: 'after', error: () => new Crash('killed') })
  await t.rejects(here.append(), { name: 'Crash' })
  await here.vanish()
  desk.script.clear()
  await there.takeOver()
  await write(there, 'other', noise(300, 1))
  await there.append()
  const again = await desk.sit()
  t.ok(again.moved)
  t.notOk(again.worktree.dirty, 'its record is known')
  await again.takeOver()
  const all = expected().set('other', noise(300, 1))
  t.same(await contents(again), all)
  t.same(await contents(await desk.elsewhere()), all)
})

test('records leave the manifest as it is when the writer has no right', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await firstCommit(here)
  desk.drive.seal()
  await smallChange(here)
  await t.rejects(here.append(), { code: 'read-only' })
  t.ok(here.worktree.dirty)
  t.same(await contents(here), expected())
  t.equal((await desk.manifest.load(never)).inline.length, 0)
})
