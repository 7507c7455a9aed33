import { spawn } from 'node:child_process'
import { test } from 'tap'
import { LineLog } from '../../src/runtime/log.ts'
import { FsError } from '../../src/terms/errno.ts'
import { cString, FakeKernel, struct } from './fake-kernel.ts'
import { sample, sampleEntry } from './sample-attributes.ts'

const node = { id: 12, attributes: sample }
const lookup = struct(cString('x'))
const lockIn = struct(
  ['u64', 3],
  ['u64', 1],
  ['u64', 0],
  ['u64', 9],
  ['u32', 1],
  ['bytes', Buffer.alloc(12)],
)

/** A log that is kept. */
function keptLog() {
  const lines: string[] = []
  return { lines, log: new LineLog((line) => lines.push(line), 'debug') }
}

test('INIT is answered with what both sides know', async (t) => {
  const kernel = await FakeKernel.start(t)
  const { body } = await kernel.initialize(0xffffffff)
  t.equal(body.length, 64)
  t.same([body.readUInt32LE(0), body.readUInt32LE(4), body.readUInt32LE(8)], [7, 45, 131072])
  const flags = body.readUInt32LE(12)
  const refused = {
    noOpen: 17,
    noOpendir: 24,
    securityContext: 31,
    autoInvalidation: 12,
    exports: 4,
    writeback: 16,
    asyncDirectIo: 15,
  }
  for (const [name, bit] of Object.entries(refused)) {
    t.equal((flags >>> bit) & 1, 0, `${name} is not taken`)
  }
  t.equal(body.readUInt32LE(20), 65536, 'bytes of a WRITE')
  t.equal(body.readUInt32LE(24), 1, 'times to the nanosecond')
  t.equal(body.readUInt16LE(28), 16, 'pages of a request')
  const plain = await kernel.initialize(0)
  t.equal(plain.body.readUInt32LE(12), 0, 'nothing is taken that is not offered')
  t.equal(plain.body.readUInt32LE(32), 0)
})

test('a kernel before 7.31 is refused', async (t) => {
  const kernel = await FakeKernel.start(t)
  const init = struct(['u32', 7], ['u32', 30], ['u32', 0], ['u32', 0])
  t.equal((await kernel.ask(26, 0, init)).error, -71)
})

test('unknown requests are ENOSYS, ioctls ENOTTY, STATX is left to GETATTR', async (t) => {
  const kernel = await FakeKernel.start(t)
  for (const opcode of [37, 40, 48, 49, 50, 52, 63, 4096, 436207616]) {
    t.equal((await kernel.ask(opcode, 1, Buffer.alloc(64))).error, -38, `${opcode}`)
  }
  t.equal((await kernel.ask(39, 1, Buffer.alloc(32))).error, -25)
  t.equal((await kernel.ask(38, 0, Buffer.alloc(0))).error, 0, 'DESTROY')
  t.same(kernel.asked, [])
})

test('an error that is no FsError is EIO, and its stack is logged', async (t) => {
  const { lines, log } = keptLog()
  const answers = [
    () => {
      throw new TypeError('now')
    },
    () => Promise.reject(new TypeError('later')),
  ]
  const kernel = await FakeKernel.start(t, { lookup: () => answers.shift()!() }, { log })
  t.equal((await kernel.ask(1, 1, lookup)).error, -5)
  t.equal((await kernel.ask(1, 1, lookup)).error, -5)
  t.equal(lines.length, 2)
  t.match(lines[0], /now.*session\.test\.ts/)
  t.match(lines[1], /later/)
})

test('later answers find their request, in any order', async (t) => {
  const waiting: ((value: typeof node) => void)[] = []
  const kernel = await FakeKernel.start(t, {
    lookup: () => new Promise((resolve) => waiting.push(resolve)),
    getattr: () => sample,
  })
  const uniques = [kernel.tell(1, 1, lookup), kernel.tell(1, 1, lookup)]
  t.equal((await kernel.ask(3, 8, struct(['u64', 0], ['u64', 0]))).error, 0, 'others do not wait')
  waiting[1]!(node)
  const second = await kernel.nextMessage()
  waiting[0]!(node)
  const first = await kernel.nextMessage()
  t.same(
    [first, second].map((reply) => Number(reply.readBigUInt64LE(8))),
    uniques,
  )
  t.same(first.subarray(16), sampleEntry(12))
})

test('requests that come together are all answered after many that came alone', async (t) => {
  const kernel = await FakeKernel.start(t, { getattr: () => sample })
  const getattr = struct(['u64', 0], ['u64', 0])
  for (let alone = 0; alone < 40; alone++) await kernel.ask(3, 8, getattr)
  const uniques = Array.from({ length: 20 }, () => kernel.tell(3, 8, getattr))
  const answered: number[] = []
  for (const _ of uniques) answered.push(Number((await kernel.nextMessage()).readBigUInt64LE(8)))
  t.same(answered, uniques)
})

test('a signal that does not kill ends only a wait for a lock', async (t) => {
  const signals: AbortSignal[] = []
  const kernel = await FakeKernel.start(t, {
    read: (_n, _h, _o, _into, signal) => {
      signals.push(signal!)
      return new Promise(() => {})
    },
    setlk: (_n, _h, _o, _l, _w, _f, signal) =>
      new Promise((_resolve, reject) => {
        signals.push(signal)
        signal.addEventListener('abort', () => reject(new FsError('EINTR')))
      }),
  })
  const read = kernel.tell(
    15,
    8,
    struct(['u64', 1], ['u64', 0], ['u32', 100], ['bytes', Buffer.alloc(20)]),
  )
  const lock = kernel.tell(33, 8, lockIn)
  kernel.tell(36, 0, struct(['u64', read]))
  kernel.tell(36, 0, struct(['u64', lock]))
  const reply = await kernel.nextMessage()
  t.same([Number(reply.readBigUInt64LE(8)), reply.readInt32LE(4)], [lock, -4])
  t.same(
    signals.map((signal) => signal.aborted),
    [false, true],
  )
})

test('a caller that is being killed need not wait, and what it got late is given back', async (t) => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const gone = new Promise((resolve) => child.on('exit', resolve))
  child.kill('SIGKILL')
  await gone
  const late = Promise.withResolvers<typeof node>()
  let aborted = false
  const kernel = await FakeKernel.start(t, {
    lookup: (_parent, _name, _caller, signal) => {
      signal?.addEventListener('abort', () => (aborted = true))
      return late.promise
    },
    mkdir: () => late.promise,
  })
  const uniques = [
    kernel.tell(1, 1, lookup, child.pid),
    kernel.tell(9, 1, struct(['u64', 0], cString('d')), child.pid),
  ]
  for (const unique of uniques) {
    kernel.tell(36, 0, struct(['u64', unique]))
    const reply = await kernel.nextMessage()
    t.same([Number(reply.readBigUInt64LE(8)), reply.readInt32LE(4)], [unique, -4])
  }
  t.ok(aborted)
  late.resolve(node)
  const notice = await kernel.nextMessage()
  t.equal(notice.readInt32LE(4), 3, 'the kernel is told that the name is not what it thinks')
  t.equal(notice.toString('latin1', 32), 'd\0')
  t.same(kernel.asked.slice(2), [
    ['forget', 12, 1],
    ['forget', 12, 1],
  ])
})

test('an interrupt for a request that was answered is nothing', async (t) => {
  const kernel = await FakeKernel.start(t, { getattr: () => sample })
  kernel.tell(36, 0, struct(['u64', 424242]))
  t.equal((await kernel.ask(3, 8, struct(['u64', 0], ['u64', 0]))).error, 0)
})

test('notifications', async (t) => {
  const kernel = await FakeKernel.start(t)
  const { notifier } = kernel.session
  const head = (length: number, code: number) => struct(['u32', length], ['i32', code], ['u64', 0])
  notifier.invalidateNode(2 ** 40)
  notifier.invalidateNode(9, 2 ** 41, 5)
  notifier.invalidateNode(9, 0)
  notifier.invalidateEntry(7, 'n\xff' as never)
  const bodies = [
    struct(['u64', 2 ** 40], ['i64', -1], ['i64', 0]),
    struct(['u64', 9], ['i64', 2 ** 41], ['i64', 5]),
    struct(['u64', 9], ['i64', 0], ['i64', 0]),
  ]
  for (const body of bodies) {
    t.same(await kernel.nextMessage(), Buffer.concat([head(40, 2), body]))
  }
  const name = struct(
    ['u64', 7],
    ['u32', 2],
    ['u32', 0],
    ['bytes', Buffer.from('n\xff\0', 'latin1')],
  )
  t.same(await kernel.nextMessage(), Buffer.concat([head(35, 3), name]))
})

test('the end of the session aborts what is pending', async (t) => {
  let aborted = false
  const kernel = await FakeKernel.start(t, {
    lookup: (_parent, _name, _caller, signal) => {
      signal?.addEventListener('abort', () => (aborted = true))
      return new Promise(() => {})
    },
    getattr: () => sample,
  })
  kernel.tell(1, 1, lookup)
  await kernel.ask(3, 8, struct(['u64', 0], ['u64', 0]))
  kernel.session.end()
  await kernel.session.ended
  t.ok(aborted)
})

test('what was changed is settled before any reply, early or late', async (t) => {
  let [changes, settled] = [0, 0]
  const kernel = await FakeKernel.start(t, {
    settle: () => void (settled = changes),
    unlink: () => void changes++,
    rmdir: async () => void changes++,
    getattr: () => {
      changes++
      throw new FsError('EIO', 'half done')
    },
  })
  t.equal((await kernel.ask(10, 1, lookup)).error, 0)
  t.same([changes, settled], [1, 1], 'answered in place')
  t.equal((await kernel.ask(11, 1, lookup)).error, 0)
  t.same([changes, settled], [2, 2], 'answered later')
  t.equal((await kernel.ask(3, 1, struct(['u64', 0], ['u64', 0]))).error, -5)
  t.same([changes, settled], [3, 3], 'failed')
})
