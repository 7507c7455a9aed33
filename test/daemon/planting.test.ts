import fc from 'fast-check'
import { test } from 'tap'
import { Planting } from '../../src/daemon/past/planting.ts'
import { inodeAt } from '../../src/daemon/drive-files.ts'
import { nameFromText, type Name } from '../../src/terms/name.ts'
import type { Change } from '../../src/tree/change.ts'
import type { RebaseResult } from '../../src/tree/worktree-api.ts'
import type { Worktree } from '../../src/tree/worktree/worktree.ts'
import { link, makeDirectory, makeFile, rename, unlink, write } from '../tree/change-makers.ts'
import { dumpWorktree } from '../tree/dump-worktree.ts'
import { modelOf } from '../tree/model-of-worktree.ts'
import { dumpLine, type ModelInode, type ModelTree } from '../tree/model-tree.ts'
import { propertyRuns } from '../tree/property-runs.ts'
import { anyStep, Player } from '../tree/random-changes.ts'
import { TestDrive } from '../tree/test-drive.ts'

const never = new AbortController().signal
const clock = { now: () => Date.UTC(2026, 10, 29, 14, 0, 5), sleep: async () => {} }

interface Planted {
  readonly told: RebaseResult
  readonly kept: string | undefined
}

async function plant(tree: Worktree, past: Worktree, path: string, into: string): Promise<Planted> {
  let told: RebaseResult | undefined
  const onRebased = (result: RebaseResult) => void (told = result)
  const planting = new Planting({ worktree: tree, onRebased }, past, clock as never, never)
  const top = await inodeAt({ worktree: past }, path)
  const { kept } = await planting.plant(top, into, () => {})
  return { told: told!, kept }
}

/** All below an inode of a model, but for numbers and ctime; which names are one file is told by the first of them. */
function linesBelow(top: ModelInode): string[] {
  const lines: string[] = []
  const first = new Map<ModelInode, string>()
  const time = { sec: 0, nsec: 0 }
  const visit = (inode: ModelInode, path: string) => {
    const name = first.get(inode) ?? path
    first.set(inode, name)
    lines.push(`${path} ${name} ${dumpLine([], { ...inode, ino: 0, nlink: 0, ctime: time })}`)
    for (const [child, below] of [...(inode.names ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))) {
      visit(below, `${path}/${child}`)
    }
  }
  visit(top, '')
  return lines
}

function at(model: ModelTree, path: readonly Name[]): ModelInode {
  return path.reduce((inode, name) => inode.names!.get(name)!, model.root)
}

test('what is planted is what was, in the present tree, in a replay, and after a commit, without any new piece of data', async (t) => {
  let [planted, replaced] = [0, 0]
  const anySteps = fc.array(anyStep, { maxLength: 30, size: 'max' })
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(anySteps, anySteps),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
      fc.nat(1000),
      fc.boolean(),
      async (commits, turns, which, isElsewhere) => {
        const drive = new TestDrive(turns)
        const tree = drive.open()
        const bytesOf = (ref: Parameters<TestDrive['packs']['bytesOf']>[0]) =>
          drive.packs.bytesOf(ref)
        const player = new Player(tree, await modelOf(tree, bytesOf))
        const store = async () => {
          if (!drive.append(tree)) await drive.commit(tree, 3000)
        }
        for (const step of commits[0]) await player.play(step)
        await store()
        const past = drive.openAt(drive.root, drive.inline)
        for (const step of commits[1]) await player.play(step)
        await store()
        const before = await modelOf(past, bytesOf)
        const names = before.names()
        if (names.length === 0) return
        const { path } = names[which % names.length]!
        const text = `/${path.map((name) => Buffer.from(name, 'latin1').toString()).join('/')}`
        if (nameFromText(text) !== (text as Name)) return
        const into = isElsewhere ? '/restored/here' : text
        const changes: Change[] = []
        const base = drive.openAt(drive.root, drive.inline)
        // The journal begins here.
        for (const change of tree.restate()) changes.push(change)
        tree.onChange = (change) => changes.push(change)
        const result = await plant(tree, past, text, into).catch((error: unknown) => {
          if ((error as { code?: unknown }).code === 'exists') return undefined
          throw error
        })
        if (!result) return
        planted++
        if (result.kept !== undefined) replaced++
        const parts = into.split('/').slice(1) as Name[]
        const wanted = linesBelow(at(before, path)).join('\n')
        const check = async (worktree: Worktree, what: string) => {
          const found = linesBelow(at(await modelOf(worktree, bytesOf), parts)).join('\n')
          if (found !== wanted) throw new Error(`${what}:\n${found}\n\nwanted:\n${wanted}`)
        }
        await check(tree, 'the present tree')
        if (tree.sliceBytes > 0) throw new Error('bytes are to be uploaded')
        await base.replay(changes)
        const dumps = [await dumpWorktree(tree, bytesOf), await dumpWorktree(base, bytesOf)]
        if (dumps[0]!.join('\n') !== dumps[1]!.join('\n')) throw new Error('the replay differs')
        await store()
        await check(drive.open(), 'after it was stored')
        await drive.commit(tree, 3000)
        await check(drive.open(), 'after a commit')
        const counted = String([...(await drive.countLive())])
        if (counted !== String([...drive.liveNow])) throw new Error(`live: ${counted}`)
      },
    ),
    propertyRuns(150),
  )
  t.ok(planted > 60 && replaced > 20, `${planted} planted, ${replaced} in the place of something`)
})

test('what stands there is kept beside, and the kernel is told', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  const d = makeDirectory(tree, tree.root, 'd')
  const file = makeFile(tree, d, 'file')
  write(tree, file, 0, 30)
  link(tree, file, d, 'link')
  const past = drive.openAt(await drive.commit(tree))
  write(tree, file, 0, 40)
  const { told, kept } = await plant(tree, past, '/d/file', '/d/file')
  t.equal(kept, '/d/file (before restore 2026-11-29T14-00-05)')
  const names = () => [...tree.root.entries!.get(nameFromText('d'))!.entries!.after(0)]
  const sizes = () => names().map(({ name, inode }) => `${name} ${inode.size}`)
  t.same(sizes().sort(), ['file (before restore 2026-11-29T14-00-05) 40', 'file 30', 'link 40'])
  t.ok(told.names.some(({ directory, name }) => directory === d && name === 'file'))
  t.ok(told.inodes.includes(d))
  const again = await plant(tree, past, '/d/file', '/d/file')
  t.equal(again.kept, '/d/file (before restore 2026-11-29T14-00-05 2)')
  const whole = await plant(tree, past, '/d', '/d')
  t.equal(whole.kept, '/d (before restore 2026-11-29T14-00-05)')
  t.same(sizes().sort(), ['file 30', 'link 30'])
})

test('directories above that are gone are made as they were; what is none any more is not replaced', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  const d = makeDirectory(tree, tree.root, 'd')
  const file = makeFile(tree, makeDirectory(tree, d, 'sub'), 'file')
  write(tree, file, 0, 30)
  const mode = 0o42750
  tree.apply({ type: 'attributes', ino: d.ino, mode, time: { sec: 3, nsec: 0 } })
  const past = drive.openAt(await drive.commit(tree))
  rename(tree, tree.root, 'd', tree.root, 'gone')
  await plant(tree, past, '/d/sub/file', '/d/sub/file')
  const made = tree.lookup(tree.root, nameFromText('d')) as { mode: number }
  t.equal(made.mode & 0o7777, mode & 0o7777)
  unlink(tree, tree.root, 'gone')
  makeFile(tree, tree.root, 'gone')
  await t.rejects(plant(tree, past, '/d', '/gone/d'), {
    code: 'exists',
    message: /\/gone is no directory any more; nothing was changed/,
  })
  for (const into of ['/', '', '/../x', '/d/..']) {
    await t.rejects(plant(tree, past, '/d', into), { code: 'usage' }, into)
  }
})
