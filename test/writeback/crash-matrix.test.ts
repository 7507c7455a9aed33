import { test } from 'tap'
import type { Fault } from '../../src/store/faults.ts'
import { nameFromText } from '../../src/terms/name.ts'
import { contents, noise, patch, remove, write } from './files.ts'
import { Desk, type Sitting } from './desk.ts'

/** Calls to the network that a commit makes, each before it does anything and after, with its answer lost. */
const steps = ['limits', 'prices', 'encode', 'register', 'upload', 'commit']
/** Made once for each pack. */
const repeated = ['encode', 'upload']

class Crash extends Error {
  override readonly name = 'Crash'
}

async function firstCommit(sitting: Sitting): Promise<void> {
  await write(sitting, 'kept', noise(200_000, 1))
  await write(sitting, 'small', Buffer.from('small'))
  await sitting.commit()
}

async function change(sitting: Sitting): Promise<void> {
  await patch(sitting, 'kept', 5000, Buffer.from('patched'))
  await write(sitting, 'new', noise(1_100_000, 2))
  remove(sitting, 'small')
}

function expected(): Map<string, Buffer> {
  const kept = noise(200_000, 1)
  kept.write('patched', 5000)
  return new Map([
    ['kept', kept],
    ['new', noise(1_100_000, 2)],
  ])
}

for (const step of steps) {
  for (const when of ['before', 'after'] as const) {
    for (const skip of repeated.includes(step) ? [0, 1] : [0]) {
      test(`a crash ${when} ${step} (${skip} calls passed) loses nothing and pays nothing twice`, async (t) => {
        const undisturbed = new Desk(t)
        const calm = await undisturbed.sit()
        await firstCommit(calm)
        await change(calm)
        await calm.commit()
        const price = await undisturbed.paid()

        const desk = new Desk(t)
        const before = await desk.sit()
        await firstCommit(before)
        await change(before)
        await before.log.sync()
        const fault: Fault = { step, when, error: () => new Crash('killed') }
        crashLater(desk, fault, skip)
        const crashed = await before.commit().then(
          () => false,
          (error: unknown) => {
            if (error instanceof Crash) return true
            throw error
          },
        )
        await before.vanish()
        desk.script.clear()

        const after = await desk.sit()
        t.same(await contents(after), expected(), 'everything is there at once')
        if (after.worktree.dirty) await after.commit()
        t.same(await contents(await desk.elsewhere()), expected(), 'and on another machine')
        t.equal(await desk.paid(), price, 'as many blobs are paid for as without a crash')
        t.equal(desk.drive.state.sequence, 2n, 'the manifest moved once for it')
        t.ok(crashed, 'it did crash')
      })
    }
  }
}

/** The fault strikes after so many calls of its step went well. */
function crashLater(desk: Desk, fault: Fault, skip: number): void {
  if (skip === 0) {
    desk.script.add(fault)
    return
  }
  let calls = 0
  const check = desk.script.check.bind(desk.script)
  desk.script.check = (step, when) => {
    if (step === fault.step && when === (fault.when ?? 'before') && calls++ === skip)
      throw fault.error()
    check(step, when)
  }
}

test('a commit that fails is gone on with where it stopped', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await firstCommit(here)
  await change(here)
  for (const step of ['register', 'upload', 'commit']) {
    for (const when of ['before', 'after'] as const) {
      desk.script.add({ step, when, error: () => new Crash('not now') })
    }
  }
  let failures = 0
  while (here.worktree.dirty) {
    try {
      await here.commit()
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      failures++
    }
  }
  t.ok(failures >= 5, `${failures} failures`)
  t.same(await contents(await desk.elsewhere()), expected())
  t.equal(desk.drive.state.sequence, 2n)
})

test('changes made after the crash-interrupted freeze are replayed behind it', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await firstCommit(here)
  await change(here)
  desk.script.add({ step: 'upload', error: () => new Crash('killed') })
  await t.rejects(here.commit(), { name: 'Crash' })
  await write(here, 'later', Buffer.from('written after the freeze'))
  await patch(here, 'new', 0, Buffer.from('over the frozen bytes'))
  await here.log.sync()
  await here.vanish()

  const after = await desk.sit()
  const all = expected()
  all.get('new')!.write('over the frozen bytes')
  all.set('later', Buffer.from('written after the freeze'))
  t.same(await contents(after), all)
  await after.commit()
  t.same(await contents(await desk.elsewhere()), expected(), 'the first commit is the frozen state')
  await after.commit()
  t.same(await contents(await desk.elsewhere()), all)
})

test('what waited through a rebase is there after a crash', async (t) => {
  const desk = new Desk(t)
  const [here, there] = [await desk.sit(), await desk.elsewhere()]
  await firstCommit(there)
  await write(here, 'ours', noise(70_000, 3))
  await here.takeOver()
  await here.log.sync()
  await here.vanish()
  const after = await desk.sit()
  t.same((await contents(after)).get('ours'), noise(70_000, 3))
  await after.commit()
  t.same((await contents(await desk.elsewhere())).get('ours'), noise(70_000, 3))
})

test('a file that was written before it had a name is there after a crash', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const { worktree, content } = here
  const time = { sec: 1, nsec: 0 }
  const inode = worktree.makeUnnamed(0o644, 0, 0, time)
  worktree.retain(inode)
  for (const { offset, slice } of content.write(inode, 0, noise(70_000, 4))) {
    worktree.apply({ type: 'write', ino: inode.ino, offset, slice, time })
  }
  worktree.apply({ type: 'link', ino: inode.ino, parent: 1, name: nameFromText('late'), time })
  await here.log.sync()
  await here.vanish()
  const after = await desk.sit()
  t.same((await contents(after)).get('late'), noise(70_000, 4))
})
