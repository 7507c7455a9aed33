import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { collect } from './collection.ts'
import { Desk } from './desk.ts'
import { contents, noise, patch, write } from './files.ts'

/** A machine that has stored something and gone, leaving changes or none; what it stood on is deleted by another's gc. */
async function away(t: Test, changed: boolean) {
  const desk = new Desk(t)
  const home = desk.another()
  const here = await desk.sitAt(home)
  await write(here, 'kept', noise(90_000, 1))
  await write(here, 'replaced', noise(90_000, 2))
  await here.commit()
  if (changed) await patch(here, 'kept', 10, Buffer.from('ours'))
  await here.log.sync()
  await here.leave()
  const there = await desk.elsewhere()
  await there.takeOver()
  await write(there, 'replaced', noise(90_000, 3))
  await there.commit()
  while (await collect(desk, there, { repackBelow: 1 }));
  rmSync(join(home, 'cache'), { recursive: true })
  return { desk, home, there }
}

test('a machine without changes comes back to the drive as it is, though gc deleted what it stood on', async (t) => {
  const { desk, home, there } = await away(t, false)
  const back = await desk.sitAt(home)
  t.equal(back.moved, false)
  t.same(await contents(back), await contents(there))
  await write(back, 'new', noise(90_000, 4))
  await back.commit()
  await there.takeOver()
  t.same((await contents(there)).get('new'), noise(90_000, 4), 'it goes on from there')
  await write(back, 'newer', noise(100, 5))
  await back.log.sync()
  await back.vanish()
  const again = await desk.sitAt(home)
  t.same((await contents(again)).get('newer'), noise(100, 5), 'and a start after that, too')
})

test('one with changes keeps them, and says so', async (t) => {
  const { desk, home } = await away(t, true)
  for (let start = 0; start < 2; start++)
    await t.rejects(desk.sitAt(home), { name: 'BaseGone', changes: 2 }, `start ${start}`)
})
