import fc from 'fast-check'
import { test } from 'tap'
import { directoryShares, type TreeShares } from '../../src/tree/history/directory-shares.ts'
import { neededPieces } from '../../src/tree/history/needed-pieces.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import { nameFromText } from '../../src/terms/name.ts'
import { link, makeDirectory, makeFile, write } from './change-makers.ts'
import { modelOf } from './model-of-worktree.ts'
import { propertyRuns } from './property-runs.ts'
import { anyStep, Player } from './random-changes.ts'
import { TestDrive } from './test-drive.ts'

const anySteps = fc.array(anyStep, { maxLength: 40, size: 'max' })

/** Stored bytes by pack of all pieces that a tree needs, each counted once. */
async function needed(drive: TestDrive, root: RootRecord): Promise<Map<string, number>> {
  const sums = new Map<string, number>()
  const seen = new Set<string>()
  for await (const { ref } of neededPieces(drive.packs, root)) {
    const key = `${ref.blob} ${ref.offset}`
    if (seen.has(key)) continue
    seen.add(key)
    sums.set(ref.blob, (sums.get(ref.blob) ?? 0) + ref.storedLength)
  }
  return sums
}

function summed({ directories, elsewhere, tables }: TreeShares): Map<string, number> {
  const sums = new Map<string, number>()
  for (const stored of [...(directories ?? []).map((one) => one.stored), elsewhere, tables]) {
    for (const [blob, bytes] of stored) sums.set(blob, (sums.get(blob) ?? 0) + bytes)
  }
  return sums
}

test('the shares of all directories are what the tree needs, each piece once', async (t) => {
  await fc.assert(
    fc.asyncProperty(anySteps, fc.nat(3), fc.nat(100), async (steps, depth, pick) => {
      const drive = new TestDrive()
      const tree = drive.open()
      const player = new Player(tree, await modelOf(tree, (ref) => drive.packs.bytesOf(ref)))
      for (const step of steps) await player.play(step)
      const root = await drive.commit(tree, 3000)
      const all = await directoryShares(drive.packs, root, { path: [], depth: 99 })
      const expected = await needed(drive, root)
      t.same(summed(all), expected)
      t.equal(all.elsewhere.size, 0)
      const counted = all.directories!.reduce((sum, { files }) => sum + files, 0)
      t.equal(counted + all.directories!.length, root.usedInodes)
      const { path } = all.directories![pick % all.directories!.length]!
      const some = await directoryShares(drive.packs, root, { path, depth })
      t.same(summed(some), expected)
      t.same(some.directories![0]!.path, path)
      t.ok(some.directories!.every((one) => one.path.length <= path.length + depth))
    }),
    propertyRuns(30),
  )
})

test('what has several names counts where it is met first', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  const a = makeDirectory(tree, tree.root, 'a')
  const b = makeDirectory(tree, tree.root, 'b')
  const file = makeFile(tree, b, 'file')
  write(tree, file, 0, 2000)
  link(tree, file, a, 'first')
  const root = await drive.commit(tree)
  const path = [nameFromText('a')]
  const { directories } = await directoryShares(drive.packs, root, { path: [], depth: 1 })
  t.same(
    directories!.map(({ files }) => files),
    [0, 1, 0],
  )
  const only = await directoryShares(drive.packs, root, { path, depth: 1 })
  t.match(only.directories, [{ files: 1, bytes: 2000 }])
  t.equal(
    (await directoryShares(drive.packs, root, { path: [nameFromText('c')], depth: 0 })).directories,
    undefined,
  )
})

test('pieces that two files show are counted once, and no file is read', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  const a = makeDirectory(tree, tree.root, 'a')
  const b = makeDirectory(tree, tree.root, 'b')
  for (let i = 0; i < 2000; i++) write(tree, makeFile(tree, a, `file${i}`), 0, 1500)
  await drive.commit(tree)
  const copy = tree.makeCopy((await tree.lookup(a, nameFromText('file7')))!)
  link(tree, copy, b, 'copy')
  const root = await drive.commit(tree)
  let asked = 0
  const source = {
    piece: (...args: Parameters<typeof drive.packs.piece>) => {
      asked++
      return drive.packs.piece(...args)
    },
  }
  const shares = await directoryShares(source, root, { path: [], depth: 1 })
  t.same(summed(shares), await needed(drive, root))
  t.ok(asked < 200, `${asked} nodes for 2000 files`)
  const [, one, two] = shares.directories!
  const stored = (share: typeof one) => [...share!.stored.values()].reduce((x, y) => x + y, 0)
  t.ok(stored(two) < 1500, 'the copy has but a name')
  t.match([one, two], [{ files: 2000 }, { files: 1, bytes: 1500 }])
})
