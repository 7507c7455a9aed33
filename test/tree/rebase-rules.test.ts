import { test } from 'tap'
import { nameFromText, nameToText } from '../../src/terms/name.ts'
import type { Inode } from '../../src/tree/inode.ts'
import type { RebaseResult } from '../../src/tree/worktree-api.ts'
import type { Worktree } from '../../src/tree/worktree/worktree.ts'
import { chmod, link, makeDirectory, makeFile, rename, unlink, write } from './change-makers.ts'
import { TestDrive } from './test-drive.ts'

const naming = { host: 'h', time: 't' }

/** Inodes of one writer by path. */
type At = (path: string) => Inode

interface Outcome {
  readonly ours: Worktree
  readonly result: RebaseResult
  /** Paths of all names when all is merged, sorted. */
  readonly paths: readonly string[]
}

/** Two writers start from one commit; the second one lays its changes over those of the first. */
async function merge(
  begin: (tree: Worktree) => void,
  theirs: (tree: Worktree, at: At) => void,
  ours: (tree: Worktree, at: At) => void,
): Promise<Outcome> {
  const drive = new TestDrive()
  const first = drive.open()
  begin(first)
  await drive.commit(first)
  const second = drive.open()
  ours(second, inodesOf(await everything(second)))
  theirs(first, inodesOf(await everything(first)))
  const root = await drive.commit(first)
  const result = await second.rebase(root, naming, () => {})
  return { ours: second, result, paths: [...(await everything(second)).keys()].sort() }
}

/** All inodes by path, loaded. */
async function everything(tree: Worktree): Promise<Map<string, Inode>> {
  const found = new Map<string, Inode>()
  const queue: [string, Inode][] = [['', tree.root]]
  for (const [path, directory] of queue) {
    for (const { name, inode } of (await tree.entries(directory)).after(0)) {
      const child = `${path}/${nameToText(name)}`
      found.set(child, inode)
      if (inode.entries || !inode.extents) queue.push([child, inode])
    }
  }
  return found
}

function inodesOf(found: ReadonlyMap<string, Inode>): At {
  return (path) => found.get(path)!
}

function oneFile(tree: Worktree): void {
  write(tree, makeFile(tree, tree.root, 'f'), 0, 10)
}

test('both changed the bytes of a file: theirs keeps the name, ours is beside it', async (t) => {
  let opened: Inode | undefined
  const { ours, result, paths } = await merge(
    oneFile,
    (tree, at) => write(tree, at('/f'), 0, 50),
    (tree, at) => {
      opened = at('/f')
      tree.retain(opened)
      write(tree, opened, 0, 30)
    },
  )
  t.same(paths, ['/f', '/f (conflict h t)'])
  t.same(result.conflicts, ['/f (conflict h t)'])
  const file = ours.root.entries!.get(nameFromText('f'))!
  t.equal(file.size, 50)
  t.equal(ours.root.entries!.get(nameFromText('f (conflict h t)')), opened, 'still the open one')
  t.equal(opened!.size, 30)
  t.not(opened!.ino, file.ino)
  t.same(result.names.map(({ name }) => nameToText(name)).sort(), ['f', 'f (conflict h t)'])
})

test('one changed the bytes of a file, the other its mode: both take effect', async (t) => {
  const { ours, result } = await merge(
    oneFile,
    (tree, at) => write(tree, at('/f'), 0, 50),
    (tree, at) => chmod(tree, at('/f'), 0o600),
  )
  const file = ours.root.entries!.get(nameFromText('f'))!
  t.same([file.size, file.mode & 0o777], [50, 0o600])
  t.same(result.conflicts, [])
})

test('a file that one took away and the other edited stays', async (t) => {
  const edit = (tree: Worktree, at: At) => void write(tree, at('/f'), 0, 50)
  const remove = (tree: Worktree) => void unlink(tree, tree.root, 'f')
  t.same((await merge(oneFile, edit, remove)).paths, ['/f'])
  t.same((await merge(oneFile, remove, edit)).paths, ['/f'])
})

test('two kept, each for itself, what a third one took away: both versions stay', async (t) => {
  for (const looksBetween of [true, false]) {
    const drive = new TestDrive()
    const [remover, one] = [drive.open(), drive.open()]
    oneFile(one)
    const begun = await drive.commit(one)
    await remover.rebase(begun, naming, () => {})
    const other = drive.open()
    for (const [writer, size] of [
      [one, 50],
      [other, 70],
    ] as const) {
      write(writer, inodesOf(await everything(writer))('/f'), 0, size)
    }
    await everything(remover)
    unlink(remover, remover.root, 'f')
    const removed = await drive.commit(remover)
    await one.rebase(removed, naming, () => {})
    if (looksBetween) await other.rebase(removed, naming, () => {})
    await other.rebase(await drive.commit(one), naming, () => {})
    const sizes = [...(await everything(other)).values()].map(({ size }) => size)
    t.same(new Set(sizes), new Set([50, 70]))
    t.equal(new Set([...(await everything(other)).values()].map(({ ino }) => ino)).size, 2)
  }
})

test('an edited file stays that theirs took away under all its names, and we under one', async (t) => {
  const { paths, ours } = await merge(
    (tree) => link(tree, makeFile(tree, tree.root, 'f'), tree.root, 'g'),
    (tree) => {
      unlink(tree, tree.root, 'f')
      unlink(tree, tree.root, 'g')
    },
    (tree, at) => {
      write(tree, at('/f'), 0, 30)
      unlink(tree, tree.root, 'g')
    },
  )
  t.equal(paths.length, 1)
  t.equal(ours.root.entries!.get(nameFromText(paths[0]!.slice(1)))!.size, 30)
})

test('a file that one took away and the other left alone is gone', async (t) => {
  const nothing = () => {}
  const remove = (tree: Worktree) => void unlink(tree, tree.root, 'f')
  t.same((await merge(oneFile, nothing, remove)).paths, [])
  t.same((await merge(oneFile, remove, nothing)).paths, [])
})

test('an open file that theirs took away keeps its inode and bytes', async (t) => {
  let opened: Inode | undefined
  const { ours } = await merge(
    oneFile,
    (tree) => unlink(tree, tree.root, 'f'),
    (tree, at) => tree.retain((opened = at('/f'))),
  )
  t.same([opened!.nlink, opened!.size], [0, 10])
  write(ours, opened!, 10, 5)
  t.equal(opened!.size, 15, 'it can still be written')
})

test('a directory that one moved has what the other put into it', async (t) => {
  const begin = (tree: Worktree) => {
    makeFile(tree, makeDirectory(tree, tree.root, 'd'), 'f')
  }
  const move = (tree: Worktree) => void rename(tree, tree.root, 'd', tree.root, 'e')
  const edit = (tree: Worktree, at: At) => {
    write(tree, at('/d/f'), 0, 5)
    makeFile(tree, at('/d'), 'g')
  }
  t.same((await merge(begin, move, edit)).paths, ['/e', '/e/f', '/e/g'])
  t.same((await merge(begin, edit, move)).paths, ['/e', '/e/f', '/e/g'])
})

test('a directory that one took away stays when the other put something into it', async (t) => {
  const begin = (tree: Worktree) => void makeDirectory(tree, tree.root, 'd')
  const remove = (tree: Worktree) => void unlink(tree, tree.root, 'd')
  const fill = (tree: Worktree, at: At) => void makeFile(tree, at('/d'), 'f')
  t.same((await merge(begin, remove, fill)).paths, ['/d', '/d/f'])
  t.same((await merge(begin, fill, remove)).paths, ['/d', '/d/f'])
})

test('a directory that one emptied by a move, and took away, does not come back', async (t) => {
  const begin = (tree: Worktree) => {
    const inner = makeDirectory(tree, makeDirectory(tree, tree.root, 'd'), 'in')
    makeFile(tree, inner, 'f')
  }
  const empty = (tree: Worktree, at: At) => {
    rename(tree, at('/d'), 'in', tree.root, 'out')
    unlink(tree, tree.root, 'd')
  }
  const other = (tree: Worktree) => void makeFile(tree, tree.root, 'x')
  t.same((await merge(begin, other, empty)).paths, ['/out', '/out/f', '/x'])
  t.same((await merge(begin, empty, other)).paths, ['/out', '/out/f', '/x'])
  const fill = (tree: Worktree, at: At) => void makeFile(tree, at('/d/in'), 'g')
  t.same((await merge(begin, fill, empty)).paths, ['/out', '/out/f', '/out/g'])
  const keep = (tree: Worktree, at: At) => void makeFile(tree, at('/d'), 'g')
  t.same((await merge(begin, keep, empty)).paths, ['/d', '/d/g', '/out', '/out/f'])
})

test('what one took away and the other moved is where it was moved to', async (t) => {
  const begin = (tree: Worktree) => {
    oneFile(tree)
    makeFile(tree, makeDirectory(tree, tree.root, 'd'), 'g')
  }
  const move = (tree: Worktree) => {
    rename(tree, tree.root, 'f', tree.root, 'moved')
    rename(tree, tree.root, 'd', tree.root, 'e')
  }
  const remove = (tree: Worktree, at: At) => {
    unlink(tree, tree.root, 'f')
    unlink(tree, at('/d'), 'g')
    unlink(tree, tree.root, 'd')
  }
  t.same((await merge(begin, move, remove)).paths, ['/e', '/moved'])
  t.same((await merge(begin, remove, move)).paths, ['/e', '/moved'])
})

test('two moves that would put directories into each other leave a tree', async (t) => {
  const { ours, paths } = await merge(
    (tree) => {
      makeFile(tree, makeDirectory(tree, tree.root, 'a'), 'in a')
      makeFile(tree, makeDirectory(tree, tree.root, 'b'), 'in b')
    },
    (tree, at) => rename(tree, tree.root, 'a', at('/b'), 'a'),
    (tree, at) => rename(tree, tree.root, 'b', at('/a'), 'b'),
  )
  t.same(paths, ['/b', '/b/a', '/b/a/in a', '/b/in b'])
  t.equal(ours.root.nlink, 3)
})

test('new directories of one name become one, new files of one name two', async (t) => {
  const fill = (own: string, length: number) => (tree: Worktree) => {
    const directory = makeDirectory(tree, tree.root, 'd')
    makeFile(tree, directory, own)
    write(tree, makeFile(tree, directory, 'both'), 0, length)
  }
  const { paths } = await merge(() => {}, fill('theirs', 3), fill('ours', 4))
  t.same(paths, ['/d', '/d/both', '/d/both (conflict h t)', '/d/ours', '/d/theirs'])
})

test('a file that both edited, theirs moved and we gave another name has both names', async (t) => {
  const drive = new TestDrive()
  const first = drive.open()
  makeDirectory(first, first.root, 'd')
  oneFile(first)
  await drive.commit(first)
  const second = drive.open()
  const file = await second.lookup(second.root, nameFromText('f'))
  link(second, file!, second.root, 'g')
  unlink(second, second.root, 'f')
  write(second, file!, 0, 30)
  const d = first.root.entries!.get(nameFromText('d'))!
  write(first, rename(first, first.root, 'f', d, 'f'), 0, 50)
  await second.rebase(await drive.commit(first), naming, () => {})
  const found = await everything(second)
  t.same([...found.keys()].sort(), ['/d', '/d/f', '/g', '/g (conflict h t)'])
  t.equal(found.get('/d/f'), found.get('/g'))
  t.equal(found.get('/g (conflict h t)'), file)
  t.same([found.get('/g')!.nlink, found.get('/g')!.size, file!.nlink, file!.size], [2, 50, 1, 30])
})

test('the numbers of new inodes do not collide', async (t) => {
  let mine: Inode | undefined
  const { ours, paths } = await merge(
    () => {},
    (tree) => makeFile(tree, tree.root, 'theirs'),
    (tree) => (mine = makeFile(tree, tree.root, 'ours')),
  )
  t.same(paths, ['/ours', '/theirs'])
  const theirs = ours.root.entries!.get(nameFromText('theirs'))!
  t.not(theirs.ino, mine!.ino)
  t.equal(ours.root.entries!.get(nameFromText('ours')), mine, 'the same object')
  t.ok(ours.allocate() > Math.max(theirs.ino, mine!.ino))
})

test('a changed file is told with all its names in memory, one that we changed alone is not', async (t) => {
  const { result } = await merge(
    (tree) => {
      const file = makeFile(tree, tree.root, 'one')
      link(tree, file, makeDirectory(tree, tree.root, 'd'), 'two')
      makeFile(tree, tree.root, 'single')
      makeFile(tree, tree.root, 'ours')
      makeFile(tree, tree.root, 'quiet')
    },
    (tree, at) => {
      write(tree, at('/one'), 0, 9)
      chmod(tree, at('/single'), 0o600)
      chmod(tree, at('/d'), 0o700)
    },
    (tree, at) => write(tree, at('/ours'), 0, 5),
  )
  const told = result.changedFiles.flatMap(({ names }) => names.map(({ name }) => nameToText(name)))
  t.same(told.sort(), ['one', 'single', 'two'])
  t.equal(result.changedFiles.length, 2)
})

test('the rebase is told in the turn in which it happens', async (t) => {
  const drive = new TestDrive()
  const first = drive.open()
  makeFile(first, first.root, 'theirs')
  const root = await drive.commit(first)
  const second = drive.openAt(undefined)
  makeFile(second, second.root, 'ours')
  drive.packs.slow = true
  const kept: string[] = []
  await second.rebase(root, naming, () => {
    t.equal(second.base, root)
    for (const change of second.restate()) kept.push(change.type)
  })
  t.ok(kept.includes('name') && kept.includes('inode'))
})

test('nothing is rebased under a frozen tree', async (t) => {
  const drive = new TestDrive()
  const tree = drive.open()
  makeFile(tree, tree.root, 'f')
  const root = await drive.commit(tree)
  makeFile(tree, tree.root, 'g')
  const frozen = tree.freeze()
  await t.rejects(
    tree.rebase(root, naming, () => {}),
    /under way/,
  )
  tree.thaw(frozen)
})

test('a tree that cannot be read leaves the worktree as it was', async (t) => {
  const drive = new TestDrive()
  const first = drive.open()
  makeFile(first, first.root, 'theirs')
  const root = await drive.commit(first)
  const second = drive.openAt(undefined)
  makeFile(second, second.root, 'ours')
  const packs = new Map(drive.packs.packs)
  drive.packs.packs.clear()
  await t.rejects(
    second.rebase(root, naming, () => t.fail('not told')),
    /no pack/,
  )
  t.equal(second.base, undefined)
  for (const [id, bytes] of packs) drive.packs.packs.set(id, bytes)
  await second.rebase(root, naming, () => {})
  t.same([...(await everything(second)).keys()].sort(), ['/ours', '/theirs'])
})
