import fc from 'fast-check'
import { test } from 'tap'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { packRows } from '../../src/tree/pack-rows.ts'
import type { PackRow, RootRecord } from '../../src/tree/root-record.ts'
import { checkTree } from '../../src/verification/tree-check.ts'
import { makeDirectory, makeFile, link, write } from '../tree/change-makers.ts'
import { modelOf } from '../tree/model-of-worktree.ts'
import { propertyRuns } from '../tree/property-runs.ts'
import { anyStep, Player } from '../tree/random-changes.ts'
import { TestDrive } from '../tree/test-drive.ts'
import { Desk, never } from '../writeback/desk.ts'
import { threeCommits } from './examined-drive.ts'

/** Rows of all packs of a drive. */
function rowsOf({ packs }: TestDrive): Map<BlobId, PackRow> {
  const facts = { objectId: undefined, liveBytes: 0, endEpoch: 9 }
  return new Map(
    [...packs.packs].map(([blob, { length: bytes }]) => [blob, { blob, bytes, ...facts }]),
  )
}

function sorted(live: ReadonlyMap<BlobId, number>): string {
  return [...live].map(String).sort().join('\n')
}

test('nothing is wrong with any tree that the worktree writes', async (t) => {
  let inodes = 0
  const steps = fc.array(fc.array(anyStep, { maxLength: 30, size: 'max' }), {
    minLength: 1,
    maxLength: 4,
  })
  await fc.assert(
    fc.asyncProperty(steps, async (commits) => {
      const drive = new TestDrive()
      const tree = drive.open()
      const player = new Player(tree, await modelOf(tree, (ref) => drive.packs.bytesOf(ref)))
      for (const changes of commits) {
        for (const step of changes) await player.play(step)
        await drive.commit(tree, 3000)
      }
      const found = await checkTree(drive.packs, drive.root!, rowsOf(drive), never)
      if (found.problems.length > 0) throw new Error(found.problems.join('\n'))
      if (sorted(found.live) !== sorted(drive.liveNow)) throw new Error('other live bytes')
      inodes += found.inodes
    }),
    propertyRuns(60),
  )
  t.ok(inodes > 500, `${inodes} inodes`)
})

/** A small drive whose inodes a test may falsify before they are committed. */
async function falsified(
  change: (inodes: Record<'root' | 'd' | 'f' | 'l', { nlink: number; size: number }>) => void,
): Promise<[TestDrive, RootRecord]> {
  const drive = new TestDrive()
  const tree = drive.open()
  const d = makeDirectory(tree, tree.root, 'd')
  const [f, l] = [makeFile(tree, d, 'f'), makeFile(tree, d, 'l')]
  write(tree, f, 0, 40)
  link(tree, l, tree.root, 'm')
  change({ root: tree.root, d, f, l } as never)
  return [drive, await drive.commit(tree)]
}

test('wrong link counts, totals and numbers are told, with paths', async (t) => {
  const check = async (
    change: Parameters<typeof falsified>[0],
    alter: (root: RootRecord) => Partial<RootRecord> = () => ({}),
  ) => {
    const [drive, root] = await falsified(change)
    return (await checkTree(drive.packs, { ...root, ...alter(root) }, rowsOf(drive), never))
      .problems
  }
  t.same(await check(() => {}), [])
  t.match(await check(({ d }) => (d.nlink = 5)), ['/d/: 5 links, and 0 directories in it'])
  t.match(await check(({ root }) => (root.nlink = 2)), ['/: 2 links, and 1 directories in it'])
  t.match(await check(({ l }) => (l.nlink = 3)), [/the file of number \d+: 3 links, and 2 names/])
  t.match(
    await check(
      () => {},
      ({ usedBytes }) => ({ usedBytes: usedBytes + 1 }),
    ),
    [/counts 41 bytes/],
  )
  t.match(
    await check(
      () => {},
      () => ({ usedInodes: 9 }),
    ),
    [/counts 9 inodes, and there are 4/],
  )
  t.match(
    await check(
      () => {},
      () => ({ nextIno: 3 }),
    ),
    [/was not given yet/],
  )
  t.match(
    await check(
      () => {},
      () => ({ links: undefined }),
    ),
    [/has no such inode/],
  )
})

test('a pack without a row, and a piece behind the end of its pack', async (t) => {
  const [drive, first] = await falsified(() => {})
  const tree = drive.open()
  await tree.entries(tree.root)
  makeFile(tree, tree.root, 'second')
  const root = await drive.commit(tree)
  const rows = rowsOf(drive)
  t.same((await checkTree(drive.packs, root, rows, never)).problems, [])
  const row = rows.get(first.self.blob)!
  rows.set(row.blob, { ...row, bytes: 10 })
  const behind = (await checkTree(drive.packs, root, rows, never)).problems
  t.ok(behind.length > 0)
  t.ok(behind.every((text) => /behind the end of pack/.test(text)))
  rows.delete(row.blob)
  t.match((await checkTree(drive.packs, root, rows, never)).problems, [/lacks/], 'told once')
})

test('a node that is gone is told, and what is beside it is checked', async (t) => {
  const [drive, root] = await falsified(({ l }) => (l.nlink = 3))
  const lost = root.directory.node!
  const source = {
    piece: (ref: typeof lost) => {
      if (ref.hash === lost.hash) throw new Error('gone')
      return drive.packs.piece(ref)
    },
  }
  const found = await checkTree(source, root, rowsOf(drive), never)
  t.match(found, { isPartial: true, problems: ['/: a part of it cannot be read (gone)'] })
})

test('a drive that writeback made', async (t) => {
  const desk = new Desk(t)
  const here = await desk.sit()
  const [root] = await threeCommits(here)
  const rows = new Map(
    (await packRows(root!.packs, here.content)).map((row) => [row.blob, row] as const),
  )
  const found = await checkTree(here.content, root!, rows, never)
  t.same(found.problems, [])
  t.equal(found.inodes, 4)
})
