import { readdirSync } from 'node:fs'
import { test } from 'tap'
import { contents, noise, patch, remove, write } from './files.ts'
import { Desk } from './desk.ts'

test('what was committed is there on another machine', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const files = new Map([
    ['empty', Buffer.alloc(0)],
    ['tiny', Buffer.from('inline')],
    ['page', noise(4096, 1)],
    ['large', noise(3_300_000, 2)],
    ['text', Buffer.from('the same line\n'.repeat(9000))],
  ])
  for (const [name, bytes] of files) await write(here, name, bytes)
  await here.commit()
  t.notOk(here.worktree.dirty)
  t.equal(here.staging.bytes, 0, 'staging is released')
  t.same(await contents(here), files, 'the same machine reads it from its packs')
  t.same(await contents(await desk.elsewhere()), files)
  t.ok((await desk.paid()) > 2, 'it took several packs')
})

test('later commits store what changed only, and keep the rest', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const large = noise(2_500_000, 3)
  await write(here, 'large', large)
  await write(here, 'gone', noise(5000, 4))
  await here.commit()
  const packs = await desk.paid()
  await patch(here, 'large', 1_200_000, Buffer.from('changed here'))
  remove(here, 'gone')
  await here.commit()
  large.write('changed here', 1_200_000)
  t.same(await contents(await desk.elsewhere()), new Map([['large', large]]))
  t.equal(await desk.paid(), packs + 1, 'one small pack more')
})

test('changes made while a commit is under way survive it', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await write(here, 'a', noise(700_000, 5))
  await write(here, 'b', noise(700_000, 6))
  await write(here, 'c', noise(700_000, 7))
  here.pending = here.committer.begin(0)
  await patch(here, 'a', 100, Buffer.from('after the freeze'))
  remove(here, 'b')
  await write(here, 'd', Buffer.from('new'))
  await here.commit()
  const changed = noise(700_000, 5)
  changed.write('after the freeze', 100)
  const now = new Map([
    ['a', changed],
    ['c', noise(700_000, 7)],
    ['d', Buffer.from('new')],
  ])
  t.same(await contents(here), now)
  const frozen = new Map([
    ['a', noise(700_000, 5)],
    ['b', noise(700_000, 6)],
    ['c', noise(700_000, 7)],
  ])
  t.same(await contents(await desk.elsewhere()), frozen, 'the commit holds the freeze')
  await here.commit()
  t.same(await contents(await desk.elsewhere()), now)
})

test('a file that is open and has no name any more keeps its bytes through a commit', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await write(here, 'open', noise(300_000, 8))
  const { worktree } = here
  const inode = await worktree.lookup(worktree.root, 'open' as never)
  worktree.retain(inode!)
  remove(here, 'open')
  await write(here, 'other', noise(1000, 9))
  await here.commit()
  const into = Buffer.alloc(300_000)
  t.equal(here.content.read(inode!, 0, into), 300_000)
  t.ok(into.equals(noise(300_000, 8)))
})

test('pack files are gone when their commit is done', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await write(here, 'a', noise(2_000_000, 10))
  await here.commit()
  const home = here.staging.pathOf(0).replace(/\/staging\/.*/, '/packs')
  t.same(readdirSync(home), [])
})
