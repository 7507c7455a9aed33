import { test } from 'tap'
import { nameFromText, nameToText } from '../../src/terms/name.ts'
import { FileType } from '../../src/tree/inode.ts'
import { LazyWorktree } from './lazy-worktree.ts'
import {
  snapshotsDirectory,
  type StillPast,
  type StillState,
} from '../../src/vfs/past/snapshots-directory.ts'
import { statusDirectory, virtualDirectoryAttributes } from '../../src/vfs/status-directory.ts'
import { Drive, HandClock, O, root } from './drive.ts'

const owner = { uid: 1000, gid: 1000 }

/** What all states of these tests show; a drive of its own is the easiest way to make a tree. */
async function pastDrive(): Promise<Drive> {
  const drive = new Drive()
  const directory = await drive.mkdir('dir')
  const file = await drive.file('file', 'the bytes of then', directory)
  await drive.link(file, 'link', directory)
  await drive.setxattr(file, 'user.color', 'blue')
  await drive.symlink('symlink', 'dir/file')
  await drive.fs.mknod(1, nameFromText('pipe'), FileType.fifo | 0o600, 0, root)
  const { id, handle } = await drive.create('sparse')
  await drive.write(id, handle, 1 << 20, 'end')
  await drive.fs.release(id, handle, undefined)
  return drive
}

interface Mounted {
  readonly drive: Drive
  readonly snapshots: number
  /** Which states were opened, in order. */
  readonly opened: number[]
  readonly states: StillState[]
}

async function mounted(sequences: readonly number[]): Promise<Mounted> {
  const { worktree, content } = await pastDrive()
  const opened: number[] = []
  const states = sequences.map((sequence) => ({
    sequence,
    timeMs: 1_000_000_000_123 + sequence,
    root: { mode: 0o40750, uid: 7, gid: 8, nlink: 3 },
    open: async () => {
      opened.push(sequence)
      return new LazyWorktree(worktree)
    },
  }))
  const past: StillPast = {
    list: async () => states,
    find: async (wanted) => states.find(({ sequence }) => sequence === wanted),
  }
  const clock = new HandClock()
  const attributes = virtualDirectoryAttributes(clock, owner, 2)
  const node = snapshotsDirectory(past, content, attributes)
  const more = [{ name: nameFromText('snapshots'), node }]
  const drive = new Drive({ virtual: statusDirectory(clock, owner, () => '{}', more) })
  const top = await drive.lookup('.walrusfs')
  const snapshots = (await drive.lookup('snapshots', top.id)).id
  return { drive, snapshots, opened, states }
}

test('a state is a directory of its sequence number, with its time, and is opened when somebody looks into it', async (t) => {
  const { drive, snapshots, opened, states } = await mounted([1, 3, 12])
  t.same(await drive.names(), [], 'no listing of the root shows any of it')
  t.same(await drive.names(snapshots), ['1', '3', '12'])
  const { id, attributes } = await drive.lookup('3', snapshots)
  t.match(attributes, { mode: 0o40750, uid: 7, gid: 8, mtimeSec: 1_000_000_000 })
  t.equal(attributes.mtimeNsec, 126_000_000)
  t.same(opened, [])
  t.same((await drive.names(id)).sort(), ['dir', 'pipe', 'sparse', 'symlink'])
  t.same(opened, [3])
  for (const none of ['2', '03', '-1', 'x', '', '9999999999999999999']) {
    await t.rejects(async () => drive.fs.lookup(snapshots, nameFromText(none), root), {
      code: 'ENOENT',
    })
  }
  states.push({ ...states[0]!, sequence: 13 })
  t.ok(await drive.lookup('13', snapshots), 'one that came later')
  t.match(await drive.fs.opendir(snapshots, 0, root), { keepCache: false })
  t.match(await drive.fs.opendir(id, 0, root), { keepCache: true })
})

test('everything in it is what it was', async (t) => {
  const { drive, snapshots } = await mounted([3])
  const { id: top } = await drive.lookup('3', snapshots)
  const { id: directory } = await drive.lookup('dir', top)
  const file = await drive.lookup('file', directory)
  t.match(file.attributes, { size: 17, nlink: 2, mode: 0o100644 })
  t.equal(await drive.bytes(file.id), 'the bytes of then')
  t.match(await drive.fs.open(file.id, O.RDONLY, root), { keepCache: true, directIo: false })
  t.equal((await drive.lookup('link', directory)).id, file.id)
  t.equal(String(await drive.getxattr(file.id, 'user.color')), 'blue')
  t.same((await drive.fs.listxattr(file.id, root)).map(nameToText), ['user.color'])
  await t.rejects(drive.getxattr(file.id, 'user.other'), { code: 'ENODATA' })
  const symlink = await drive.lookup('symlink', top)
  t.equal(Buffer.from(await drive.fs.readlink(symlink.id)).toString(), 'dir/file')
  const pipe = await drive.lookup('pipe', top)
  t.equal(pipe.attributes.mode, FileType.fifo | 0o600)
  await t.rejects(drive.open(pipe.id, O.RDONLY), { code: 'ELOOP' })
  const sparse = await drive.lookup('sparse', top)
  const handle = await drive.open(sparse.id, O.RDONLY)
  t.equal(await drive.fs.lseek(sparse.id, handle, 0, 3), 1 << 20, 'where data begins')
  t.equal(await drive.fs.lseek(sparse.id, handle, 0, 4), 0)
  t.equal(await drive.fs.lseek(sparse.id, handle, 1 << 20, 4), (1 << 20) + 3)
  await t.rejects(async () => drive.fs.lseek(sparse.id, handle, 2 << 20, 3), { code: 'ENXIO' })
})

test('nothing in it can be changed, and a lock to read it is no matter', async (t) => {
  const { drive, snapshots } = await mounted([3])
  const { id: top } = await drive.lookup('3', snapshots)
  const { id: directory } = await drive.lookup('dir', top)
  const { id: file } = await drive.lookup('file', directory)
  const own = await drive.file('own', 'x')
  const calls: Record<string, () => unknown> = {
    create: () => drive.create('x', { parent: directory }),
    mkdir: () => drive.mkdir('3', snapshots),
    unlink: () => drive.unlink('file', directory),
    'rename out': () => drive.rename('file', 'x', 0, directory, drive.top),
    'link out': () => drive.link(file, 'x'),
    truncate: () => drive.set(file, { size: 0 }),
    'open for writing': () => drive.open(file, O.RDWR),
    setxattr: () => drive.setxattr(file, 'user.x', 'y'),
  }
  for (const [what, call] of Object.entries(calls)) {
    await t.rejects(async () => call(), { code: 'EROFS' }, what)
  }
  const [from, to] = [await drive.open(file, O.RDONLY), await drive.open(own)]
  await t.rejects(async () => drive.fs.copyFileRange(file, from, 0, own, to, 0, 5, root), {
    code: 'EOPNOTSUPP',
  })
  const lock = { type: 'read', start: 0, end: 9, pid: 1 } as const
  const never = new AbortController().signal
  t.equal(await drive.fs.setlk(file, from, 1n, lock, true, false, never), undefined)
  t.equal(await drive.fs.getlk(file, from, 2n, { ...lock, type: 'write' }), undefined)
})

test('inode numbers are none of the drive, others in each state, and stay when all was forgotten', async (t) => {
  const { drive, snapshots } = await mounted([3, 4])
  const numbers = new Map<string, number>()
  const look = async (sequence: string) => {
    const top = await drive.lookup(sequence, snapshots)
    const directory = await drive.lookup('dir', top.id)
    const file = await drive.lookup('file', directory.id)
    const found = { top, directory, file }
    for (const node of [file, directory, top]) drive.fs.forget(node.id, 1)
    return Object.entries(found).map(([name, { attributes }]) => [name, attributes.ino] as const)
  }
  for (const sequence of ['3', '4', '3', '4']) {
    for (const [name, ino] of await look(sequence)) {
      const key = `${sequence} ${name}`
      t.equal(numbers.get(key) ?? ino, ino, key)
      numbers.set(key, ino)
      t.ok(ino > 2 ** 52 && Number.isSafeInteger(ino))
    }
  }
  t.equal(new Set(numbers.values()).size, 6)
})

test('trees that nobody uses are dropped, but for the last few', async (t) => {
  const { drive, snapshots, opened } = await mounted([1, 2, 3, 4, 5, 6, 7, 8])
  const held = await drive.lookup('1', snapshots)
  const inside = await drive.lookup('dir', held.id)
  const visit = async (sequence: number) => {
    const { id } = await drive.lookup(String(sequence), snapshots)
    t.equal((await drive.names(id)).length, 4)
    drive.fs.forget(id, 1)
  }
  for (const sequence of [2, 3, 4, 5, 6, 7, 8]) await visit(sequence)
  t.same(opened, [1, 2, 3, 4, 5, 6, 7, 8])
  for (const sequence of [5, 6, 7, 8]) await visit(sequence)
  t.equal(opened.length, 8, 'the last four are still there')
  t.same(await drive.names(inside.id), ['file', 'link'])
  t.equal((await drive.lookup('dir', held.id)).id, inside.id)
  t.equal(opened.length, 8, 'and what the kernel knows')
  await visit(2)
  t.same(opened.slice(8), [2])
  drive.posix.unmounted()
})
