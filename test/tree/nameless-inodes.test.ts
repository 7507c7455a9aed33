import { test } from 'tap'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import { keptChanges, link, makeDirectory, makeFile, unlink, write } from './change-makers.ts'
import { dumpWorktree } from './dump-worktree.ts'
import { TestDrive } from './test-drive.ts'

const time = { sec: 9, nsec: 0 }

test('a held file without a name is changed and nothing of it handed on', async (t) => {
  const tree = new Worktree()
  const file = makeFile(tree, tree.root, 'f')
  tree.retain(file)
  write(tree, file, 0, 10)
  unlink(tree, tree.root, 'f')
  t.same([tree.usedInodes, tree.usedBytes, tree.sliceBytes], [1, 0, 0])
  const kept = keptChanges(tree)
  write(tree, file, 10, 10)
  t.equal(file.size, 20)
  t.equal(file.nlink, 0)
  t.same(kept, [])
  t.equal([...tree.slices()].length, 2, 'staging has to keep its bytes')
  tree.release(file)
  t.same([...tree.slices()], [])
  t.throws(() => write(tree, file, 0, 1), /not loaded/)
})

test('a file made without a name comes back whole when a link names it', async (t) => {
  const tree = new Worktree()
  const kept = keptChanges(tree)
  const file = tree.makeUnnamed(0o600, 5, 6, time)
  tree.retain(file)
  write(tree, file, 7, 10)
  t.same(kept, [])
  t.same([tree.usedInodes, tree.usedBytes, tree.sliceBytes], [1, 0, 0])
  link(tree, file, tree.root, 'named')
  t.same([tree.usedInodes, tree.usedBytes, tree.sliceBytes], [2, 10, 10])
  write(tree, file, 30, 2)
  const again = new Worktree()
  await again.replay(kept)
  t.strictSame(await dumpWorktree(again), await dumpWorktree(tree))
  t.equal(again.sliceBytes, 12)
})

test('a clone of a nameless file replays, also when the file got its name back', async (t) => {
  const tree = new Worktree()
  const kept = keptChanges(tree)
  const [from, to] = [makeFile(tree, tree.root, 'from'), makeFile(tree, tree.root, 'to')]
  tree.retain(from)
  write(tree, from, 0, 10)
  unlink(tree, tree.root, 'from')
  write(tree, from, 5, 10)
  const range = { fromOffset: 0, offset: 100, length: 15 }
  tree.apply({ type: 'clone', from: from.ino, ino: to.ino, ...range, time })
  write(tree, from, 0, 3)
  tree.apply({ type: 'clone', from: from.ino, ino: to.ino, ...range, offset: 200, time })
  link(tree, from, tree.root, 'back')
  const again = new Worktree()
  await again.replay(kept)
  t.strictSame(await dumpWorktree(again), await dumpWorktree(tree))
  t.equal(to.size, 215)
})

test('a number that was given out for a nameless file is not given again', async (t) => {
  const tree = new Worktree()
  const unnamed = tree.makeUnnamed(0o600, 0, 0, time)
  t.not(makeFile(tree, tree.root, 'f').ino, unnamed.ino)
})

test('a nameless file that gets a name is read elsewhere, whatever was made before it', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  link(tree, tree.makeUnnamed(0o600, 0, 0, time), tree.root, 'f')
  await drive.commit(tree)
  t.strictSame(await dumpWorktree(drive.open()), await dumpWorktree(tree))
})

test('an empty directory that is held lives on without a name', async (t) => {
  const tree = new Worktree()
  const directory = makeDirectory(tree, tree.root, 'd')
  tree.retain(directory)
  t.equal(tree.root.nlink, 3)
  unlink(tree, tree.root, 'd')
  t.equal(tree.root.nlink, 2)
  t.equal(directory.nlink, 0)
  t.equal((await tree.entries(directory)).count, 0)
})
