import { test } from 'tap'
import { FsError } from '../../src/terms/errno.ts'
import { cString, FakeKernel, struct } from './fake-kernel.ts'
import { sample, sampleEntry } from './sample-attributes.ts'
import { AbsentForNow } from '../../src/vfs/virtual-node.ts'

const caller = { uid: 1000, gid: 100, pid: process.pid, umask: undefined }
const masked = { ...caller, umask: 0o027 }
const node = { id: 77, attributes: sample }
const opened = { handle: 0x1_0000_0002, keepCache: true, directIo: false }
const openReply = struct(['u64', 0x1_0000_0002], ['u32', 2], ['u32', 0])

test('LOOKUP gives name and caller and puts an entry', async (t) => {
  const kernel = await FakeKernel.start(t, { lookup: () => node })
  const reply = await kernel.ask(1, 2n ** 40n, struct(cString('näme')))
  const bytes = Buffer.from('näme').toString('latin1')
  t.same(kernel.asked, [['lookup', 2 ** 40, bytes, caller, 'signal']])
  t.same(reply, { error: 0, body: sampleEntry(77) })
})

test('LOOKUP of nothing is an entry without a node, to be believed for a while', async (t) => {
  const ways = [
    () => undefined,
    () => Promise.resolve(undefined),
    () => {
      throw new FsError('ENOENT')
    },
  ]
  const kernel = await FakeKernel.start(t, { lookup: () => ways.shift()!() })
  const head = struct(['u64', 0], ['u64', 0], ['u64', 3])
  while (ways.length > 0) {
    const { error, body } = await kernel.ask(1, 1, struct(cString('x')))
    t.same({ error, body }, { error: 0, body: Buffer.concat([head, Buffer.alloc(104)]) })
  }
})

test('LOOKUP of what may be there the next time is an error, which no kernel remembers', async (t) => {
  const absent = () => Promise.reject(new AbsentForNow('not yet'))
  const kernel = await FakeKernel.start(t, { lookup: absent })
  t.equal((await kernel.ask(1, 1, struct(cString('x')))).error, -2)
})

test('FORGET and BATCH_FORGET give every count and get no reply', async (t) => {
  const kernel = await FakeKernel.start(t, { statfs: () => Promise.reject(new FsError('EIO')) })
  kernel.tell(2, 2n ** 33n, struct(['u64', 5]))
  const pairs = struct(['u64', 3], ['u64', 1], ['u64', 2n ** 34n], ['u64', 2n ** 35n])
  kernel.tell(42, 0, Buffer.concat([struct(['u32', 2], ['u32', 0]), pairs]))
  t.equal((await kernel.ask(17, 1, struct())).error, -5, 'the next reply is for the next request')
  t.same(kernel.asked.slice(0, 3), [
    ['forget', 2 ** 33, 5],
    ['forget', 3, 1],
    ['forget', 2 ** 34, 2 ** 35],
  ])
})

test('a throw in FORGET gets no reply either', async (t) => {
  const kernel = await FakeKernel.start(t, {
    forget() {
      throw new Error('a bug')
    },
  })
  kernel.tell(2, 1, struct(['u64', 5]))
  t.equal((await kernel.ask(24, 1, struct(cString('user.x')))).error, 0)
})

test('MKNOD, MKDIR and SYMLINK', async (t) => {
  const made = () => node
  const kernel = await FakeKernel.start(t, { mknod: made, mkdir: made, symlink: made })
  const mknod = struct(['u32', 0o20644], ['u32', 0x501], ['u32', 0o027], ['u32', 0], cString('n'))
  t.same((await kernel.ask(8, 1, mknod)).body, sampleEntry(77))
  await kernel.ask(9, 1, struct(['u32', 0o755], ['u32', 0o027], cString('d')))
  t.same((await kernel.ask(6, 1, struct(cString('s'), cString('to/here')))).body, sampleEntry(77))
  t.same(kernel.asked, [
    ['mknod', 1, 'n', 0o20644, 0x501, masked],
    ['mkdir', 1, 'd', 0o755, masked],
    ['symlink', 1, 's', 'to/here', caller],
  ])
})

test('the umask is not told to the file system when the kernel has applied it', async (t) => {
  const kernel = await FakeKernel.start(t, { mkdir: () => node }, { flags: 1 << 6 })
  await kernel.ask(9, 1, struct(['u32', 0o755], ['u32', 0o027], cString('d')))
  t.same(kernel.asked, [['mkdir', 1, 'd', 0o755, caller]])
})

test('LINK, UNLINK and RMDIR', async (t) => {
  const kernel = await FakeKernel.start(t, { link: () => node })
  t.same((await kernel.ask(13, 9, struct(['u64', 77], cString('l')))).body, sampleEntry(77))
  t.same(await kernel.ask(10, 9, struct(cString('l'))), { error: 0, body: Buffer.alloc(0) })
  await kernel.ask(11, 9, struct(cString('d')))
  t.same(kernel.asked, [
    ['link', 77, 9, 'l', caller],
    ['unlink', 9, 'l', caller],
    ['rmdir', 9, 'd', caller],
  ])
})

test('RENAME and RENAME2', async (t) => {
  const kernel = await FakeKernel.start(t)
  await kernel.ask(12, 3, struct(['u64', 2n ** 36n], cString('old'), cString('newer')))
  await kernel.ask(45, 3, struct(['u64', 4], ['u32', 2], ['u32', 0], cString('a'), cString('b')))
  t.same(kernel.asked, [
    ['rename', 3, 'old', 2 ** 36, 'newer', 0, caller],
    ['rename', 3, 'a', 4, 'b', 2, caller],
  ])
})

test('CREATE and TMPFILE put an entry and an open file', async (t) => {
  const made = () => ({ node, opened })
  const kernel = await FakeKernel.start(t, { create: made, tmpfile: made })
  const body = struct(['u32', 0o102], ['u32', 0o100666], ['u32', 0o027], ['u32', 0], cString('f'))
  const expected = { error: 0, body: Buffer.concat([sampleEntry(77), openReply]) }
  t.same(await kernel.ask(35, 5, body), expected)
  t.same(await kernel.ask(51, 5, body), expected)
  t.same(kernel.asked, [
    ['create', 5, 'f', 0o100666, 0o102, masked],
    ['tmpfile', 5, 0o100666, 0o102, masked],
  ])
})

test('READLINK gives the bytes of the target', async (t) => {
  const target = Buffer.from([0x2f, 0xff, 0x41])
  const kernel = await FakeKernel.start(t, { readlink: () => target })
  t.same((await kernel.ask(5, 6, struct())).body, target)
})

test('a request whose names do not end is refused', async (t) => {
  const kernel = await FakeKernel.start(t)
  t.equal((await kernel.ask(6, 1, struct(['bytes', 'no end']))).error, -22)
  t.equal((await kernel.ask(45, 1, struct(['u64', 4], ['u64', 0], cString('a')))).error, -22)
  t.equal((await kernel.ask(1, 1, struct(['bytes', '\0']))).error, -22)
  t.same(kernel.asked, [])
})
