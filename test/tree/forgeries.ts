import { FileType } from '../../src/tree/inode.ts'
import type { TreeInode } from '../../src/tree/worktree/tree-inode.ts'
import { directoryKind, LinkedName } from '../../src/tree/kinds/directory-kind.ts'
import { extentsKind } from '../../src/tree/kinds/extents-kind.ts'
import { integerKey } from '../../src/tree/kinds/integer-key.ts'
import { linksKind } from '../../src/tree/kinds/links-kind.ts'
import { ExtentList } from '../../src/tree/extents/extent-list.ts'
import type { Extent } from '../../src/tree/extent-map.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import { directory, file, type Forged, ForgedTree } from './forged-tree.ts'

/** A tree that nobody should be able to make, and what a reader says of it. */
export interface Forgery {
  readonly what: string
  readonly tree: ForgedTree
  readonly root: RootRecord
  /** The paths below the root that may be shown; all others are refused. */
  readonly shown: readonly string[]
}

const one: Forged = { count: 1, inodes: 1, bytes: 0 }
const huge = Number.MAX_SAFE_INTEGER

function forgery(
  what: string,
  make: (tree: ForgedTree) => RootRecord,
  shown: readonly string[] = [],
): Forgery {
  const tree = new ForgedTree()
  return { what, tree, root: make(tree), shown }
}

function inRoot(what: string, inode: TreeInode | LinkedName, said = one, shown: string[] = []) {
  return forgery(what, (tree) => tree.root(tree.names('names', { name: inode }), said), shown)
}

const extent = (start: number, end: number): Extent => {
  return { start, end, source: { kind: 'inline', bytes: Buffer.alloc(end - start, 'x'), at: 0 } }
}

/** A file whose extents are stored apart, as this says. */
function apart(what: string, extents: readonly Extent[], said: Partial<TreeInode>): Forgery {
  return forgery(
    what,
    (tree) => {
      const entries = extents.map((each) => [integerKey(each.start), each] as const)
      const node = tree.leaf('extents', extentsKind, entries)
      const inode = file(9, (made) => {
        Object.assign(made, {
          size: 100,
          coveredBytes: 20,
          extentTree: { node, count: 2 },
          ...said,
        })
      })
      const bytes = inode.coveredBytes
      return tree.root(tree.names('names', { name: inode }), { ...one, bytes })
    },
    ['name'],
  )
}

function badName(name: string): Forgery {
  const what = `the name ${JSON.stringify(name.slice(0, 10))}`
  return forgery(what, (tree) => tree.root(tree.names('names', { [name]: file(9) }), one))
}

const withMode = (mode: number) => file(9, (inode) => void (inode.mode = mode))

/** All kinds of forged trees that anybody could think of. */
export function forgeries(): Forgery[] {
  return [
    ...['..', '.', '', 'a/b', '/', '../../etc', 'a\0b', 'n'.repeat(256)].map(badName),
    forgery(
      'a directory in itself',
      (tree) => {
        const said = { count: 1, inodes: 1, bytes: 0 }
        const inner = directory(7, tree.ref('loop'), said)
        tree.names('loop', { again: inner })
        return tree.root(tree.names('names', { loop: inner }), { ...said, inodes: 2 })
      },
      ['loop'],
    ),
    forgery('the root in itself', (tree) =>
      tree.root(tree.names('names', { again: directory(1, tree.ref('names'), one) }), {
        ...one,
        inodes: 2,
      }),
    ),
    forgery(
      'a directory of two names',
      (tree) => {
        const inner = directory(7, tree.names('inner', { file: file(8) }), one)
        return tree.root(tree.names('names', { a: inner, b: inner }), {
          count: 2,
          inodes: 4,
          bytes: 0,
        })
      },
      [],
    ),
    forgery(
      'the same names in two directories',
      (tree) => {
        const inner = tree.names('inner', { file: file(8) })
        const names = { a: directory(6, inner, one), b: directory(7, inner, one) }
        return tree.root(tree.names('names', names), { count: 2, inodes: 4, bytes: 0 })
      },
      ['a', 'b', 'b/file'],
    ),
    inRoot('an inode of no type', withMode(0o644)),
    inRoot('an inode of two types', withMode(0o170644)),
    inRoot('an inode that was never given out', file(1000)),
    inRoot(
      'a file of many links with one name',
      file(9, (inode) => void (inode.nlink = 3)),
    ),
    inRoot('a hard link to nothing', new LinkedName(9, FileType.regular), { ...one, inodes: 0 }),
    inRoot('a hard link to a directory', new LinkedName(9, FileType.directory), {
      ...one,
      inodes: 0,
    }),
    forgery('a directory among the hard links', (tree) => {
      const linked = directory(9, tree.ref('names'), one)
      const links = tree.leaf('links', linksKind, [[integerKey(9), linked]])
      const names = tree.names('names', { name: new LinkedName(9, FileType.regular) })
      return tree.root(names, { ...one, inodes: 0 }, { links })
    }),
    forgery('a hard link under another number', (tree) => {
      const links = tree.leaf('links', linksKind, [[integerKey(9), file(8)]])
      const names = tree.names('names', { name: new LinkedName(9, FileType.regular) })
      return tree.root(names, { ...one, inodes: 0 }, { links })
    }),
    inRoot('more names than there are', file(9), { ...one, count: 2 }),
    inRoot('a huge count of names', file(9), { count: huge, inodes: huge, bytes: huge }),
    inRoot('inodes that are not there', file(9), { ...one, inodes: 2 }),
    inRoot(
      'a huge file of nothing',
      file(9, (inode) => void (inode.size = huge)),
      one,
      ['name'],
    ),
    inRoot(
      'an extent behind the file',
      file(9, (inode) => {
        inode.size = 5
        inode.coveredBytes = 10
        inode.extentList = new ExtentList()
        inode.extentList.put(0, 10, extent(0, 10).source)
      }),
      { ...one, bytes: 10 },
    ),
    apart('extents that overlap', [extent(0, 10), extent(5, 15)], {}),
    apart('extents stored apart behind the file', [extent(0, 10), extent(95, 105)], {}),
    apart('extents that are fewer than said', [extent(0, 10), extent(20, 30)], {
      extentTree: { node: new ForgedTree().ref('extents'), count: 9 },
    }),
    apart('extents that cover less than said', [extent(0, 10), extent(20, 25)], {}),
    forgery('an inner node in itself', (tree) => {
      const child = (key: string) => ({
        key,
        ref: tree.ref('names'),
        count: 1,
        inodes: 1,
        bytes: 0,
      })
      return tree.root(tree.inner('names', directoryKind, 1, [child('a'), child('b')]), {
        count: 2,
        inodes: 2,
        bytes: 0,
      })
    }),
    forgery('an inner node of a huge level', (tree) => {
      const child = (key: string) => ({
        key,
        ref: tree.ref('names'),
        count: 1,
        inodes: 1,
        bytes: 0,
      })
      return tree.root(tree.inner('names', directoryKind, 255, [child('a'), child('b')]), one)
    }),
    forgery('a leaf that says it has 2^53 entries', (tree) => {
      const node = tree.put('names', Buffer.from('01010000' + '00' + 'ffffffffffffff0f', 'hex'))
      return tree.root(node, { count: huge, inodes: huge, bytes: 0 })
    }),
    forgery('names that are no page at all', (tree) =>
      tree.root(tree.put('names', Buffer.from('GIF89a')), one),
    ),
    forgery('names that are not there', (tree) => tree.root(tree.ref('nowhere'), one)),
    forgery('names in the form of hard links', (tree) =>
      tree.root(tree.leaf('names', linksKind, [[integerKey(9), file(9)]]), one),
    ),
  ]
}
