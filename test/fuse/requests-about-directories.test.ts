import { test } from 'tap'
import type { Name } from '../../src/terms/name.ts'
import type { DirectorySink } from '../../src/vfs/file-system.ts'
import { FakeKernel, struct } from './fake-kernel.ts'
import { sample, sampleEntry } from './sample-attributes.ts'

const readIn = (cookie: number, size: number) =>
  struct(['u64', 4], ['u64', cookie], ['u32', size], ['u32', 0], ['u64', 0], ['u32', 0], ['u32', 0])

/** struct fuse_dirent of a file, padded to eight bytes. */
const dirent = (ino: number, next: number, name: string, type = 8) => {
  const bytes = Buffer.from(name, 'latin1')
  const padding = Buffer.alloc(-(24 + bytes.length) & 7)
  const head = struct(['u64', ino], ['u64', next], ['u32', bytes.length], ['u32', type])
  return Buffer.concat([head, bytes, padding])
}

const node = { id: 12, attributes: sample }

/** Gives `.`, a name that is not UTF-8, and a long one, to a sink. */
function give(sink: DirectorySink, taken: boolean[] = []): void {
  taken.push(sink('.' as Name, 7, 0o040755, 1, undefined))
  taken.push(sink('\xff' as Name, 8, 0o100644, 2 ** 40, node))
  taken.push(sink('12345678' as Name, 2 ** 52, 0o120777, 3, node))
}

const plainEntries = [
  dirent(7, 1, '.', 4),
  dirent(8, 2 ** 40, '\xff'),
  dirent(2 ** 52, 3, '12345678', 10),
]
const plusEntries = plainEntries.flatMap((entry, at) => [
  at === 0 ? Buffer.alloc(128) : sampleEntry(12),
  entry,
])

test('READDIR and READDIRPLUS list entries, padded', async (t) => {
  const kernel = await FakeKernel.start(t, {
    readdir: (_node, _handle, _cookie, _plus, sink) => give(sink),
  })
  t.same((await kernel.ask(28, 3, readIn(9, 4096))).body, Buffer.concat(plainEntries))
  t.same((await kernel.ask(44, 3, readIn(2 ** 45, 4096))).body, Buffer.concat(plusEntries))
  t.same(
    kernel.asked.map((asked) => asked.slice(0, 5)),
    [
      ['readdir', 3, 4, 9, false],
      ['readdir', 3, 4, 2 ** 45, true],
    ],
  )
})

test('an entry that does not fit is not taken, to the byte', async (t) => {
  const taken: boolean[] = []
  const kernel = await FakeKernel.start(t, {
    readdir: (_node, _handle, _cookie, _plus, sink) => give(sink, taken),
  })
  t.equal((await kernel.ask(28, 3, readIn(0, 96))).body.length, 96)
  t.equal((await kernel.ask(28, 3, readIn(0, 95))).body.length, 64)
  t.equal((await kernel.ask(44, 3, readIn(0, 4))).body.length, 0)
  t.same(taken, [true, true, true, true, true, false, false, false, false])
})

test('a list that is filled later does not mix with other replies', async (t) => {
  const kernel = await FakeKernel.start(t, {
    async readdir(_node, _handle, _cookie, _plus, sink) {
      sink('.' as Name, 7, 0o040755, 1, undefined)
      await new Promise((resolve) => setTimeout(resolve, 30))
      sink('\xff' as Name, 8, 0o100644, 2 ** 40, node)
      sink('12345678' as Name, 2 ** 52, 0o120777, 3, node)
    },
    lookup: () => node,
  })
  const unique = kernel.tell(44, 3, readIn(0, 4096))
  t.same((await kernel.ask(1, 1, Buffer.from('x\0'))).body, sampleEntry(12))
  const late = await kernel.nextMessage()
  t.equal(late.readBigUInt64LE(8), BigInt(unique))
  t.same(late.subarray(16), Buffer.concat(plusEntries))
})
