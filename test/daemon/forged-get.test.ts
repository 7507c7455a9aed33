import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { Drive } from '../../src/daemon/open-drive.ts'
import { fetchTree } from '../../src/daemon/fetch-tree.ts'
import { storedTrouble } from '../../src/daemon/stored-trouble.ts'
import { Trouble } from '../../src/terms/trouble.ts'
import { ExtentList } from '../../src/tree/extents/extent-list.ts'
import { FileType } from '../../src/tree/inode.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import { directory, file, ForgedTree } from '../tree/forged-tree.ts'
import { forgeries } from '../tree/forgeries.ts'
import type { Forgery } from '../tree/forgeries.ts'
import { MemoryContent } from '../vfs/memory-content.ts'

const { signal } = new AbortController()

/** A drive as far as a copy out of it needs one. */
function driveOf({ tree, root }: Pick<Forgery, 'tree' | 'root'>, keptInodes = 1000): Drive {
  const worktree = new Worktree({ source: tree, base: root, keptInodes })
  return { worktree, content: new MemoryContent(tree) } as unknown as Drive
}

/** Every path below a directory. */
function pathsIn(directory: string, path = ''): string[] {
  return readdirSync(join(directory, path)).flatMap((name) => {
    const below = `${path}/${name}`
    const isDirectory = lstatSync(join(directory, below)).isDirectory()
    return isDirectory ? [below, ...pathsIn(directory, below)] : [below]
  })
}

for (const forgery of forgeries()) {
  test(`a copy out of ${forgery.what}`, async (t) => {
    const place = t.testdir({})
    const target = join(place, 'target')
    let steps = 0
    const progress = () => void steps++
    const copied = await fetchTree(driveOf(forgery), '/', target, progress, signal).then(
      () => undefined,
      (error: unknown) => storedTrouble(error, 'demo'),
    )
    t.type(copied, Trouble)
    t.match(
      (copied as Trouble).message,
      /damaged or forged|newer kind|too large|EFBIG|cannot be read/,
    )
    for (const path of pathsIn(place)) t.match(path, /^\/target(\/|$)/)
    t.ok(pathsIn(place).length < 10 && steps < 10)
  })
}

test('a copy goes through no symlink, and holes cost nothing', async (t) => {
  const place = t.testdir({ outside: { file: 'mine' } })
  const tree = new ForgedTree()
  const link = file(8, (inode) => {
    inode.mode = FileType.symlink | 0o777
    inode.target = Buffer.from('../outside')
  })
  const sparse = file(9, (inode) => {
    inode.size = 2 ** 40
    inode.coveredBytes = 5
    inode.extentList = new ExtentList()
    const source = { kind: 'inline', bytes: Buffer.from('bytes'), at: 0 } as const
    inode.extentList.put(2 ** 39, 2 ** 39 + 5, source)
  })
  const below = { count: 1, inodes: 1, bytes: 0 }
  const dir = directory(6, tree.names('dir', { file: file(7) }), below)
  const names = tree.names('names', { dir, link, sparse })
  const root = tree.root(names, { count: 3, inodes: 4, bytes: 5 })
  const target = join(place, 'target')
  mkdirSync(join(place, 'elsewhere'))
  let steps = 0
  await fetchTree(driveOf({ tree, root }), '/', target, () => void steps++, signal)
  t.equal(readlinkSync(join(target, 'link')), '../outside')
  t.equal(readFileSync(join(place, 'outside/file'), 'utf8'), 'mine')
  t.same(readdirSync(join(place, 'outside')), ['file'])
  const { size, blocks } = lstatSync(join(target, 'sparse'))
  t.equal(size, 2 ** 40)
  t.ok(blocks < 10_000 && steps < 5, 'one chunk was read and written')
})

test('directories that stand in a tree twice end a copy, whatever was forgotten meanwhile', async (t) => {
  const tree = new ForgedTree()
  let said = { count: 1, inodes: 1, bytes: 0 }
  tree.names('0', { file: file(2) })
  for (let level = 1; level <= 30; level++) {
    const below = tree.ref(`${level - 1}`)
    const [a, b] = [directory(2 * level + 1, below, said), directory(2 * level + 2, below, said)]
    tree.names(`${level}`, { a, b })
    said = { count: 2, inodes: 2 * (said.inodes + 1), bytes: 0 }
  }
  const root = tree.root(tree.ref('30'), said)
  const place = t.testdir({})
  const drive = driveOf({ tree, root }, 3)
  const copying = fetchTree(drive, '/', join(place, 'target'), () => {}, signal)
  await t.rejects(
    copying.catch((error: unknown) => Promise.reject(storedTrouble(error, 'demo'))),
    { code: 'damaged' },
  )
  t.ok(pathsIn(place).length < 200)
})
