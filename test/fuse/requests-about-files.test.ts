import { test } from 'tap'
import { FsError } from '../../src/terms/errno.ts'
import { FakeKernel, struct } from './fake-kernel.ts'
import type { Field } from './fake-kernel.ts'
import { sample, sampleAttributesReply } from './sample-attributes.ts'

const caller = { uid: 1000, gid: 100, pid: process.pid, umask: undefined }
const nothing = { error: 0, body: Buffer.alloc(0) }
const handle = 2 ** 33 + 1
/** fuse_read_in, and the part of fuse_write_in before the bytes. */
const readIn = (offset: number | bigint, size: number, flags = 0): Field[] => [
  ['u64', handle],
  ['u64', offset],
  ['u32', size],
  ['u32', flags],
  ['u64', 0],
  ['u32', 0],
  ['u32', 0],
]

test('GETATTR, with a handle and without', async (t) => {
  const kernel = await FakeKernel.start(t, { getattr: () => sample })
  t.same(await kernel.ask(3, 8, struct(['u32', 1], ['u32', 0], ['u64', handle])), {
    error: 0,
    body: sampleAttributesReply,
  })
  await kernel.ask(3, 8, struct(['u32', 0], ['u32', 0], ['u64', 0]))
  t.same(kernel.asked, [
    ['getattr', 8, handle],
    ['getattr', 8, undefined],
  ])
})

const setattrIn = (valid: number, size: number | bigint = 2 ** 41) =>
  struct(
    ['u32', valid],
    ['u32', 0],
    ['u64', handle],
    ['u64', size],
    ['u64', 99],
    ['i64', -3],
    ['i64', 2 ** 33],
    ['i64', -(2 ** 34)],
    ['u32', 11],
    ['u32', 12],
    ['u32', 13],
    ['u32', 0o100644],
    ['u32', 0],
    ['u32', 21],
    ['u32', 22],
    ['u32', 0],
  )

test('SETATTR with every field', async (t) => {
  const kernel = await FakeKernel.start(t, { setattr: () => sample })
  t.same((await kernel.ask(4, 8, setattrIn(0xe7f))).body, sampleAttributesReply)
  const expected = {
    mode: 0o100644,
    uid: 21,
    gid: 22,
    size: 2 ** 41,
    atime: { sec: -3, nsec: 11 },
    mtime: { sec: 2 ** 33, nsec: 12 },
    ctime: { sec: -(2 ** 34), nsec: 13 },
    handle,
    killPrivileges: true,
  }
  t.same(kernel.asked, [['setattr', 8, expected, caller]])
})

test('SETATTR with times of now, and with nothing', async (t) => {
  const kernel = await FakeKernel.start(t, { setattr: () => sample })
  await kernel.ask(4, 8, setattrIn(0x1b0))
  await kernel.ask(4, 8, setattrIn(0))
  t.same(kernel.asked, [
    ['setattr', 8, { atime: 'now', mtime: 'now' }, caller],
    ['setattr', 8, {}, caller],
  ])
})

test('a size beyond 2^53 is EFBIG and is not asked for', async (t) => {
  const kernel = await FakeKernel.start(t)
  t.equal((await kernel.ask(4, 8, setattrIn(8, 2n ** 60n))).error, -27)
  t.equal((await kernel.ask(16, 8, struct(...readIn(2n ** 62n, 1), ['bytes', 'x']))).error, -27)
  t.same(kernel.asked, [])
})

test('OPEN and OPENDIR', async (t) => {
  const kernel = await FakeKernel.start(t, {
    open: () => ({ handle, keepCache: true, directIo: true }),
    opendir: () => ({ handle: 6, keepCache: true, directIo: false }),
  })
  const body = struct(['u32', 0o102001], ['u32', 0])
  t.same((await kernel.ask(14, 8, body)).body, struct(['u64', handle], ['u32', 3], ['u32', 0]))
  t.same((await kernel.ask(27, 8, body)).body, struct(['u64', 6], ['u32', 10], ['u32', 0]))
  t.same(kernel.asked, [
    ['open', 8, 0o102001, caller],
    ['opendir', 8, 0o102001, caller],
  ])
})

test('READ into the reply', async (t) => {
  const kernel = await FakeKernel.start(t, {
    read(_node, _handle, _offset, into) {
      into.set([1, 2, 3])
      return 3
    },
  })
  t.same((await kernel.ask(15, 8, struct(...readIn(2 ** 40, 4096)))).body, Buffer.from([1, 2, 3]))
  t.same(kernel.asked[0]?.slice(0, 4), ['read', 8, handle, 2 ** 40])
  t.equal(String(kernel.asked[0]?.[4]).length, 4096)
})

test('READ from bytes that lie elsewhere, few and many, now and later', async (t) => {
  const few = Buffer.from('few')
  const many = Buffer.alloc(60_000, 'many')
  const answers = [few, many, Promise.resolve(few), Promise.resolve(many), new Uint8Array(0)]
  const kernel = await FakeKernel.start(t, { read: () => answers.shift()! })
  const request = struct(...readIn(0, 65536))
  for (const expected of [few, many, few, many, Buffer.alloc(0)]) {
    t.same(await kernel.ask(15, 8, request), { error: 0, body: expected })
  }
})

test('more bytes than were asked for are EIO', async (t) => {
  const long = new Uint8Array(101)
  const answers = [long, 101, Promise.resolve(long)]
  const kernel = await FakeKernel.start(t, { read: () => answers.shift()! })
  for (let i = 0; i < 3; i++) {
    t.same(await kernel.ask(15, 8, struct(...readIn(0, 100))), { ...nothing, error: -5 })
  }
})

test('WRITE of a caller and of the kernel, whole pages and others', async (t) => {
  const kernel = await FakeKernel.start(t, { write: (_n, _h, _o, bytes) => bytes.length })
  const page = Buffer.alloc(4096, 'p').toString()
  const [own, cached] = [readIn(2 ** 41, 3, 2), readIn(0, 4096, 1)]
  const reply = await kernel.ask(16, 8, struct(...own, ['bytes', 'abc']))
  t.same(reply.body, struct(['u32', 3], ['u32', 0]))
  await kernel.ask(16, 8, struct(...cached, ['bytes', page]))
  t.same(kernel.asked, [
    ['write', 8, handle, 2 ** 41, 'abc', false, caller],
    ['write', 8, handle, 0, page, true, caller],
  ])
})

test('a WRITE that is shorter than it says is refused', async (t) => {
  const kernel = await FakeKernel.start(t)
  t.equal((await kernel.ask(16, 8, struct(...readIn(0, 4096), ['bytes', 'abc']))).error, -22)
  t.same(kernel.asked, [])
})

test('FLUSH, RELEASE, FSYNC and their kind for directories', async (t) => {
  const kernel = await FakeKernel.start(t)
  const owner = 0xfedc_ba98_7654_3210n
  const open: Field = ['u64', handle]
  const flush = struct(open, ['u32', 0], ['u32', 0], ['u64', owner])
  const release = (flags: number) => struct(open, ['u32', 2], ['u32', flags], ['u64', owner])
  t.same(await kernel.ask(25, 8, flush), nothing)
  await kernel.ask(18, 8, release(2))
  await kernel.ask(18, 8, release(1))
  await kernel.ask(29, 8, release(0))
  for (const opcode of [20, 30]) {
    for (const flags of [0, 1])
      await kernel.ask(opcode, 8, struct(open, ['u32', flags], ['u32', 0]))
  }
  t.same(kernel.asked, [
    ['flush', 8, handle, owner],
    ['release', 8, handle, owner],
    ['release', 8, handle, undefined],
    ['releasedir', 8, handle],
    ['fsync', 8, handle, false],
    ['fsync', 8, handle, true],
    ['fsyncdir', 8, handle, false],
    ['fsyncdir', 8, handle, true],
  ])
})

test('FALLOCATE and LSEEK', async (t) => {
  const kernel = await FakeKernel.start(t, { lseek: () => 2 ** 43 + 1 })
  const fallocate: Field[] = [
    ['u64', handle],
    ['u64', 2 ** 35],
    ['u64', 2 ** 36],
    ['u32', 3],
    ['u32', 0],
  ]
  t.same(await kernel.ask(43, 8, struct(...fallocate)), nothing)
  const lseek = struct(['u64', handle], ['u64', 5], ['u32', 4], ['u32', 0])
  t.same((await kernel.ask(46, 8, lseek)).body, struct(['u64', 2 ** 43 + 1]))
  t.same(kernel.asked, [
    ['fallocate', 8, handle, 3, 2 ** 35, 2 ** 36, caller],
    ['lseek', 8, handle, 5, 4],
  ])
})

test('COPY_FILE_RANGE, with its count in 32 bits and in 64', async (t) => {
  const kernel = await FakeKernel.start(t, { copyFileRange: () => 1000 })
  const body = struct(
    ['u64', 1],
    ['u64', 2],
    ['u64', 9],
    ['u64', 3],
    ['u64', 4],
    ['u64', 5],
    ['u64', 0],
  )
  t.same((await kernel.ask(47, 8, body)).body, struct(['u32', 1000], ['u32', 0]))
  t.same((await kernel.ask(53, 8, body)).body, struct(['u64', 1000]))
  t.same(kernel.asked, Array(2).fill(['copyFileRange', 8, 1, 2, 9, 3, 4, 5, caller]))
})

test('STATFS', async (t) => {
  const kernel = await FakeKernel.start(t, {
    statfs: () => ({
      blockBytes: 4096,
      blocks: 2 ** 38,
      freeBlocks: 2 ** 37,
      inodes: 2 ** 40,
      freeInodes: 2 ** 39,
      maxNameBytes: 255,
    }),
  })
  const expected = struct(
    ['u64', 2 ** 38],
    ['u64', 2 ** 37],
    ['u64', 2 ** 37],
    ['u64', 2 ** 40],
    ['u64', 2 ** 39],
    ['u32', 4096],
    ['u32', 255],
    ['u32', 4096],
    ['bytes', Buffer.alloc(28)],
  )
  t.same(await kernel.ask(17, 1, struct()), { error: 0, body: expected })
})

test('ACCESS', async (t) => {
  const kernel = await FakeKernel.start(t, {
    access() {
      throw new FsError('EACCES')
    },
  })
  t.equal((await kernel.ask(34, 8, struct(['u32', 6], ['u32', 0]))).error, -13)
  t.same(kernel.asked, [['access', 8, 6, caller]])
})
