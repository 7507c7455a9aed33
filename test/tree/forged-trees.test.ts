import { test } from 'tap'
import { FsError } from '../../src/terms/errno.ts'
import { predecessorsOf } from '../../src/tree/history/root-records.ts'
import { neededPieces } from '../../src/tree/history/needed-pieces.ts'
import { diffSnapshots } from '../../src/tree/history/snapshot-diff.ts'
import { snapshotChanges } from '../../src/tree/history/snapshot-changes.ts'
import { snapshotEntries } from '../../src/tree/history/snapshot-entries.ts'
import { FormatError } from '../../src/tree/format-error.ts'
import type { Inode } from '../../src/tree/inode.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import { directory, file, type Forged, ForgedTree } from './forged-tree.ts'
import { forgeries } from './forgeries.ts'

const most = 1000

/** Everything that can be had of a tree, and how often something was refused. */
async function look(worktree: Worktree): Promise<{ shown: string[]; refusals: number }> {
  const pending: { path: string; inode: Inode }[] = [{ path: '', inode: worktree.root }]
  const shown: string[] = []
  let refusals = 0
  const refused = (error: unknown) => {
    if (!(error instanceof FormatError || error instanceof FsError)) throw error
    refusals++
  }
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { path, inode } = next
    if (shown.length > most) throw new Error(`more than ${most} names`)
    if (path !== '') shown.push(path)
    try {
      if ((inode.mode & 0o170000) === 0o100000) await worktree.extents(inode)
      else if ((inode.mode & 0o170000) === 0o040000) {
        for (const { name, inode: below } of (await worktree.entries(inode)).after(0)) {
          pending.push({ path: path === '' ? name : `${path}/${name}`, inode: below })
        }
      }
    } catch (error) {
      refused(error)
    }
  }
  return { shown: shown.sort(), refusals }
}

for (const slow of [false, true]) {
  for (const { what, tree, root, shown } of forgeries()) {
    test(`${what} (${slow ? 'from far away' : 'at hand'})`, async (t) => {
      tree.slow = slow
      const found = await look(new Worktree({ source: tree, base: root }))
      t.same(found.shown, shown)
      t.ok(found.refusals > 0 || what === 'a huge file of nothing', 'what is forged is refused')
      t.ok(tree.reads < 50, `${tree.reads} pages were read`)
    })
  }
}

test('a root that names itself as the one before ends the history', async (t) => {
  const tree = new ForgedTree()
  const root = tree.root(
    tree.names('names', { name: file(9) }),
    { count: 1, inodes: 1, bytes: 0 },
    {
      predecessor: tree.ref('root'),
    },
  )
  await t.rejects(predecessorsOf(tree, root).next(), FormatError)
})

/** Two names in each directory, both of them the next: 2^40 paths. */
function doubling(tree: ForgedTree, depth: number): Forged {
  let said: Forged = { count: 1, inodes: 1, bytes: 0 }
  tree.names('0', { file: file(2) })
  for (let level = 1; level <= depth; level++) {
    const below = tree.ref(`${level - 1}`)
    const [a, b] = [directory(2 * level + 1, below, said), directory(2 * level + 2, below, said)]
    tree.names(`${level}`, { a, b })
    said = { count: 2, inodes: 2 * (said.inodes + 1), bytes: 0 }
  }
  return said
}

test('directories that double with each level are not gone through', async (t) => {
  const tree = new ForgedTree()
  const said = doubling(tree, 40)
  const root = tree.root(tree.ref('40'), said)
  const { shown } = await look(new Worktree({ source: tree, base: root }))
  t.ok(shown.length < 200, `${shown.length} names`)
  const all = async (walk: AsyncIterable<unknown>) => {
    let count = 0
    for await (const _ of walk) if (++count > most) throw new Error('no end')
  }
  await t.rejects(all(snapshotEntries(tree, root)), FormatError)
  await t.rejects(all(neededPieces(tree, root)), FormatError)
  await t.rejects(all(diffSnapshots(tree, undefined, root)), FormatError)
  const names = { linkNames: true }
  await t.rejects(all(snapshotChanges(tree, undefined, root, names)), FormatError)
  await t.rejects(all(snapshotChanges(tree, root, undefined, names)), FormatError)
})
