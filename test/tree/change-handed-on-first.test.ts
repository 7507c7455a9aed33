import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import {
  chmod,
  keptChanges,
  link,
  makeDirectory,
  makeFile,
  rename,
  unlink,
  write,
} from './change-makers.ts'
import { dumpWorktree } from './dump-worktree.ts'

test('nothing has changed when a change could not be kept', async (t) => {
  const tree = new Worktree()
  const [a, b] = [makeDirectory(tree, tree.root, 'a'), makeDirectory(tree, tree.root, 'b')]
  const file = makeFile(tree, a, 'f')
  makeFile(tree, b, 'g')
  write(tree, file, 0, 5)
  const before = await dumpWorktree(tree)
  tree.onChange = () => {
    throw new Error('journal full')
  }
  t.throws(() => makeFile(tree, a, 'new'), /journal full/)
  t.throws(() => unlink(tree, a, 'f'), /journal full/)
  t.throws(() => rename(tree, a, 'f', b, 'g'), /journal full/)
  t.throws(() => link(tree, file, b, 'h'), /journal full/)
  t.throws(() => chmod(tree, file, 0), /journal full/)
  t.throws(() => write(tree, file, 1, 1), /journal full/)
  t.strictSame(await dumpWorktree(tree), before)
})

test('a change of what is not loaded is refused and not handed on', async (t) => {
  const tree = new Worktree()
  const kept = keptChanges(tree)
  const time = { sec: 1, nsec: 0 }
  const name = nameFromText('x')
  t.throws(() => tree.apply({ type: 'unlink', parent: 1, name, time }), /not loaded|no such name/)
  t.throws(() => tree.apply({ type: 'punch', ino: 77, offset: 0, length: 1, time }), /not loaded/)
  t.throws(() => tree.apply({ type: 'punch', ino: 1, offset: 0, length: 1, time }), /not loaded/)
  const file = makeFile(tree, tree.root, 'f')
  t.throws(() => tree.apply({ type: 'unlink', parent: file.ino, name, time }), /no directory/)
  t.same(
    kept.map(({ type }) => type),
    ['make'],
  )
})
