import { test } from 'tap'
import { ManifestError } from '../../src/manifest/manifest.ts'
import { contents, noise, patch, remove, write } from './files.ts'
import { Desk, type Sitting } from './desk.ts'

class Lost extends Error {
  override readonly name = 'Lost'
}

/** What is carried out, and how its answer gets lost. */
const ways = [
  { what: 'a record', step: 'append', bytes: 300 },
  { what: 'a commit', step: 'commit', bytes: 100_000 },
] as const
type Way = (typeof ways)[number]

/** What another writer then does: with a record it lies beside ours, with a commit ours is no longer to be seen. */
const others = [
  { next: 'a record', bytes: 200 },
  { next: 'a commit', bytes: 90_000 },
] as const

/** Makes `made` and changes `kept`, which is carried out, but nobody says so. */
async function unanswered(desk: Desk, here: Sitting, { step, bytes }: Way): Promise<void> {
  await write(here, 'made', noise(bytes, 2))
  await patch(here, 'kept', 10, Buffer.from('ours'))
  desk.script.add({ step, when: 'after', error: () => new Lost('no answer') })
  try {
    if (step === 'append') await here.append()
    else await here.commit()
  } catch (error) {
    if (!(error instanceof Lost)) throw error
  }
  desk.script.clear()
}

/** Goes on with what was made: it is removed, what was changed is changed again. */
async function goOn(here: Sitting): Promise<void> {
  remove(here, 'made')
  await patch(here, 'kept', 10, Buffer.from('once more'))
}

async function another(there: Sitting, bytes: number): Promise<void> {
  await there.takeOver()
  await write(there, 'theirs', noise(bytes, 3))
  await there.store()
}

function expected(bytes: number): Map<string, Buffer> {
  const kept = noise(1000, 1)
  kept.write('once more', 10)
  return new Map([
    ['kept', kept],
    ['theirs', noise(bytes, 3)],
  ])
}

test('a start that cannot tell whether it was stored changes nothing', async (t) => {
  const desk = new Desk(t)
  const [here, there] = [await desk.sit(), await desk.elsewhere()]
  await write(here, 'kept', noise(1000, 1))
  await here.commit()
  await unanswered(desk, here, ways[0])
  await goOn(here)
  await here.log.sync()
  await here.vanish()
  await another(there, 90_000)
  const error = () => new ManifestError('unreachable', 'no old versions now')
  desk.script.add({ step: 'past', error })
  await t.rejects(desk.sit(), { code: 'unreachable' })
  const again = await desk.sit()
  if (again.moved) await again.takeOver()
  while (again.worktree.dirty) await again.store()
  t.same(await contents(again), expected(90_000))
})

for (const way of ways) {
  for (const { next, bytes } of others) {
    test(`${way.what} without an answer, then ${next} of another writer`, async (t) => {
      const desk = new Desk(t)
      const [here, there] = [await desk.sit(), await desk.elsewhere()]
      await write(here, 'kept', noise(1000, 1))
      await here.commit()
      await unanswered(desk, here, way)
      const paid = await desk.paid()
      await goOn(here)
      await another(there, bytes)
      await here.store()
      while (here.worktree.dirty) await here.store()
      await here.takeOver()
      t.same(await contents(here), expected(bytes), 'what was removed stays so')
      t.same(await contents(await desk.elsewhere()), expected(bytes))
      if (way.step === 'commit') t.ok((await desk.paid()) <= paid + 1, 'nothing is paid twice')
    })

    test(`the same, and we are killed (${way.what}, ${next})`, async (t) => {
      const desk = new Desk(t)
      const [here, there] = [await desk.sit(), await desk.elsewhere()]
      await write(here, 'kept', noise(1000, 1))
      await here.commit()
      await unanswered(desk, here, way)
      await goOn(here)
      await here.log.sync()
      await here.vanish()
      await another(there, bytes)
      const again = await desk.sit()
      if (again.moved) await again.takeOver()
      while (again.worktree.dirty) await again.store()
      t.same(await contents(again), expected(bytes), 'what was removed stays so')
      t.same(await contents(await desk.elsewhere()), expected(bytes))
    })
  }
}
