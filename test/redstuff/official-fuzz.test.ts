import fc from 'fast-check'
import { test } from 'tap'
import type { Codec } from '../../src/redstuff/codec.ts'
import { openCodec } from '../../src/redstuff/open-codec.ts'
import { maxBlobBytes } from '../../src/redstuff/parameters.ts'
import { never } from './vector-check.ts'

/** Symbol sizes around blocks of 64 bytes, strips and hash blocks. */
const symbols = [2, 4, 6, 62, 64, 66, 126, 128, 130, 190, 192, 254, 256, 258, 382, 384, 386]
const longSymbols = [510, 512, 514, 638, 640, 642, 766, 768, 770, 894, 896, 898, 1024, 1538]
const shards = [4, 5, 6, 7, 8, 9, 10, 13, 16, 31, 32, 33, 47, 48, 49, 52, 64, 65, 100]

interface Case {
  readonly n: number
  readonly size: number
}

/** Around the edges of a whole matrix, of a row and of a symbol. */
function casesOf(n: number, symbol: number, row: number, off: number): Case {
  const f = Math.floor((n - 1) / 3)
  const [rows, columns] = [n - 2 * f, n - f]
  const whole = rows * columns * symbol
  const edge = [whole, whole - row * columns * symbol, whole - row * symbol, row][off % 4]!
  const size = Math.min(Math.max(0, edge + ((off >> 2) % 3) - 1), maxBlobBytes(n))
  return { n, size }
}

function bytesOf(size: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let k = 0, state = seed | 1; k < size; k++) {
    state = Math.imul(state, 1664525) + 1013904223
    bytes[k] = state >>> 24
  }
  return bytes
}

async function sameAsOfficial(
  codec: Codec,
  official: Codec,
  { n, size }: Case,
  seed: number,
): Promise<boolean> {
  const source = { kind: 'bytes', bytes: bytesOf(size, seed) } as const
  const [own, theirs] = await Promise.all([
    codec.encode(n, source, never),
    official.encode(n, source, never),
  ])
  if (Buffer.compare(own.metadata.hashes, theirs.metadata.hashes) !== 0) return false
  if (own.metadata.blobId !== theirs.metadata.blobId) return false
  for (let pair = 0; pair < n; pair++) {
    for (const axis of ['primary', 'secondary'] as const) {
      const [a, b] = [await own.sliverBcs(pair, axis), await theirs.sliverBcs(pair, axis)]
      if (Buffer.compare(a, b) !== 0) return false
    }
  }
  own.release()
  return true
}

test('whatever the official encoder makes of a blob, this one does', async (t) => {
  const codec = await openCodec({ codec: 'simd', workers: 2 })
  const official = await openCodec({ codec: 'official' })
  t.teardown(() => Promise.all([codec.close(), official.close()]))
  const small = fc
    .tuple(fc.constantFrom(...shards), fc.constantFrom(...symbols, ...longSymbols), fc.nat(3))
    .chain(([n, symbol, row]) => fc.nat(11).map((off) => casesOf(n, symbol, row, off)))
    .filter(({ n, size }) => n * n * Math.max(1, size / 1e4) < 3e5)
  const property = fc.asyncProperty(small, fc.nat(), (one, seed) =>
    sameAsOfficial(codec, official, one, seed),
  )
  await fc.assert(property, { numRuns: 90 })
  for (const n of [4, 7, 10]) {
    const size = maxBlobBytes(n)
    t.ok(await sameAsOfficial(codec, official, { n, size }, 5), `the largest blob of ${n} shards`)
  }
  for (const n of [4, 31, 100]) {
    for (const size of [0, 1, 2, 3]) {
      t.ok(await sameAsOfficial(codec, official, { n, size }, 5), `${n} shards, ${size} bytes`)
    }
  }
})

test('so it is with many shards', async (t) => {
  const codec = await openCodec({ codec: 'simd', workers: 2 })
  const official = await openCodec({ codec: 'official' })
  t.teardown(() => Promise.all([codec.close(), official.close()]))
  const cases = [
    casesOf(257, 4, 1, 4),
    casesOf(300, 66, 0, 2),
    casesOf(513, 2, 1, 9),
    casesOf(1000, 2, 2, 1),
  ]
  for (const one of cases) {
    t.ok(await sameAsOfficial(codec, official, one, one.n), `${one.n} shards, ${one.size} bytes`)
  }
})
