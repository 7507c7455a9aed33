import fc from 'fast-check'
import { test, type Test } from 'tap'
import { nameToText, type Name } from '../../src/terms/name.ts'
import type { PathChange } from '../../src/tree/history/path-change.ts'
import { snapshotChanges } from '../../src/tree/history/snapshot-changes.ts'
import { InlineNodes } from '../../src/tree/inline/inline-nodes.ts'
import { standingTree } from '../../src/tree/inline/standing-tree.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import type { Worktree } from '../../src/tree/worktree/worktree.ts'
import { chmod, link, makeDirectory, makeFile, rename, unlink, write } from './change-makers.ts'
import { modelOf } from './model-of-worktree.ts'
import { dumpLine } from './model-tree.ts'
import type { ModelInode, ModelTree } from './model-tree.ts'
import { propertyRuns } from './property-runs.ts'
import { anyStep, Player } from './random-changes.ts'
import type { Step } from './random-changes.ts'
import { TestDrive } from './test-drive.ts'

/** A state of a drive: a committed tree, and records over it. */
interface State {
  readonly base: RootRecord | undefined
  readonly inline: readonly Uint8Array[]
}

const empty: State = { base: undefined, inline: [] }

/** The changes, one line each, sorted. */
async function changesOf(
  drive: TestDrive,
  before: State,
  after: State,
  linkNames = true,
): Promise<string[]> {
  const nodes = new InlineNodes(drive.packs)
  const [old, now] = [
    await standingTree(before.base, before.inline, nodes),
    await standingTree(after.base, after.inline, nodes),
  ]
  const lines: string[] = []
  for await (const change of snapshotChanges(nodes, old.record, now.record, { linkNames })) {
    lines.push(lineOf(change))
  }
  return lines.sort()
}

function lineOf(change: PathChange): string {
  const path = change.path ? textOf(change.path) : '?'
  switch (change.kind) {
    case 'added':
      return `+ ${path}`
    case 'removed':
      return `- ${path}`
    case 'changed':
      return `M ${path}${flagsOf(change.differing)}`
    case 'moved':
      return `R ${textOf(change.from)} -> ${path}${flagsOf(change.differing)}`
  }
}

interface Flags {
  readonly type: boolean
  readonly content: boolean
  readonly attributes: boolean
}

function flagsOf(flags: Flags | undefined): string {
  if (!flags) return ''
  const { type, content, attributes } = flags
  return ` (${[type && 'type', content && 'content', attributes && 'attributes'].filter(Boolean).join(' ')})`
}

function textOf(path: readonly Name[]): string {
  return `/${path.map(nameToText).join('/')}`
}

/** A name of a model, with all that says which name of another model it is. */
interface ModelPlace {
  readonly path: string
  readonly slot: string
  readonly inode: ModelInode
}

function placesOf(model: ModelTree): Map<number, ModelPlace[]> {
  const places = new Map<number, ModelPlace[]>([
    [1, [{ path: '/', slot: 'root', inode: model.root }]],
  ])
  for (const { path, parent, name, inode } of model.names()) {
    const known = places.get(inode.ino) ?? []
    places.set(inode.ino, [...known, { path: textOf(path), slot: `${parent.ino}/${name}`, inode }])
  }
  return places
}

/** What differs, by looking at everything. */
function wantedChanges(before: ModelTree, after: ModelTree): string[] {
  const [old, now] = [placesOf(before), placesOf(after)]
  const [lines, gone, come] = [[] as string[], new Map<string, ModelInode>(), [] as ModelPlace[]]
  for (const [ino, places] of now) {
    const { pairs, a, b } = pair(old.get(ino) ?? [], places)
    for (const [from, to] of pairs) lines.push(...pairLines(from, to))
    for (const { path, inode } of a) gone.set(path, inode)
    come.push(...b)
  }
  for (const [ino, places] of old) {
    if (!now.has(ino)) for (const { path, inode } of places) gone.set(path, inode)
  }
  for (const { path, inode } of come) {
    const replaced = gone.get(path)
    gone.delete(path)
    if (!replaced) lines.push(`+ ${path}`)
    else lines.push(...pairLines({ path, slot: '', inode: replaced }, { path, slot: '', inode }))
  }
  const paths = new Set([...now.values()].flat().map(({ path }) => path))
  for (const path of gone.keys()) if (!paths.has(path)) lines.push(`- ${path}`)
  return lines.sort()
}

function pair(before: readonly ModelPlace[], after: readonly ModelPlace[]) {
  const pairs: [ModelPlace, ModelPlace][] = []
  const byPath = (x: ModelPlace, y: ModelPlace) => (x.path < y.path ? -1 : 1)
  let [a, b] = [before.toSorted(byPath), after.toSorted(byPath)]
  const rules: ((x: ModelPlace, y: ModelPlace) => boolean)[] = [
    (x, y) => x.slot === y.slot,
    (x, y) => x.path === y.path,
    () => true,
  ]
  for (const isPair of rules) {
    for (const place of a) {
      const match = b.find((one) => isPair(place, one))
      if (!match) continue
      pairs.push([place, match])
      a = a.filter((one) => one !== place)
      b = b.filter((one) => one !== match)
    }
  }
  return { pairs, a, b }
}

function pairLines(from: ModelPlace, to: ModelPlace): string[] {
  const flags = flagsOf(modelFlags(from.inode, to.inode))
  const isMoved = from.path !== to.path && from.slot !== to.slot
  if (isMoved) return [`R ${from.path} -> ${to.path}${flags}`]
  return flags ? [`M ${to.path}${flags}`] : []
}

function modelFlags(a: ModelInode, b: ModelInode): Flags | undefined {
  const type = (a.mode ^ b.mode) >> 12 !== 0
  const attributes = attributesOf(a, b) !== attributesOf(b, a)
  const content = type || contentOf(a) !== contentOf(b)
  return type || attributes || content ? { type, attributes, content } : undefined
}

const noTime = { sec: 0, nsec: 0 }

function attributesOf(inode: ModelInode, other: ModelInode): string {
  const isTimed = !inode.names || !other.names
  const mtime = isTimed && !inode.names ? inode.mtime : noTime
  const same = {
    ino: 0,
    nlink: 0,
    atime: noTime,
    ctime: noTime,
    bytes: new Map(),
    size: 0,
    rdev: 0,
  }
  return dumpLine([], { ...inode, ...same, mtime, target: undefined })
}

function contentOf(inode: ModelInode): string {
  const { size, rdev, target } = inode
  const bytes = [...inode.bytes].sort(([x], [y]) => x - y)
  return JSON.stringify([size, rdev, target, bytes])
}

async function statesOf(
  commits: readonly (readonly Step[])[],
  turns: readonly boolean[],
): Promise<[TestDrive, State[]]> {
  const drive = new TestDrive(turns)
  const tree = drive.open()
  const player = new Player(tree, await modelOf(tree, (ref) => drive.packs.bytesOf(ref)))
  const states: State[] = [empty]
  for (const steps of commits) {
    for (const step of steps) await player.play(step)
    if (!drive.append(tree)) await drive.commit(tree, 3000)
    states.push({ base: drive.root, inline: drive.inline })
  }
  return [drive, states]
}

function modelAt(drive: TestDrive, { base, inline }: State): Promise<ModelTree> {
  return modelOf(drive.openAt(base, inline), (ref) => drive.packs.bytesOf(ref))
}

test('what changed between any two states is what a comparison of everything finds', async (t) => {
  const counts = { '+': 0, '-': 0, M: 0, R: 0 }
  const anyCommits = fc.array(fc.array(anyStep, { maxLength: 25, size: 'max' }), {
    minLength: 2,
    maxLength: 5,
    size: 'max',
  })
  const anyTurns = fc.array(fc.boolean(), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(anyCommits, anyTurns, fc.nat(9), fc.nat(9), async (commits, turns, i, j) => {
      const [drive, states] = await statesOf(commits, turns)
      const [from, to] = [states[i % states.length]!, states[j % states.length]!]
      const told = await changesOf(drive, from, to)
      const [before, after] = [await modelAt(drive, from), await modelAt(drive, to)]
      // The root of an empty drive is a default of whoever opens it.
      const isRoot = (line: string) => (!from.base || !to.base ? !line.startsWith('M / ') : true)
      const wanted = wantedChanges(before, after).filter(isRoot)
      const isSame = JSON.stringify(told.filter(isRoot)) === JSON.stringify(wanted)
      if (!isSame) throw new Error(`${told.join('\n')}\n\nwanted:\n${wanted.join('\n')}`)
      for (const line of told) counts[line[0] as keyof typeof counts]++
    }),
    propertyRuns(300),
  )
  for (const [kind, count] of Object.entries(counts)) t.ok(count > 50, `${count} ${kind}`)
})

/** A drive with one commit, then what `change` does, committed. */
async function changed(
  prepare: (tree: Worktree) => void,
  change: (tree: Worktree) => void,
): Promise<{ drive: TestDrive; before: State; after: State }> {
  const drive = new TestDrive()
  const tree = drive.open()
  prepare(tree)
  const before = { base: await drive.commit(tree), inline: [] }
  change(tree)
  const after = { base: await drive.commit(tree), inline: [] }
  return { drive, before, after }
}

function child(tree: Worktree, ...names: string[]) {
  let inode = tree.root as ReturnType<typeof makeDirectory>
  for (const name of names) inode = inode.entries!.get(name as Name)!
  return inode
}

async function both(
  t: Test,
  prepare: (tree: Worktree) => void,
  change: (tree: Worktree) => void,
  wanted: string[],
): Promise<void> {
  const { drive, before, after } = await changed(prepare, change)
  t.same(await changesOf(drive, before, after), wanted)
}

test('a directory that moved is told alone, and with it what changed inside', async (t) => {
  const prepare = (tree: Worktree) => {
    const a = makeDirectory(tree, tree.root, 'a')
    const sub = makeDirectory(tree, a, 'sub')
    for (const name of ['x', 'y', 'z']) makeFile(tree, sub, name)
    makeDirectory(tree, tree.root, 'new')
  }
  const move = (tree: Worktree) => rename(tree, tree.root, 'a', child(tree, 'new'), 'b')
  await both(t, prepare, move, ['R /a -> /new/b'])
  const edit = (tree: Worktree) => {
    move(tree)
    write(tree, child(tree, 'new', 'b', 'sub', 'x'), 0, 20)
    unlink(tree, child(tree, 'new', 'b', 'sub'), 'y')
    rename(tree, child(tree, 'new', 'b', 'sub'), 'z', tree.root, 'z')
    makeFile(tree, child(tree, 'new', 'b', 'sub'), 'w')
  }
  await both(t, prepare, edit, [
    '+ /new/b/sub/w',
    '- /a/sub/y',
    'M /new/b/sub/x (content attributes)',
    'R /a -> /new/b',
    'R /a/sub/z -> /z',
  ])
})

test('a moved directory is not read, whatever is in it', async (t) => {
  const prepare = (tree: Worktree) => {
    const a = makeDirectory(tree, tree.root, 'a')
    for (let i = 0; i < 10; i++) {
      const sub = makeDirectory(tree, a, `d${i}`)
      for (let j = 0; j < 5; j++) makeFile(tree, sub, `f${j}`)
    }
  }
  const { drive, before, after } = await changed(prepare, (tree) =>
    rename(tree, tree.root, 'a', tree.root, 'b'),
  )
  drive.packs.reads = 0
  t.same(await changesOf(drive, before, after), ['R /a -> /b'])
  t.equal(drive.packs.reads, 2, 'both roots')
})

test('what takes the place of something else', async (t) => {
  const prepare = (tree: Worktree) => {
    const d = makeDirectory(tree, tree.root, 'd')
    makeFile(tree, d, 'x')
    makeFile(tree, tree.root, 'saved')
    makeFile(tree, tree.root, 'other')
  }
  const replace = (tree: Worktree) => {
    unlink(tree, child(tree, 'd'), 'x')
    unlink(tree, tree.root, 'd')
    write(tree, makeFile(tree, tree.root, 'd', 7), 0, 5)
    write(tree, makeFile(tree, tree.root, 'tmp', 8), 0, 9)
    rename(tree, tree.root, 'tmp', tree.root, 'saved')
    rename(tree, tree.root, 'other', tree.root, 'moved')
    makeDirectory(tree, tree.root, 'other')
  }
  await both(t, prepare, replace, [
    '+ /other',
    '- /d/x',
    'M /d (type content attributes)',
    'M /saved (content attributes)',
    'R /other -> /moved',
  ])
})

test('a directory that moved over another: what was in that is told where nothing has its path', async (t) => {
  const prepare = (tree: Worktree) => {
    makeFile(tree, makeDirectory(tree, tree.root, 'a'), 'x')
    const b = makeDirectory(tree, tree.root, 'b')
    for (const name of ['x', 'y']) makeFile(tree, b, name)
  }
  const move = (tree: Worktree) => {
    for (const name of ['x', 'y']) unlink(tree, child(tree, 'b'), name)
    rename(tree, tree.root, 'a', tree.root, 'b')
  }
  await both(t, prepare, move, ['- /b/y', 'R /a -> /b'])
})

test('hard links: each name is told where they are asked for, else the file once', async (t) => {
  const prepare = (tree: Worktree) => {
    const file = makeFile(tree, tree.root, 'a')
    link(tree, file, tree.root, 'b')
    link(tree, file, tree.root, 'c')
  }
  const change = (tree: Worktree) => {
    write(tree, child(tree, 'a'), 0, 12)
    link(tree, child(tree, 'a'), tree.root, 'e')
    unlink(tree, tree.root, 'c')
    rename(tree, tree.root, 'b', makeDirectory(tree, tree.root, 'd'), 'b')
  }
  const { drive, before, after } = await changed(prepare, change)
  t.same(await changesOf(drive, before, after), [
    '+ /d',
    'M /a (content attributes)',
    'R /b -> /d/b (content attributes)',
    'R /c -> /e (content attributes)',
  ])
  t.same(await changesOf(drive, before, after, false), [
    '+ /d',
    'R /b -> /d/b (content attributes)',
    'R /c -> /e (content attributes)',
  ])
  const written = await changed(prepare, (tree) => write(tree, child(tree, 'a'), 0, 12))
  const names = ['M /a', 'M /b', 'M /c'].map((line) => `${line} (content attributes)`)
  t.same(await changesOf(written.drive, written.before, written.after), names)
  const once = await changesOf(written.drive, written.before, written.after, false)
  t.same(once, ['M ? (content attributes)'])
})

test('a mode is an attribute; another ctime alone is no change', async (t) => {
  const prepare = (tree: Worktree) => void makeFile(tree, tree.root, 'a')
  await both(t, prepare, (tree) => chmod(tree, child(tree, 'a'), 0o600), ['M /a (attributes)'])
  await both(t, prepare, (tree) => chmod(tree, child(tree, 'a'), child(tree, 'a').mode), [])
})
