import { test } from 'tap'
import type { Inode } from '../../src/tree/inode.ts'
import type { TreeInode } from '../../src/tree/worktree/tree-inode.ts'
import { chmod, makeFile, write } from './change-makers.ts'
import { TestDrive } from './test-drive.ts'

test('names that are loaded do not bring the extents of their files with them', async (t) => {
  const drive = new TestDrive()
  const before = drive.open()
  for (let i = 0; i < 100; i++) write(before, makeFile(before, before.root, `file ${i}`), 0, 10)
  await drive.commit(before)

  const tree = drive.open()
  const entries = await tree.entries(tree.root)
  const files = [...entries.after(0)].map(({ inode }) => inode as TreeInode)
  t.equal(files.length, 100)
  t.ok(files.every(({ extentList }) => extentList === undefined))
  t.equal((await tree.extents(files[7]!)).coveredBytes, 10)
  t.equal(files.filter(({ extentList }) => extentList !== undefined).length, 1)
})

test('a commit leaves its files as small as if they had been loaded, and those that change meanwhile as they are', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  const files = Array.from({ length: 100 }, (_, i) => makeFile(tree, tree.root, `file ${i}`))
  for (const file of files) write(tree, file, 0, 10)
  const commit = await drive.write(tree.freeze())
  write(tree, files[3]!, 20, 5)
  chmod(tree, files[4]!, 0o600)
  drive.publish(commit)
  await tree.committed(commit.frozen, commit.root, commit.settled)

  const isSmall = (file: Inode): boolean => (file as TreeInode).extentList === undefined
  t.same(
    files.flatMap((file, i) => (isSmall(file) ? [] : [i])),
    [3, 4],
  )
  t.equal(files[7]!.extents?.coveredBytes, 10)
  t.notOk(isSmall(files[7]!))
  tree.retain(files[7]!)
  tree.release(files[7]!)
  t.ok(isSmall(files[7]!), 'again when nobody holds it')
  write(tree, files[7]!, 10, 5)
  t.equal(files[7]!.extents?.coveredBytes, 15)
})
