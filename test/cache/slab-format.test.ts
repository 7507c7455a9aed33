import fc from 'fast-check'
import { test } from 'tap'
import {
  decodeIndex,
  decodeTrailer,
  encodeIndex,
  frameHashAt,
  frameHeaderBytes,
  frameLengthAt,
  putFrameHeader,
  type SlabEntry,
  slabHeader,
  trailerBytes,
} from '../../src/cache/slab-format.ts'
import { scanSlab } from '../../src/cache/slab-scan.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'

const entry = fc.record({
  hash: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  position: fc.nat(2 ** 32 - 1),
  length: fc.nat(2 ** 26),
})

test('an index comes back as it was', async (t) => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 50 }), fc.nat(10_000), (entries, at) => {
      const bytes = encodeIndex(entries, at)
      const trailer = decodeTrailer(bytes.subarray(-trailerBytes), at + bytes.length)
      const rows = bytes.subarray(0, -trailerBytes)
      const decoded = trailer && decodeIndex(rows, trailer)
      return (
        trailer?.position === at &&
        decoded?.length === entries.length &&
        entries.every(
          ({ hash, position, length }, index) =>
            hash.equals(decoded[index]!.hash) &&
            position === decoded[index]!.position &&
            length === decoded[index]!.length,
        )
      )
    }),
  )
  t.pass()
})

test('a flipped byte of an index is noticed', async (t) => {
  const entries = [1, 2, 3].map((fill) => ({
    hash: Buffer.alloc(32, fill),
    position: 100 * fill,
    length: 50,
  }))
  const bytes = encodeIndex(entries, 400)
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes)
    flipped[at]! ^= 4
    const trailer = decodeTrailer(flipped.subarray(-trailerBytes), 400 + bytes.length)
    const rows = flipped.subarray(0, -trailerBytes)
    if (trailer && decodeIndex(rows, trailer)) t.fail(`byte ${at}`)
  }
  t.equal(decodeTrailer(bytes.subarray(-trailerBytes), 401 + bytes.length), undefined)
  t.equal(decodeTrailer(bytes.subarray(-10), 400 + bytes.length), undefined)
})

test('an index whose pieces do not lie in the slab is not taken', async (t) => {
  const head = Buffer.alloc(frameHeaderBytes)
  const hash = Buffer.alloc(32, 9)
  putFrameHeader(head, 0, hash, 5)
  const frames = Buffer.concat([slabHeader, head, Buffer.from('piece')])
  const position = slabHeader.length + frameHeaderBytes
  const right = { hash, position, length: 5 }
  const scan = async (entry: SlabEntry) => {
    const slab = Buffer.concat([frames, encodeIndex([entry], frames.length)])
    const disk = new SimulatedDisk(new Map([['/slab', slab]]))
    return scanSlab(disk, disk.open('/slab', 'read'))
  }
  t.same(await scan(right), { entries: [right], end: undefined })
  for (const wrong of [{ position: 8 }, { length: 6 }, { position: 2 ** 32 - 1 }]) {
    t.same(await scan({ ...right, ...wrong }), { entries: [right], end: frames.length })
  }
})

test('a frame header comes back, and any bytes are not taken for one', async (t) => {
  const frame = Buffer.alloc(frameHeaderBytes + 10)
  const hash = Buffer.alloc(32, 9)
  putFrameHeader(frame, 5, hash, 12_345)
  t.equal(frameLengthAt(frame, 5), 12_345)
  t.ok(frameHashAt(frame, 5).equals(hash))
  for (let at = 5; at < 5 + 44; at++) {
    const flipped = Buffer.from(frame)
    flipped[at]! ^= 32
    if (frameLengthAt(flipped, 5) !== undefined) t.fail(`byte ${at}`)
  }
  putFrameHeader(frame, 0, hash, (64 << 20) + 1)
  t.equal(frameLengthAt(frame, 0), undefined, 'longer than any piece')
})
