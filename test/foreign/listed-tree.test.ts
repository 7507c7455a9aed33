import { test } from 'tap'
import { ListedInode } from '../../src/foreign/listed-inode.ts'
import { ListedTree } from '../../src/foreign/listed-tree.ts'
import { ListingError, type ListedFile } from '../../src/foreign/listing.ts'
import type { BlobView } from '../../src/foreign/view.ts'
import type { Name } from '../../src/terms/name.ts'
import type { Inode } from '../../src/tree/inode.ts'

const owner = { uid: 5, gid: 6 }
const view = { name: 'blob:x' } as BlobView

function file(path: string, key = path, length = 10): ListedFile {
  return { path, key, xattrs: undefined, source: () => ({ view, offset: 0, length }) }
}

function namesIn(tree: ListedTree, directory: Inode = tree.root): string[] {
  return [...tree.entries(directory).after(0)].map(({ name }) => name).sort()
}

function at(tree: ListedTree, path: string): Inode | undefined {
  let inode: Inode | undefined = tree.root
  for (const name of path.split('/')) {
    inode = inode && [...tree.entries(inode).after(0)].find((entry) => entry.name === name)?.inode
  }
  return inode
}

test('shows what is listed, and what is listed later', async (t) => {
  const tree = new ListedTree(owner)
  tree.replace([file('a'), file('b/c/d'), file('b/e')])
  t.same(namesIn(tree), ['a', 'b'])
  t.equal(tree.usedInodes, 5)
  const [a, d, b] = [at(tree, 'a')!, at(tree, 'b/c/d')!, at(tree, 'b')!]
  t.same([a.uid, a.gid, b.nlink, tree.root.nlink], [5, 6, 3, 3])

  const result = tree.replace([file('a'), file('b/e', 'changed'), file('c'), file('b/x/y')])
  t.equal(at(tree, 'a'), a, 'what is the same stays the same')
  t.not(at(tree, 'b/e'), undefined)
  t.equal(at(tree, 'b/c'), undefined)
  t.equal(d.nlink, 0)
  t.equal(at(tree, 'b'), b)
  t.equal(b.nlink, 3)
  const told = result.names.map(
    ({ directory, name }) => `${directory === tree.root ? '' : 'b/'}${name}`,
  )
  for (const name of ['b/e', 'b/c', 'c', 'b/x']) t.ok(told.includes(name), name)

  t.not(at(tree, 'b/x/y'), undefined)
  const gone = tree.replace([]).names.map(({ name }) => name)
  for (const name of ['a', 'c', 'e', 'y', 'x', 'b']) t.ok(gone.includes(name as Name), name)
  t.same(namesIn(tree), [])
  t.equal(tree.usedInodes, 0)
  t.equal(tree.root.nlink, 2)
})

test('a directory becomes a file, and a file a directory', async (t) => {
  const tree = new ListedTree(owner)
  tree.replace([file('a/b'), file('c')])
  tree.replace([file('a'), file('c/d')])
  t.ok(at(tree, 'a') instanceof ListedInode)
  t.ok(at(tree, 'c/d') instanceof ListedInode)
  tree.replace([file('a/b'), file('c')])
  t.ok(at(tree, 'a/b') instanceof ListedInode)
  t.ok(at(tree, 'c') instanceof ListedInode)
})

test('inode numbers are the same at each mount, and apart', async (t) => {
  const files = Array.from({ length: 2000 }, (_, i) => file(`d${i % 7}/f${i}`))
  const [one, other] = [new ListedTree(owner), new ListedTree(owner)]
  one.replace(files)
  other.replace(files.toReversed())
  const inos = new Set([...one.files.values()].map(({ ino }) => ino))
  t.equal(inos.size, 2000)
  for (const [path, { ino }] of one.files) t.equal(other.files.get(path)!.ino, ino)
})

test('a size is found when somebody looks, and asked for again after a failure', async (t) => {
  let asked = 0
  const source = async () => {
    if (asked++ === 0) throw new ListingError('broken')
    return { view, offset: 5, length: 3_000_000 }
  }
  const tree = new ListedTree(owner)
  tree.replace([{ path: 'f', key: 'f', xattrs: undefined, source }])
  const inode = at(tree, 'f')!
  t.equal(tree.isKnown(inode), false)
  t.equal(asked, 0)
  await t.rejects(Promise.resolve(tree.lookup(tree.root, 'f' as Name)), {
    code: 'EIO',
    message: 'broken',
  })
  t.equal(await tree.lookup(tree.root, 'f' as Name), inode)
  t.equal(tree.lookup(tree.root, 'f' as Name), inode, 'at once')
  t.equal(tree.isKnown(inode), true)
  t.equal(inode.size, 3_000_000)
  t.equal(tree.usedBytes, 3_000_000)
  t.equal(inode.extents!.nextHole(0), 3_000_000)
  t.equal([...inode.extents!.all()].length, 3)
  t.equal(asked, 2)
})

test('a hundred thousand files take bounded memory and time', async (t) => {
  const started = performance.now()
  const before = process.memoryUsage().heapUsed
  const tree = new ListedTree(owner)
  tree.replace(
    Array.from({ length: 100_000 }, (_, i) => file(`/some/directory/${i % 100}/file ${i}.html`)),
  )
  t.equal(tree.usedInodes, 100_102)
  const bytes = process.memoryUsage().heapUsed - before
  t.ok(bytes < 300 << 20, `${bytes >> 20} MiB`)
  t.ok(performance.now() - started < 30_000)
})

test('nothing is changed from here', async (t) => {
  const tree = new ListedTree(owner)
  for (const change of [() => tree.allocate(), () => tree.apply(), () => tree.makeUnnamed()]) {
    t.throws(change, { code: 'EROFS' })
  }
})
