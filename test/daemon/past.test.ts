import { test, type Test } from 'tap'
import { findPast } from '../../src/daemon/past/find-past.ts'
import { KeptPast } from '../../src/daemon/past/kept-past.ts'
import { commitsOf, type LogWish, type PastCommit } from '../../src/daemon/past/past-commits.ts'
import type { Moment } from '../../src/daemon/past/moment.ts'
import { Planting } from '../../src/daemon/past/planting.ts'
import { MountedPast } from '../../src/daemon/past/still-past.ts'
import type { KeepPolicy } from '../../src/renewal/kept-snapshots.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { nameFromText } from '../../src/terms/name.ts'
import type { PastState } from '../../src/tree/history/past-states.ts'
import { packRows } from '../../src/tree/pack-rows.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import type { WorktreeApi } from '../../src/tree/worktree-api.ts'
import { collect } from '../writeback/collection.ts'
import { Desk, never, type Sitting } from '../writeback/desk.ts'
import { contents, noise, remove, write } from '../writeback/files.ts'

type Files = Map<string, Buffer>

function at(sequence: number): Moment {
  return { kind: 'sequence', sequence }
}

function open({ worktree, content }: Sitting): Promise<KeptPast> {
  return KeptPast.open(content, worktree)
}

async function sequencesOf(past: KeptPast): Promise<PastState[]> {
  const states = []
  for await (const state of past.states()) states.push(state)
  return states
}

/** All files of a state, by who has nothing but what the network has. */
async function filesAt({ content }: Sitting, { base, inline }: PastState): Promise<Files> {
  const worktree = new Worktree({ source: content, ...(base && { base }) })
  worktree.standOn(inline)
  return contents({ worktree, content })
}

/** Commits c, small changes s. Gives what the files were at each sequence number. */
async function driveOf(t: Test, steps: string): Promise<[Desk, Sitting, Map<number, Files>]> {
  const desk = new Desk(t)
  const here = await desk.sit()
  const known = new Map<number, Files>([[0, new Map()]])
  for (const [i, step] of steps.split('').entries()) {
    await write(here, `file${i % 3}`, noise(step === 'c' ? 100_000 : 200, i))
    if (i > 3) remove(here, `file${(i + 1) % 3}`)
    if (step === 'c') await here.commit()
    else if (!(await here.append())) throw new Error('no small change')
    known.set(Number(here.sequence), await contents(here))
  }
  return [desk, here, known]
}

test('each sequence number is what the drive was then, small changes in the manifest among them', async (t) => {
  const [, here, known] = await driveOf(t, 'ccsscss')
  const past = await open(here)
  t.same(
    (await sequencesOf(past)).map(({ sequence }) => sequence),
    [7, 6, 5, 2, 1],
  )
  t.equal(past.isCut, false)
  for (const sequence of [0, 1, 2, 5, 6, 7]) {
    const state = await findPast(past, at(sequence), 'demo')
    t.equal(state.sequence, sequence)
    t.same(await filesAt(here, state), known.get(sequence), `sequence ${sequence}`)
  }
  await t.rejects(findPast(past, at(8), 'demo'), {
    code: 'not-found',
    message: /^demo has not come to sequence 8 yet: the last one is 7 \(2/,
  })
  for (const taken of [3, 4]) {
    await t.rejects(findPast(past, at(taken), 'demo'), {
      code: 'not-found',
      message: /a small change that commit 5 took up.* near are 2 and 5 \(2/,
    })
  }
})

test('the first sequence numbers may have been small changes', async (t) => {
  const [, here, known] = await driveOf(t, 'ss')
  for (const sequence of [0, 1, 2]) {
    const state = await findPast(await open(here), at(sequence), 'demo')
    t.same(await filesAt(here, state), known.get(sequence))
  }
  await write(here, 'large', noise(50_000, 1))
  await here.commit()
  await t.rejects(findPast(await open(here), at(2), 'demo'), { message: /near are 0 and 3 / })
})

test('a time is the newest state that is no younger', async (t) => {
  const [, here] = await driveOf(t, 'ccss')
  const past = await open(here)
  const states = await sequencesOf(past)
  const earliest = new Map(states.map((state) => [state.timeMs, state.sequence] as const).reverse())
  for (const [ms, sequence] of earliest) {
    const newest = states.find(({ timeMs }) => timeMs <= ms)!
    t.equal((await findPast(past, { kind: 'time', ms }, 'demo')).sequence, newest.sequence)
    t.ok(newest.sequence >= sequence)
  }
  const before = { kind: 'time', ms: states.at(-1)!.timeMs - 1 } as const
  await t.rejects(findPast(past, before, 'demo'), {
    code: 'not-found',
    message: /^demo has nothing from before .*: its first commit is 1 \(2/,
  })
})

test('an empty drive has no past', async (t) => {
  const here = await new Desk(t).sit()
  const past = await open(here)
  await t.rejects(findPast(past, { kind: 'time', ms: Date.now() }, 'demo'), /demo is empty/)
  await t.rejects(findPast(past, at(1), 'demo'), { code: 'not-found' })
})

test('what gc keeps, and nothing else, is whole; all of it can be read by who has nothing', async (t) => {
  const policies: KeepPolicy[] = [1, 3, 5].map((count) => ({ forMs: 0, count }))
  let given = 0
  for (const keep of policies) {
    const [desk, here, known] = await driveOf(t, 'ccccccc')
    const before = (await sequencesOf(await open(here))).map(({ sequence }) => sequence)
    t.same(before, [7, 6, 5, 4, 3, 2, 1])
    while (await collect(desk, here, { keep, repackBelow: 0 }));
    const there = await desk.elsewhere()
    const past = await open(there)
    const whole: number[] = []
    for (const { sequence } of await sequencesOf(past)) {
      const state = await findPast(past, at(sequence), 'demo').catch(() => undefined)
      if (!state) continue
      whole.push(sequence)
      if (sequence > 7) continue
      t.same(await filesAt(there, state), known.get(sequence), `sequence ${sequence}`)
    }
    t.ok(whole.length >= keep.count, `${whole.join(' ')} of ${there.sequence}`)
    for (let sequence = 1; sequence <= 7; sequence++) {
      if (whole.includes(sequence)) continue
      given++
      await t.rejects(findPast(past, at(sequence), 'demo'), {
        code: 'not-found',
        message: /was given up by gc: the earliest that is whole is \d+ \(2/,
      })
      // Somebody who has nothing must not be able to read all of it, or it is refused for nothing.
      const lost = await sequencesOf(past)
      const state = lost.find((one) => one.sequence === sequence)
      if (!state) continue
      const files = await filesAt(await desk.elsewhere(), state).catch(() => undefined)
      t.notSame(files, known.get(sequence), `sequence ${sequence} is not to be had`)
    }
  }
  t.ok(given > 5, `${given} states were given up`)
})

async function logOf(here: Sitting, wish: Partial<LogWish> = {}): Promise<PastCommit[]> {
  const commits = []
  for await (const commit of commitsOf(await open(here), { names: true, path: undefined, ...wish }))
    commits.push(commit)
  return commits
}

test('the log counts what each commit and each small change did', async (t) => {
  const [, here] = await driveOf(t, 'ccccsc')
  await write(here, 'file0', noise(10, 99))
  t.ok(await here.append())
  const log = await logOf(here)
  t.same(
    log.map(({ sequence, whole, changes, blob }) => [sequence, whole, changes, blob === undefined]),
    [
      [7, true, { added: 1, removed: 0, changed: 0, moved: 0 }, true],
      // What the small change before did is in this commit.
      [6, true, { added: 0, removed: 1, changed: 2, moved: 0 }, false],
      [4, true, { added: 0, removed: 0, changed: 1, moved: 0 }, false],
      [3, true, { added: 1, removed: 0, changed: 0, moved: 0 }, false],
      [2, true, { added: 1, removed: 0, changed: 0, moved: 0 }, false],
      [1, true, { added: 1, removed: 0, changed: 0, moved: 0 }, false],
    ],
  )
  t.match(log[0]!.paths, [{ change: 'added', path: '/file0', size: 10 }])
  const counted = await logOf(here, { names: false })
  t.same(
    counted.map(({ changes }) => changes),
    log.map(({ changes }) => changes),
  )
  t.equal(counted[0]!.paths, undefined)
})

test('the log of a path has the commits that changed it, and no collection', async (t) => {
  const [desk, here] = await driveOf(t, 'cccccc')
  const path = [nameFromText('file2')]
  const before = await logOf(here, { path })
  t.same(
    before.map(({ sequence, changes }) => [sequence, changes]),
    [
      [6, { added: 1, removed: 0, changed: 0, moved: 0 }],
      [5, { added: 0, removed: 1, changed: 0, moved: 0 }],
      [3, { added: 1, removed: 0, changed: 0, moved: 0 }],
    ],
  )
  await collect(desk, here, { keep: { forMs: 0, count: 2 }, repackBelow: 1 })
  const after = await logOf(here, { path })
  t.equal(after[0]!.sequence, 6)
  t.match((await logOf(here))[0], {
    sequence: 7,
    changes: { added: 0, removed: 0, changed: 0, moved: 0 },
  })
})

test('packs that only the past named are live again, and a gc leaves them', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  await write(here, 'lost', noise(200_000, 1))
  await here.commit()
  const { self } = here.worktree.base!
  remove(here, 'lost')
  await write(here, 'other', noise(20_000, 2))
  await here.commit()
  const liveBytes = async () => {
    const rows = await packRows(here.worktree.base!.packs, here.content)
    return rows.find(({ blob }) => blob === self.blob)?.liveBytes
  }
  t.ok((await liveBytes())! < 10_000, 'the bytes are dead')
  const state = await findPast(await open(here), at(1), 'demo')
  const past = new Worktree({ source: here.content, base: state.base! })
  const top = (await past.lookup(past.root, nameFromText('lost')))!
  const stored = await desk.paid()
  const { worktree } = here
  const planting = new Planting({ worktree, onRebased: () => {} }, past, systemClock, never)
  await planting.plant(top, '/back/lost', () => {})
  t.equal(worktree.sliceBytes, 0)
  t.ok(await here.append(), 'a small change, whatever the file’s size')
  t.equal(await desk.paid(), stored, 'and no blob')
  await write(here, 'more', noise(20_000, 3))
  await here.commit()
  t.ok((await liveBytes())! >= 200_000, 'they are live')
  while (await collect(desk, here, { repackBelow: 0 }));
  const there = await desk.elsewhere()
  const back = await there.worktree.lookup(there.worktree.root, nameFromText('back'))
  const file = (await there.worktree.lookup(back!, nameFromText('lost')))!
  const into = Buffer.alloc(file.size)
  const got = await there.content.read(file, 0, into)
  t.ok(Buffer.from(typeof got === 'number' ? into : got).equals(noise(200_000, 1)))
})

test('a mount shows the states that are whole, and goes on with the drive', async (t) => {
  const [desk, here, known] = await driveOf(t, 'ccssc')
  const past = new MountedPast(here.content, here.worktree, undefined)
  const sequences = async () => (await past.list()).map(({ sequence }) => sequence)
  t.same(await sequences(), [1, 2, 5])
  t.equal(await past.find(3), undefined)
  t.equal(await past.find(6), undefined)
  const first = (await past.find(1))!
  const tree = (await first.open()) as WorktreeApi
  t.same(await contents({ worktree: tree, content: here.content }), known.get(1))
  t.equal(first.root.mode, here.worktree.root.mode)
  const mode = 0o40700
  here.worktree.apply({ type: 'attributes', ino: 1, mode, time: { sec: 1, nsec: 0 } })
  t.ok(await here.append())
  t.same(await sequences(), [1, 2, 5, 6])
  t.equal((await past.find(6))!.root.mode, mode)
  await here.commit()
  for (let round = 0; round < 3; round++) await collect(desk, here, { repackBelow: 0 })
  const left = await sequences()
  t.equal(left.at(-1), Number(here.sequence))
  t.notOk(left.includes(1), `${left.join(' ')} are left`)
  t.equal(await past.find(1), undefined)
  const log = (await logOf(here)).filter(({ whole }) => whole).map(({ sequence }) => sequence)
  t.same(log.reverse(), left, 'as the log says')
})
