import fc from 'fast-check'
import { test } from 'tap'
import { nameFromText, nameToText } from '../../src/terms/name.ts'
import type { Name } from '../../src/terms/name.ts'
import { neededPieces } from '../../src/tree/history/needed-pieces.ts'
import { predecessorsOf, readRootRecord } from '../../src/tree/history/root-records.ts'
import { diffSnapshots } from '../../src/tree/history/snapshot-diff.ts'
import type { Difference } from '../../src/tree/history/snapshot-diff.ts'
import { snapshotEntries } from '../../src/tree/history/snapshot-entries.ts'
import { PieceUse } from '../../src/tree/format/pack-format.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import { link, makeDirectory, makeFile, rename, unlink, write } from './change-makers.ts'
import { dumpWorktree } from './dump-worktree.ts'
import { modelOf } from './model-of-worktree.ts'
import { dumpLine, dumpModel } from './model-tree.ts'
import type { ModelInode, ModelTree } from './model-tree.ts'
import { propertyRuns } from './property-runs.ts'
import { anyStep, Player } from './random-changes.ts'
import type { Step } from './random-changes.ts'
import { TestDrive } from './test-drive.ts'

const anySteps = fc.array(anyStep, { maxLength: 25, size: 'max' })
const anyCommits = fc.array(anySteps, { minLength: 2, maxLength: 5, size: 'max' })

/** A drive with one commit for each list of steps. */
async function driveWith(
  commits: readonly (readonly Step[])[],
): Promise<[TestDrive, RootRecord[]]> {
  const drive = new TestDrive()
  const tree = drive.open()
  const model = await modelOf(tree, (ref) => drive.packs.bytesOf(ref))
  const player = new Player(tree, model)
  const roots: RootRecord[] = []
  for (const steps of commits) {
    for (const step of steps) await player.play(step)
    roots.push(await drive.commit(tree, 3000))
  }
  return [drive, roots]
}

function modelAt(drive: TestDrive, root: RootRecord | undefined): Promise<ModelTree> {
  return modelOf(drive.openAt(root), (ref) => drive.packs.bytesOf(ref))
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

function textOf(path: readonly Name[]): string {
  return `/${path.map(nameToText).join('/')}`
}

test('every snapshot is found from the last one, and shows what was committed', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  const dumps: string[][] = []
  for (const name of ['a', 'b', 'c']) {
    write(tree, makeFile(tree, tree.root, name), 0, 30)
    if (name === 'c') unlink(tree, tree.root, 'a')
    await drive.commit(tree)
    dumps.unshift(await dumpWorktree(tree, (ref) => drive.packs.bytesOf(ref)))
  }
  const { root } = drive
  const roots = [root!, ...(await collected(predecessorsOf(drive.packs, root!)))]
  t.same(
    roots.map(({ sequence }) => sequence),
    [3, 2, 1],
  )
  for (const [i, record] of roots.entries()) {
    t.same(await readRootRecord(drive.packs, record.self), record)
    const seen = drive.openAt(record)
    t.same(await dumpWorktree(seen, (ref) => drive.packs.bytesOf(ref)), dumps[i])
  }
})

test('a history that does not go back in time is refused', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  makeFile(tree, tree.root, 'a')
  const first = await drive.commit(tree)
  const forged = { ...first, predecessor: first.self }
  await t.rejects(collected(predecessorsOf(drive.packs, forged)), /back in time/)
})

test('the pieces that a snapshot needs are those with which it can be read, and no others', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyCommits, fc.nat(4), async (commits, which) => {
      const [drive, roots] = await driveWith(commits)
      const root = roots[which % roots.length]!
      const needed = await collected(neededPieces(drive.packs, root))
      const places = new Set(needed.map(({ ref }) => placeOf(ref)))
      const used = new Set<string>([placeOf(root.self)])
      const bytesOf = (ref: PieceRef) => {
        if (!places.has(placeOf(ref))) throw new Error(`${placeOf(ref)} is not told`)
        used.add(placeOf(ref))
        return drive.packs.bytesOf(ref)
      }
      const source = { piece: bytesOf }
      const names = await collected(snapshotEntries(source, root))
      const found = await dumpWorktree(new Worktree({ source, base: root }), bytesOf)
      const wanted = dumpModel(await modelAt(drive, root))
      if (found.join('\n') !== wanted.join('\n')) throw new Error('another tree')
      if (names.length !== wanted.length - 2) throw new Error(`${names.length} names`)
      if (used.size !== places.size) throw new Error(`${places.size - used.size} too many`)
    }),
    propertyRuns(60),
  )
  t.pass('for all drives tried')
})

test('the live bytes of packs are those of the pieces that the last snapshot needs', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyCommits, async (commits) => {
      const [drive, roots] = await driveWith(commits)
      const live = new Map<string, number>()
      for (const { ref, use } of await collected(neededPieces(drive.packs, roots.at(-1)!))) {
        if (use !== PieceUse.root) {
          live.set(ref.blob, (live.get(ref.blob) ?? 0) + ref.storedLength)
        }
      }
      const sorted = [...live].sort(([a], [b]) => (a < b ? -1 : 1))
      if (String(sorted) !== String([...drive.liveNow])) throw new Error(String(sorted))
    }),
    propertyRuns(40),
  )
  t.pass('for all drives tried')
})

function placeOf({ blob, offset }: PieceRef): string {
  return `${blob} ${offset}`
}

test('a snapshot is walked no further than to what is known', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  const [a, b] = [makeDirectory(tree, tree.root, 'a'), makeDirectory(tree, tree.root, 'b')]
  makeFile(tree, a, 'f')
  makeFile(tree, b, 'g')
  const before = await drive.commit(tree)
  write(tree, makeFile(tree, b, 'h'), 0, 40)
  const after = await drive.commit(tree)
  const known = new Set(
    (await collected(neededPieces(drive.packs, before))).map(({ ref }) => ref.hash),
  )
  const added = await collected(neededPieces(drive.packs, after, ({ hash }) => known.has(hash)))
  const told = new Set(added.map(({ path, use }) => `${use} ${path && textOf(path)}`))
  t.same(
    [...told],
    [
      `${PieceUse.root} undefined`,
      `${PieceUse.node} /`,
      `${PieceUse.node} /b`,
      `${PieceUse.data} /b/h`,
    ],
  )
})

/** What the difference of two models is by their lines: paths at which an inode is another, or a directory's own fields. */
function differentPaths(before: ModelTree, after: ModelTree): Map<string, ModelInode | undefined> {
  const [old, now] = [byPath(before), byPath(after)]
  const paths = new Set([...old.keys(), ...now.keys()])
  const differs = [...paths].filter((path) => lineOf(old.get(path)) !== lineOf(now.get(path)))
  return new Map(differs.map((path) => [path, now.get(path)]))
}

function byPath(model: ModelTree): Map<string, ModelInode> {
  const entries = [{ path: [] as readonly Name[], inode: model.root }, ...model.names()]
  return new Map(entries.map(({ path, inode }) => [textOf(path), inode]))
}

function lineOf(inode: ModelInode | undefined): string {
  if (!inode) return ''
  const time = { sec: 0, nsec: 0 }
  const times = inode.names ? { atime: time, mtime: time, ctime: time } : {}
  return dumpLine([], { ...inode, ...times, nlink: 0 })
}

test('all that differs between two snapshots is told, and nothing else', async (t) => {
  let differences = 0
  await fc.assert(
    fc.asyncProperty(anyCommits, fc.nat(4), fc.nat(4), async (commits, i, j) => {
      const [drive, roots] = await driveWith(commits)
      const [from, to] = [roots[i % roots.length]!, roots[j % roots.length]!]
      const told = await collected(diffSnapshots(drive.packs, from, to))
      const wanted = differentPaths(await modelAt(drive, from), await modelAt(drive, to))
      const paths = new Set(told.map(({ path }) => path && textOf(path)))
      const numbers = new Set(told.filter(({ path }) => !path).map(({ after }) => after!.ino))
      for (const [path, inode] of wanted) {
        const isTold = paths.has(path) || (inode && numbers.has(inode.ino))
        if (!isTold) throw new Error(`${path} is not told`)
      }
      for (const path of paths) {
        if (path !== undefined && !wanted.has(path)) throw new Error(`${path} is the same`)
      }
      differences += told.length
    }),
    propertyRuns(100),
  )
  t.ok(differences > 500, `${differences} differences`)
})

function short({ path, before, after }: Difference): [string | undefined, string] {
  const what = before ? (after ? 'changed' : 'gone') : 'new'
  return [path && textOf(path), what]
}

test('differences of a renamed, a changed, a new and a hard-linked file', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  const directory = makeDirectory(tree, tree.root, 'd')
  const [changed, linked] = [makeFile(tree, directory, 'c'), makeFile(tree, tree.root, 'l')]
  makeFile(tree, tree.root, 'old')
  link(tree, linked, directory, 'm')
  const before = await drive.commit(tree)
  write(tree, changed, 0, 20)
  write(tree, linked, 0, 20)
  rename(tree, tree.root, 'old', directory, 'moved')
  makeFile(tree, tree.root, 'new')
  const after = await drive.commit(tree)
  const told = await collected(diffSnapshots(drive.packs, before, after))
  t.same(told.map(short), [
    [undefined, 'changed'],
    ['/new', 'new'],
    ['/old', 'gone'],
    ['/d/c', 'changed'],
    ['/d/moved', 'new'],
  ])
  t.equal(told[0]!.after!.ino, linked.ino)
  t.equal(told[2]!.before!.ino, told[4]!.after!.ino, 'the same file in another place')
  const all = await collected(diffSnapshots(drive.packs, undefined, after))
  t.equal(all.length, 7, 'everything is new, the root too')
})

test('what two snapshots share is not read', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  for (let i = 0; i < 40; i++) {
    const directory = makeDirectory(tree, tree.root, `d${i}`)
    for (let j = 0; j < 5; j++) makeFile(tree, directory, `f${j}`)
  }
  const before = await drive.commit(tree)
  const directory = tree.root.entries!.get(nameFromText('d7'))!
  write(tree, directory.entries!.get(nameFromText('f2'))!, 0, 10)
  const after = await drive.commit(tree)
  drive.packs.reads = 0
  const told = await collected(diffSnapshots(drive.packs, before, after))
  t.same(told.map(short), [['/d7/f2', 'changed']])
  t.equal(drive.packs.reads, 4, 'both roots and both versions of the directory')
})
