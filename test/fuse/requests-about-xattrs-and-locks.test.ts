import { test } from 'tap'
import { FsError } from '../../src/terms/errno.ts'
import type { Name } from '../../src/terms/name.ts'
import type { LockRange } from '../../src/vfs/file-system.ts'
import { cString, FakeKernel, struct } from './fake-kernel.ts'
import type { Field } from './fake-kernel.ts'

const caller = { uid: 1000, gid: 100, pid: process.pid, umask: undefined }

test('SETXATTR gives a value of any bytes, and flags', async (t) => {
  const kernel = await FakeKernel.start(t)
  const value = Buffer.from([0, 255, 0])
  const head = (flags: number, extra: number): Field[] => [
    ['u32', 3],
    ['u32', flags],
    ['u32', extra],
    ['u32', 0],
  ]
  await kernel.ask(21, 5, struct(...head(2, 0), cString('user.a'), ['bytes', value]))
  await kernel.ask(21, 5, struct(...head(1, 1), cString('user.a'), ['bytes', value]))
  const text = value.toString('latin1')
  t.same(kernel.asked, [
    ['setxattr', 5, 'user.a', text, 2, caller],
    ['setxattr', 5, 'user.a', text, 0x101, caller],
  ])
})

test('SETXATTR of an older kernel has a shorter head', async (t) => {
  const kernel = await FakeKernel.start(t, {}, { flags: 0 })
  await kernel.ask(21, 5, struct(['u32', 1], ['u32', 0], cString('user.a'), ['bytes', 'v']))
  t.same(kernel.asked, [['setxattr', 5, 'user.a', 'v', 0, caller]])
})

test('a value that is shorter than it says is refused', async (t) => {
  const kernel = await FakeKernel.start(t)
  const body = struct(['u32', 2], ['u32', 0], ['u64', 0], cString('user.a'), ['bytes', 'v'])
  t.equal((await kernel.ask(21, 5, body)).error, -22)
})

test('GETXATTR of what is not there is ENODATA', async (t) => {
  const kernel = await FakeKernel.start(t, { getxattr: () => undefined })
  t.equal((await kernel.ask(22, 5, struct(['u32', 9], ['u32', 0], cString('user.a')))).error, -61)
})

test('GETXATTR and LISTXATTR tell the size, give the bytes, or say ERANGE', async (t) => {
  const kernel = await FakeKernel.start(t, {
    getxattr: () => Buffer.from('value'),
    listxattr: () => ['user.a', 'user.\xff'] as Name[],
  })
  const size = (bytes: number): Field[] => [
    ['u32', bytes],
    ['u32', 0],
  ]
  const get = (bytes: number) => kernel.ask(22, 5, struct(...size(bytes), cString('user.a')))
  const list = (bytes: number) => kernel.ask(23, 5, struct(...size(bytes)))
  t.same((await get(0)).body, struct(['u32', 5], ['u32', 0]))
  t.same((await get(5)).body, Buffer.from('value'))
  t.equal((await get(4)).error, -34)
  t.same((await list(0)).body, struct(['u32', 14], ['u32', 0]))
  t.same((await list(14)).body, Buffer.from('user.a\0user.\xff\0', 'latin1'))
  t.equal((await list(13)).error, -34)
  await kernel.ask(24, 5, struct(cString('user.a')))
  t.same(kernel.asked.at(-1), ['removexattr', 5, 'user.a', caller])
})

const lockIn = (start: bigint, end: bigint, type: number, flags = 0) =>
  struct(
    ['u64', 3],
    ['u64', 0xffff_ffff_ffff_fff1n],
    ['u64', start],
    ['u64', end],
    ['u32', type],
    ['u32', 4242],
    ['u32', flags],
    ['u32', 0],
  )
const owner = 0xffff_ffff_ffff_fff1n
const offsetMax = 2n ** 63n - 1n

test('GETLK finds a lock, or none', async (t) => {
  const found: (LockRange | undefined)[] = [
    { type: 'read', start: 5, end: Number.MAX_SAFE_INTEGER, pid: 99 },
    { type: 'write', start: 0, end: 2 ** 34, pid: 98 },
    undefined,
  ]
  const kernel = await FakeKernel.start(t, { getlk: () => found.shift() })
  const ask = async () => (await kernel.ask(31, 5, lockIn(1n, offsetMax, 1))).body
  t.same(await ask(), struct(['u64', 5], ['u64', offsetMax], ['u32', 0], ['u32', 99]))
  t.same(await ask(), struct(['u64', 0], ['u64', 2 ** 34], ['u32', 1], ['u32', 98]))
  t.same(await ask(), struct(['u64', 0], ['u64', 0], ['u32', 2], ['u32', 0]))
  const lock = { type: 'write', start: 1, end: Number.MAX_SAFE_INTEGER, pid: 4242 }
  t.same(kernel.asked[0], ['getlk', 5, 3, owner, lock])
})

test('SETLK and SETLKW, fcntl and flock', async (t) => {
  const kernel = await FakeKernel.start(t, {
    setlk() {
      throw new FsError('EAGAIN')
    },
  })
  t.equal((await kernel.ask(32, 5, lockIn(1n, 9n, 0))).error, -11)
  await kernel.ask(33, 5, lockIn(0n, offsetMax, 2, 1))
  const [read, unlock] = [
    { type: 'read', start: 1, end: 9, pid: 4242 },
    { type: 'unlock', start: 0, end: Number.MAX_SAFE_INTEGER, pid: 4242 },
  ]
  t.same(kernel.asked, [
    ['setlk', 5, 3, owner, read, false, false, 'signal'],
    ['setlk', 5, 3, owner, unlock, true, true, 'signal'],
  ])
})
