import { test } from 'tap'
import type { Fault } from '../../src/store/faults.ts'
import { contents, noise, remove, write } from './files.ts'
import { Desk, type Sitting } from './desk.ts'

/** Ever the same 64 KiB: a public drive's packs of it are alike, to the last byte. */
function repeated(blocks: number): Buffer {
  return Buffer.concat(Array.from({ length: blocks }, () => noise(65_536, 1)))
}

const large = repeated(160)

async function fill(sitting: Sitting): Promise<Map<string, Buffer>> {
  await write(sitting, 'large', large)
  await write(sitting, 'again', large)
  await write(sitting, 'other', noise(100_000, 2))
  return new Map([
    ['large', large],
    ['again', large],
    ['other', noise(100_000, 2)],
  ])
}

test('packs that are alike are one blob: paid once, sent once, certified once', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const files = await fill(here)
  let uploads = 0
  const check = desk.script.check.bind(desk.script)
  desk.script.check = (step, when) => {
    if (step === 'upload' && when === 'before') uploads++
    check(step, when)
  }
  await here.commit()
  const paid = await desk.paid()
  t.ok(paid < 6, `${paid} blobs for 20 MiB that are 64 KiB`)
  t.equal(uploads, paid)
  t.same(await contents(here), files)
  t.same(await contents(await desk.elsewhere()), files)

  await t.test('and stay while something shows them', async (t) => {
    remove(here, 'large')
    files.delete('large')
    await here.commit()
    t.same(await contents(await desk.elsewhere()), files)
  })

  await t.test('in a later commit they are what is stored already', async (t) => {
    const before = await desk.paid()
    await write(here, 'third', large)
    files.set('third', large)
    await here.commit()
    t.ok((await desk.paid()) <= before + 2, 'the end of the file, and the names')
    t.same(await contents(await desk.elsewhere()), files)
  })
})

for (const step of ['register', 'upload', 'commit'] as const) {
  for (const when of ['before', 'after'] as const) {
    test(`killed ${when} ${step}, they are gone on with and paid once`, async (t) => {
      const undisturbed = new Desk(t)
      const calm = await undisturbed.sit()
      await fill(calm)
      await calm.commit()

      const desk = new Desk(t)
      const before = await desk.sit()
      const files = await fill(before)
      await before.log.sync()
      const fault: Fault = { step, when, error: () => new Error('killed') }
      desk.script.add(fault)
      await t.rejects(before.commit(), { message: 'killed' })
      await before.vanish()
      desk.script.clear()

      const after = await desk.sit()
      t.same(await contents(after), files)
      if (after.worktree.dirty) await after.commit()
      t.same(await contents(await desk.elsewhere()), files)
      t.equal(await desk.paid(), await undisturbed.paid())
    })
  }
}
