import { test } from 'tap'
import type { TreeInode } from '../../src/tree/worktree/tree-inode.ts'
import { makeFile, write } from './change-makers.ts'
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
