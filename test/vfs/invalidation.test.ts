import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import type { Inode } from '../../src/tree/inode.ts'
import { Drive } from './drive.ts'

test('what a rebase changed is told in the numbers of the kernel', async (t) => {
  const drive = new Drive()
  const dir = await drive.mkdir('dir')
  const file = await drive.file('file', '', dir)
  const gone = await drive.file('forgotten')
  const inode = async (parent: Inode, name: string): Promise<Inode> =>
    (await drive.worktree.lookup(parent, nameFromText(name)))!
  const directory = await inode(drive.worktree.root, 'dir')
  const forgotten = await inode(drive.worktree.root, 'forgotten')
  const inodes = [await inode(directory, 'file'), forgotten]
  drive.fs.forget(gone, 1)
  const names = [
    { directory, name: nameFromText('file') },
    { directory: drive.worktree.root, name: nameFromText('new') },
  ]
  t.same(drive.posix.invalidated({ inodes, names, changedFiles: [], conflicts: [] }), {
    nodes: [file],
    names: [
      { parent: dir, name: 'file' },
      { parent: 1, name: 'new' },
    ],
  })
})

test('names in a directory that the kernel does not know are left out', async (t) => {
  const drive = new Drive()
  const dir = await drive.mkdir('dir')
  const directory = (await drive.worktree.lookup(drive.worktree.root, nameFromText('dir')))!
  drive.fs.forget(dir, 1)
  const names = [{ directory, name: nameFromText('x') }]
  t.same(drive.posix.invalidated({ inodes: [directory], names, changedFiles: [], conflicts: [] }), {
    nodes: [],
    names: [],
  })
})
