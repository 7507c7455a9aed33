import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Test } from 'tap'
import { CodecError } from '../../src/redstuff/codec.ts'
import type { Codec } from '../../src/redstuff/codec.ts'
import { verifyRecoverySymbol } from '../../src/redstuff/recovery-proof.ts'
import { encodedBlob, symbolsFor, tampered } from './encoded-blob.ts'
import type { EncodedBlob } from './encoded-blob.ts'
import { never } from './vector-check.ts'
import { stream } from './vectors/vector.ts'

interface Shape {
  readonly shards: number
  readonly size: number
}

/** Small matrices with every kind of rate, chunk and symbol tail. */
const shape: fc.Arbitrary<Shape> = fc
  .record({
    shards: fc.oneof(fc.integer({ min: 4, max: 40 }), fc.constantFrom(48, 64, 65, 100)),
    symbol: fc.integer({ min: 1, max: 200 }),
    less: fc.nat({ max: 300 }),
  })
  .map(({ shards, symbol, less }) => {
    const f = Math.floor((shards - 1) / 3)
    return { shards, size: Math.max(0, (shards - 2 * f) * (shards - f) * symbol - less) }
  })

function shuffled(count: number, seed: number): number[] {
  let state = seed
  const order = Array.from({ length: count }, (_, k) => k)
  for (let k = count - 1; k > 0; k--) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    const other = Math.floor((state / 2 ** 32) * (k + 1))
    ;[order[k], order[other]] = [order[other]!, order[k]!]
  }
  return order
}

function needed(shards: number, axis: 'primary' | 'secondary'): number {
  const f = Math.floor((shards - 1) / 3)
  return axis === 'primary' ? shards - 2 * f : shards - f
}

/** What every Codec must do. Run it once for each implementation; `runs` says how often a property is tried. */
export function codecSuite(t: Test, open: () => Promise<Codec>, runs = 40): void {
  let codec: Codec
  let sample: EncodedBlob
  t.before(async () => {
    codec = await open()
    sample = await encodedBlob(codec, 10, 3000)
  })
  t.after(() => codec.close())

  for (const axis of ['primary', 'secondary'] as const) {
    t.test(`a blob comes back from any sufficient ${axis} slivers`, async () => {
      const property = fc.asyncProperty(shape, fc.nat(), async ({ shards, size }, seed) => {
        const encoded = await encodedBlob(codec, shards, size)
        const chosen = shuffled(shards, seed).slice(0, needed(shards, axis))
        const slivers = chosen.map((index) => encoded.sliver(axis, index))
        const check = (['skip', 'default', 'strict'] as const)[seed % 3]!
        const blob = await codec.decode(encoded.metadata, slivers, check, never)
        return Buffer.compare(blob, encoded.blob) === 0
      })
      await fc.assert(property, { numRuns: runs })
    })

    t.test(`every ${axis} sliver is recovered from symbols of those that cross it`, async () => {
      const property = fc.asyncProperty(shape, fc.nat(), async ({ shards, size }, seed) => {
        const encoded = await encodedBlob(codec, shards, size)
        const target = { axis, index: seed % shards }
        const crossing = axis === 'primary' ? 'secondary' : 'primary'
        const sources = shuffled(shards, seed).slice(0, needed(shards, crossing))
        const symbols = await symbolsFor(codec, encoded, target, sources)
        const sliver = await codec.recover(encoded.metadata, target, symbols, never)
        return Buffer.compare(sliver.data, encoded.sliver(axis, target.index).data) === 0
      })
      await fc.assert(property, { numRuns: runs })
    })

    t.test(`true ${axis} slivers verify and changed ones do not`, async () => {
      const property = fc.asyncProperty(shape, fc.nat(), async ({ shards, size }, seed) => {
        const { metadata, sliver } = await encodedBlob(codec, shards, size)
        const all = Array.from({ length: shards }, (_, index) => sliver(axis, index))
        const bad = seed % shards
        const mixed = all.map((own, k) => (k === bad ? tampered(own, seed % own.data.length) : own))
        const verdicts = await codec.verify(metadata, mixed, never)
        return verdicts.every((verdict, k) => verdict === (k !== bad))
      })
      await fc.assert(property, { numRuns: runs })
    })

    t.test(`too few ${axis} slivers are a clear error`, async (t) => {
      const count = needed(10, axis) - 1
      const slivers = Array.from({ length: count }, (_, k) => sample.sliver(axis, k + 1))
      slivers.push(slivers[0]!)
      const error = { name: 'CodecError', code: 'too-few', message: RegExp(`${count} of`) }
      await t.rejects(codec.decode(sample.metadata, slivers, 'default', never), error)
      const symbols = await symbolsFor(codec, sample, { axis, index: 9 }, [0, 1])
      await t.rejects(codec.recover(sample.metadata, { axis, index: 9 }, symbols, never), {
        name: 'CodecError',
        code: 'too-few',
      })
    })

    t.test(`a false ${axis} sliver is noticed wherever it stands`, async (t) => {
      for (const check of ['default', 'strict'] as const) {
        for (const first of [0, 10 - needed(10, axis)]) {
          const slivers = Array.from({ length: needed(10, axis) }, (_, k) =>
            sample.sliver(axis, first + k),
          )
          slivers[1] = tampered(slivers[1]!, 5)
          await t.rejects(codec.decode(sample.metadata, slivers, check, never), {
            name: 'CodecError',
            code: 'mismatch',
          })
        }
      }
    })

    t.test(`a false symbol for a ${axis} sliver is noticed`, async (t) => {
      const target = { axis, index: 8 }
      const symbols = await symbolsFor(codec, sample, target, [9, 8, 7, 6, 5, 4, 3])
      const wrong = symbols.map((symbol, k) =>
        k === 6 ? { ...symbol, data: symbol.data.map((byte) => byte ^ 4) } : symbol,
      )
      await t.rejects(codec.recover(sample.metadata, target, wrong, never), {
        name: 'CodecError',
        code: 'mismatch',
      })
    })
  }

  t.test('slivers of a wrong length, index or symbol size do not verify', async (t) => {
    const good = sample.sliver('primary', 3)
    const bad = [
      { ...good, data: good.data.subarray(1) },
      { ...good, data: new Uint8Array(0) },
      { ...good, index: 4 },
      { ...good, index: 10 },
      { ...good, index: -1 },
      { ...good, symbolBytes: good.symbolBytes + 2 },
      { ...good, axis: 'secondary' as const },
    ]
    const verdicts = await codec.verify(sample.metadata, [good, ...bad], never)
    t.same(verdicts, [true, ...bad.map(() => false)])
    t.same(await codec.verify(sample.metadata, [], never), [])
  })

  t.test('slivers that passed verify are trusted where the caller says so', async (t) => {
    const slivers = [0, 1, 2, 3].map((index) => sample.sliver('primary', index))
    const options = { verified: true }
    const blob = await codec.decode(sample.metadata, slivers, 'default', never, options)
    t.same(Buffer.from(blob), Buffer.from(sample.blob))
  })

  t.test('a recovery symbol proves where it comes from', async () => {
    const property = fc.asyncProperty(shape, fc.nat(), async ({ shards, size }, seed) => {
      const { metadata, sliver } = await encodedBlob(codec, shards, size)
      const axis = seed % 2 === 0 ? 'primary' : 'secondary'
      const [source, target] = [seed % shards, (seed >> 3) % shards]
      const { data, proof } = await codec.recoverySymbol(
        shards,
        sliver(axis, source),
        target,
        never,
      )
      const check = (symbol: Uint8Array, of = source, to = target) =>
        verifyRecoverySymbol(metadata, axis, of, to, symbol, proof)
      const other = (target + 1) % shards
      const elsewhere = await codec.decodingSymbol(shards, sliver(axis, source), other, never)
      const differ = Buffer.compare(elsewhere, data) !== 0
      return (
        check(data) &&
        !check(data.map((byte) => ~byte)) &&
        !(differ && check(data, source, other)) &&
        !check(data, shards)
      )
    })
    await fc.assert(property, { numRuns: runs })
  })

  t.test('a stored sliver of a wrong length is refused', async (t) => {
    const sliver = sample.sliver('primary', 1)
    const short = { ...sliver, data: sliver.data.subarray(2) }
    await t.rejects(codec.decodingSymbol(10, short, 1, never), { name: 'CodecError' })
    await t.rejects(codec.recoverySymbol(10, sliver, 10, never), { name: 'CodecError' })
  })

  t.test('metadata alone are those of the encoding', async () => {
    const property = fc.asyncProperty(shape, async ({ shards, size }) => {
      const source = { kind: 'bytes', bytes: stream(size) } as const
      const alone = await codec.metadata(shards, source, never)
      const { metadata } = await encodedBlob(codec, shards, size)
      return (
        alone.blobId === metadata.blobId &&
        Buffer.compare(alone.hashes, metadata.hashes) === 0 &&
        Buffer.compare(alone.rootHash, metadata.rootHash) === 0 &&
        alone.unencodedLength === size &&
        alone.shards === shards
      )
    })
    await fc.assert(property, { numRuns: runs })
  })

  t.test('slivers can be had without hashing, and are the same', async (t) => {
    const source = { kind: 'bytes', bytes: sample.blob } as const
    const encoded = await codec.encode(10, source, never, { metadata: sample.metadata })
    t.equal(encoded.metadata.blobId, sample.metadata.blobId)
    for (const axis of ['primary', 'secondary'] as const) {
      const index = axis === 'primary' ? 7 : 2
      const bcs = await encoded.sliverBcs(7, axis)
      const data = Buffer.from(bcs.subarray(2, bcs.length - 4))
      t.same(data, Buffer.from(sample.sliver(axis, index).data), axis)
    }
    encoded.release()
  })

  t.test('slivers can be put into bytes that are used again', async (t) => {
    const into = new Uint8Array(200_000)
    // Symbols of 4 bytes, and of over 16 KiB; rows that end in zeros.
    for (const size of [1, 100, 500_001]) {
      const encoded = await codec.encode(10, { kind: 'bytes', bytes: stream(size) }, never)
      for (const axis of ['primary', 'secondary'] as const) {
        for (let pair = 0; pair < 10; pair++) {
          const own = await encoded.sliverBcs(pair, axis)
          const view = await encoded.sliverBcs(pair, axis, into.fill(255))
          t.equal(view.buffer, into.buffer)
          t.ok(Buffer.from(view).equals(own), `${size} bytes, ${axis} of pair ${pair}`)
        }
      }
      encoded.release()
    }
  })

  t.test('released slivers are gone', async (t) => {
    const encoded = await codec.encode(4, { kind: 'bytes', bytes: stream(50) }, never)
    encoded.release()
    encoded.release()
    await t.rejects(async () => encoded.sliverBcs(0, 'primary'), /released/)
  })

  t.test("a part of a file is encoded as the same bytes' blob", async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'redstuff-'))
    t.teardown(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'blob')
    const bytes = stream(70_000)
    writeFileSync(path, bytes)
    for (const [offset, length] of [
      [0, 70_000],
      [4096, 0],
      [4097, 1],
      [1, 69_999],
    ] as const) {
      const part = { kind: 'bytes', bytes: bytes.subarray(offset, offset + length) } as const
      const file = { kind: 'file', path, offset, length } as const
      const [one, other] = [
        await codec.metadata(13, file, never),
        await codec.metadata(13, part, never),
      ]
      t.equal(one.blobId, other.blobId, `${length} bytes from ${offset}`)
    }
    const tooLong = { kind: 'file', path, offset: 0, length: 70_001 } as const
    await t.rejects(codec.encode(13, tooLong, never), /ends at 70000/)
    const missing = { kind: 'file', path: join(directory, 'none'), offset: 0, length: 1 } as const
    await t.rejects(codec.metadata(13, missing, never), { code: 'ENOENT' })
  })

  t.test('sizes and shards that the code does not have are refused', async (t) => {
    const code = async (shards: number, size: number) => {
      const source = { kind: 'bytes', bytes: new Uint8Array(size) } as const
      const error: unknown = await codec.encode(shards, source, never).catch((e: unknown) => e)
      return error instanceof CodecError ? error.code : error
    }
    t.equal(await code(3, 1), 'bad-shards')
    t.equal(await code(0, 1), 'bad-shards')
    t.equal(await code(4.5, 1), 'bad-shards')
    t.equal(await code(4, 6 * 65534 + 1), 'too-large')
  })

  t.test("an abort rejects with the signal's reason", async (t) => {
    const reason = new Error('enough')
    const source = { kind: 'bytes', bytes: stream(300_000) } as const
    await t.rejects(codec.encode(31, source, AbortSignal.abort(reason)), reason)
    await t.rejects(codec.verify(sample.metadata, [], AbortSignal.abort(reason)), reason)
    const stop = new AbortController()
    const encoding = codec.encode(301, source, stop.signal)
    setTimeout(() => stop.abort(reason), 1)
    await t.rejects(encoding, reason)
  })

  t.test('a closed codec refuses work', async (t) => {
    const other = await open()
    await other.close()
    const source = { kind: 'bytes', bytes: stream(5) } as const
    await t.rejects(other.metadata(4, source, never), { name: 'CodecError', code: 'closed' })
  })
}
