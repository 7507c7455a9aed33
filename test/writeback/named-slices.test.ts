import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import { Desk } from './desk.ts'
import { contents, noise, write } from './files.ts'

test('a file that was made without a name keeps its bytes over a restart', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const { worktree, content } = here
  await worktree.entries(worktree.root)
  const time = { sec: 5, nsec: 0 }
  const file = worktree.makeUnnamed(0o100644, 1, 2, time)
  const bytes = noise(50_000, 3)
  for (const { offset, slice } of content.write(file, 0, bytes)) {
    worktree.apply({ type: 'write', ino: file.ino, offset, slice, time })
  }
  worktree.apply({ type: 'link', ino: file.ino, parent: 1, name: nameFromText('named'), time })
  await content.sync()
  await here.leave()
  const again = await desk.sit()
  t.ok((await contents(again)).get('named')?.equals(bytes))
})

test('what a rebase stated anew keeps its bytes over a restart', async (t) => {
  const desk = new Desk(t)
  const [here, there] = [await desk.sit(), await desk.elsewhere()]
  const bytes = noise(50_000, 4)
  await write(here, 'ours', bytes)
  await write(there, 'theirs', noise(9000, 5))
  await there.commit()
  await here.takeOver()
  await here.content.sync()
  await here.leave()
  const again = await desk.sit()
  t.ok((await contents(again)).get('ours')?.equals(bytes))
})
