import { randomBytes } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { test } from 'tap'
import { openPieceCodec } from '../../src/crypto/open-piece-codec.ts'
import { PieceCodingError } from '../../src/crypto/piece-codec.ts'
import type { PieceCoding } from '../../src/crypto/piece-codec.ts'
import { seal } from '../../src/crypto/sealing.ts'
import { Compression, Seal } from '../../src/terms/piece-coding.ts'

const key = randomBytes(32)
const plainCodec = openPieceCodec()
const sealingCodec = openPieceCodec({ key })
const text = Buffer.from('a line of text that says the same again and again\n'.repeat(40_000))

/** Runs of repeated and of random bytes, around the sizes where the codec decides. */
const anyPlain = fc
  .tuple(
    fc.constantFrom(0, 1, 63, 64, 65, 1000, 65_535, 65_536, 200_000),
    fc.constantFrom('zeros', 'random', 'half'),
  )
  .map(([size, kind]) => {
    const bytes = Buffer.alloc(size)
    if (kind !== 'zeros') randomBytes(kind === 'half' ? size >> 1 : size).copy(bytes)
    return bytes
  })

test('what was encoded decodes to the same bytes', async (t) => {
  fc.assert(
    fc.property(anyPlain, fc.boolean(), (plain, sealed) => {
      const codec = sealed ? sealingCodec : plainCodec
      const { stored, ...coding } = codec.encode(plain)
      t.ok(Buffer.from(codec.decode(coding, stored)).equals(plain))
      t.equal(coding.length, plain.length)
    }),
  )
})

test('compresses what gains and leaves the rest as it is', async (t) => {
  t.equal(plainCodec.encode(text).compression, Compression.zstd)
  t.ok(plainCodec.encode(text).stored.length < text.length / 50)
  const noise = randomBytes(1 << 20)
  t.equal(plainCodec.encode(noise).compression, Compression.none)
  t.equal(plainCodec.encode(noise).stored, noise, 'not even copied')
  t.equal(plainCodec.encode(Buffer.alloc(63)).compression, Compression.none)
})

test('the same plain bytes give the same stored ones, unless they are sealed', async (t) => {
  t.same(plainCodec.encode(text), plainCodec.encode(text))
  const [a, b] = [sealingCodec.encode(text), sealingCodec.encode(text)]
  t.notSame(a.stored, b.stored)
  t.equal(a.seal, Seal.xaes256gcm)
  t.same(sealingCodec.encodeAlike(text), sealingCodec.encodeAlike(text))
  t.notSame(
    sealingCodec.encodeAlike(text).stored,
    sealingCodec.encodeAlike(text.subarray(1)).stored,
  )
})

test('a sealed piece shows nothing of its bytes', async (t) => {
  const { stored } = sealingCodec.encode(Buffer.from('canary'))
  t.notOk(Buffer.from(stored).includes('canary'))
})

test('a changed byte, another key or another coding does not open', async (t) => {
  const { stored, ...coding } = sealingCodec.encode(text)
  const wrong = (as: PieceCoding, bytes: Uint8Array, codec = sealingCodec) =>
    t.throws(() => codec.decode(as, bytes), PieceCodingError)
  for (const at of [0, 11, 12, stored.length - 17, stored.length - 16, stored.length - 1]) {
    const damaged = Buffer.from(stored)
    damaged[at]! ^= 1
    wrong(coding, damaged)
  }
  wrong(coding, stored.subarray(0, 27))
  wrong(coding, stored.subarray(1))
  wrong(coding, stored, openPieceCodec({ key: randomBytes(32) }))
  wrong({ ...coding, length: coding.length + 1 }, stored)
  wrong({ ...coding, compression: Compression.none }, stored)
  wrong(coding, stored, plainCodec)
})

test('a codec with a key refuses pieces that are not sealed', async (t) => {
  const { stored, ...coding } = plainCodec.encode(text)
  t.throws(() => sealingCodec.decode(coding, stored), /not sealed/)
})

test('unknown codings are refused', async (t) => {
  const bytes = Buffer.alloc(4)
  const coding = { compression: Compression.none, seal: Seal.none, length: 4 }
  t.throws(() => plainCodec.decode({ ...coding, compression: 2 as 1 }, bytes), PieceCodingError)
  t.throws(() => plainCodec.decode({ ...coding, seal: 2 as 1 }, bytes), PieceCodingError)
  t.throws(() => plainCodec.decode({ ...coding, length: 5 }, bytes), PieceCodingError)
  t.throws(() => openPieceCodec({ key: randomBytes(31) }), RangeError)
})

test('a frame that says less or more than the reference is refused without unpacking it', async (t) => {
  const bomb = zstdCompressSync(Buffer.alloc(256 << 20))
  const coding = { compression: Compression.zstd, seal: Seal.none }
  const before = process.memoryUsage.rss()
  t.throws(() => plainCodec.decode({ ...coding, length: 4096 }, bomb), PieceCodingError)
  t.ok(process.memoryUsage.rss() - before < 64 << 20)
  const small = zstdCompressSync(Buffer.alloc(100))
  t.throws(() => plainCodec.decode({ ...coding, length: 101 }, small), PieceCodingError)
  t.throws(() => plainCodec.decode({ ...coding, length: 99 }, small), PieceCodingError)
  t.throws(() => plainCodec.decode({ ...coding, length: 0 }, small), PieceCodingError)
})

test('any bytes in place of a frame are refused or give the length that was asked for', async (t) => {
  const frame = Buffer.from(plainCodec.encode(text.subarray(0, 5000)).stored)
  fc.assert(
    fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const damaged = Buffer.from(frame)
      damaged[at]! ^= flip
      const coding = { compression: Compression.zstd, seal: Seal.none, length: 5000 }
      try {
        if (plainCodec.decode(coding, damaged).length !== 5000) throw new Error('length')
      } catch (error) {
        if (!(error instanceof PieceCodingError)) throw error
      }
    }),
    { numRuns: 500 },
  )
  t.pass('for all damages tried')
})

test('a piece of seal 1 is read', async (t) => {
  const as = { compression: Compression.none, length: text.length }
  const coding = { ...as, seal: Seal.aes256gcm }
  t.same(sealingCodec.decode(coding, seal(key, as, text)), text)
  const other = seal(randomBytes(32), as, text)
  t.throws(() => sealingCodec.decode(coding, other), PieceCodingError)
  t.throws(() => plainCodec.decode(coding, seal(key, as, text)), PieceCodingError)
})
