import fc from 'fast-check'
import { test } from 'tap'
import { DirectoryList } from '../../src/fuse/kernel/directory-list.ts'
import { Reply } from '../../src/fuse/kernel/reply.ts'
import { Request } from '../../src/fuse/kernel/request.ts'
import { put64, putTimeout } from '../../src/fuse/kernel/structs.ts'
import { escapeOption, mountFlagsOf } from '../../src/fuse/mount/mount-flags.ts'
import { silentLog } from '../../src/runtime/log.ts'
import type { Name } from '../../src/terms/name.ts'
import { sample } from './sample-attributes.ts'

const safe = fc.maxSafeInteger()
const timeouts = { entrySec: 1, attributeSec: 1, negativeSec: 0 }

test('numbers of 64 bits, with and without a sign, are those of BigInt', async (t) => {
  const words = new Uint32Array(3)
  const view = new DataView(words.buffer)
  const request = new Request(4096)
  fc.assert(
    fc.property(safe, fc.nat(999_999_999), (value, nsec) => {
      put64(words, 0, value)
      request.words.set([words[0]!, words[1]!, nsec], 18)
      const { sec, nsec: nanoseconds } = request.time(18, 20)
      return view.getBigInt64(0, true) === BigInt(value) && sec === value && nanoseconds === nsec
    }),
  )
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      request.words.set([Number(value & 0xffffffffn), Number(value >> 32n)], 12)
      const isExact = value <= BigInt(Number.MAX_SAFE_INTEGER)
      return request.bigU64(12) === value && (!isExact || request.u64(12) === Number(value))
    }),
  )
  t.pass()
})

test('timeouts are whole seconds and a rest below one', async (t) => {
  const words = new Uint32Array(3)
  const seconds = fc.double({ min: 0, max: 1e9, noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(seconds, (value) => {
      putTimeout(words, 0, 2, value)
      const back = words[0]! + words[1]! * 2 ** 32 + words[2]! / 1e9
      return words[2]! <= 1e9 && Math.abs(back - value) < 1e-6 + value * 1e-12
    }),
  )
  t.pass()
})

test('a directory list holds what was taken, in order, and nothing else', async (t) => {
  const names = fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 255 }), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(names, fc.integer({ min: 0, max: 6000 }), fc.boolean(), (all, room, plus) => {
      const reply = new Reply(8192, timeouts)
      reply.memory.bytes.fill(0xee)
      const list = new DirectoryList(reply, room, plus)
      const node = { id: 5, attributes: sample }
      const taken = all.filter((name, at) =>
        list.sink(name as Name, at + 1, 0o100644, at + 9, node),
      )
      const found: string[] = []
      const start = plus ? 128 : 0
      const body = reply.memory.bytes.subarray(16, 16 + list.length)
      for (let at = 0; at < body.length;) {
        const length = body.readUInt32LE(at + start + 16)
        found.push(body.toString('latin1', at + start + 24, at + start + 24 + length))
        at += (start + 24 + length + 7) & ~7
      }
      let forgotten = 0
      list.forget(() => forgotten++)
      return (
        list.length <= room &&
        found.join('\0') === taken.join('\0') &&
        forgotten === (plus ? taken.length : 0)
      )
    }),
  )
  t.pass()
})

test('any source survives being written as an option', async (t) => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (source) => {
      const extra = [`ro,fsname=${escapeOption(source)},noexec`]
      const options = {
        mountPoint: '/m',
        readOnly: false,
        allowOther: false,
        extra,
        log: silentLog,
      }
      const flags = mountFlagsOf({ ...options, source: 'other' })
      return flags.source === source && flags.flags === (1 | 2 | 4 | 8)
    }),
  )
  t.pass()
})
