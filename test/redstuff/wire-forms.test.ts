import fc from 'fast-check'
import { test } from 'tap'
import { FormatError } from '../../src/redstuff/byte-reader.ts'
import { metadataFromHashes, metadataIsSound } from '../../src/redstuff/metadata.ts'
import {
  decodeMetadata,
  decodeMetadataWithId,
  encodeMetadata,
  encodeMetadataWithId,
} from '../../src/redstuff/metadata-bcs.ts'
import { decodeSliver, encodeSliver } from '../../src/redstuff/sliver-bcs.ts'
import {
  decodeDecodingSymbols,
  decodeRecoverySymbols,
  encodeDecodingSymbols,
  encodeRecoverySymbols,
} from '../../src/redstuff/symbol-bcs.ts'

const axis = fc.constantFrom('primary' as const, 'secondary' as const)
const u16 = fc.nat({ max: 65535 })
const hash = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  fc.constant(new Uint8Array(32)),
)
const data = fc.uint8Array({ maxLength: 300 })
const metadata = fc
  .record({ shards: fc.integer({ min: 4, max: 300 }), seed: fc.nat({ max: 255 }), size: u16 })
  .map(({ shards, seed, size }) =>
    metadataFromHashes(
      Uint8Array.from({ length: shards * 64 }, (_, k) => k * 7 + seed),
      size,
    ),
  )

function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) =>
      part instanceof Uint8Array ? Buffer.from(part).toString('hex') : part,
    ),
  )
}

/** Whatever bytes come, a reader gives a value or a FormatError. */
function survives(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): boolean {
  try {
    read(bytes)
    return true
  } catch (error) {
    return error instanceof FormatError
  }
}

/** Every shorter and every longer form is refused, and flipped bits never crash. */
function isStrict(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): boolean {
  const refused = (changed: Uint8Array): boolean => {
    try {
      read(changed)
      return false
    } catch (error) {
      return error instanceof FormatError
    }
  }
  const longer = Buffer.concat([bytes, new Uint8Array(1)])
  const flipped = bytes.slice()
  flipped[(bytes.length * 7) % bytes.length]! ^= 0x84
  return refused(bytes.subarray(0, -1)) && refused(longer) && survives(read, flipped)
}

test('metadata come back from their bytes', async (t) => {
  fc.assert(
    fc.property(metadata, (original) => {
      const bytes = encodeMetadata(original)
      const withId = encodeMetadataWithId(original)
      t.same(plain(decodeMetadata(bytes)), plain(original))
      t.same(plain(decodeMetadataWithId(withId)), plain(original))
      return (
        metadataIsSound(original) &&
        isStrict(decodeMetadata, bytes) &&
        isStrict(decodeMetadataWithId, withId)
      )
    }),
    { numRuns: 20 },
  )
})

test('metadata under a foreign id, of another code or an impossible size are refused', async (t) => {
  const good = metadataFromHashes(new Uint8Array(4 * 64).fill(3), 100)
  const withId = Buffer.from(encodeMetadataWithId(good))
  withId[3]! ^= 1
  t.throws(() => decodeMetadataWithId(withId), { name: 'FormatError' })
  const bytes = encodeMetadata(good)
  const patch = (at: number, value: number) => bytes.map((own, k) => (k === at ? value : own))
  t.throws(() => decodeMetadata(patch(0, 1)), /version/)
  t.throws(() => decodeMetadata(patch(1, 0)), /RS2/)
  t.throws(() => decodeMetadata(patch(7, 1)), /a blob of/)
  t.throws(() => decodeMetadata(patch(9, 1)), /a length of/)
  t.throws(() => decodeMetadata(patch(10, 3)), /3 shards/)
  t.throws(() => decodeMetadata(patch(11, 0)), /without a hash/)
  t.notOk(metadataIsSound({ ...good, unencodedLength: 101 }))
  t.notOk(metadataIsSound({ ...good, unencodedLength: 6 * 65534 + 1 }))
  t.notOk(metadataIsSound({ ...good, hashes: good.hashes.subarray(64) }))
  t.notOk(metadataIsSound({ ...good, rootHash: new Uint8Array(32) }))
})

test('slivers come back from their bytes', async (t) => {
  fc.assert(
    fc.property(axis, u16, u16, data, (axis, index, symbolBytes, data) => {
      const sliver = { axis, index, symbolBytes, data }
      const bytes = encodeSliver(sliver)
      const read = (bytes: Uint8Array) => decodeSliver(axis, bytes)
      t.same(plain(read(bytes)), plain(sliver))
      return isStrict(read, bytes)
    }),
  )
})

test('recovery symbols come back from their bytes', async (t) => {
  const symbol = fc.record({
    helps: axis,
    index: u16,
    target: u16,
    data,
    proof: fc.array(hash, { maxLength: 16 }),
  })
  fc.assert(
    fc.property(fc.array(symbol, { maxLength: 5 }), (symbols) => {
      const bytes = encodeRecoverySymbols(symbols)
      t.same(plain(decodeRecoverySymbols(bytes)), plain(symbols))
      return isStrict(decodeRecoverySymbols, bytes)
    }),
  )
})

test('decoding symbols come back from their bytes, sorted as BCS sorts maps', async (t) => {
  const symbols = fc.array(fc.record({ index: u16, data }), { maxLength: 4 })
  const target = fc.record({ target: u16, helps: axis, symbols })
  const targets = fc.uniqueArray(target, { maxLength: 5, selector: ({ target }) => target })
  const lowFirst = ({ target }: { target: number }) => Buffer.from([target & 255, target >> 8])
  fc.assert(
    fc.property(targets, (targets) => {
      const bytes = encodeDecodingSymbols(targets)
      const sorted = targets.toSorted((a, b) => Buffer.compare(lowFirst(a), lowFirst(b)))
      const stated = sorted.map((own) =>
        own.symbols.length > 0 ? own : { ...own, helps: 'primary' as const },
      )
      t.same(plain(decodeDecodingSymbols(bytes)), plain(stated))
      return isStrict(decodeDecodingSymbols, bytes)
    }),
  )
})

test('decoding symbols out of order, or of one target twice, are refused', async (t) => {
  const symbols = [{ index: 1, data: Uint8Array.of(7) }]
  const bytes = (target: number) =>
    encodeDecodingSymbols([{ target, helps: 'primary', symbols }]).subarray(1)
  const both = (first: number, second: number) =>
    Buffer.concat([Uint8Array.of(2), bytes(first), bytes(second)])
  t.equal(decodeDecodingSymbols(both(256, 1)).length, 2)
  t.throws(() => decodeDecodingSymbols(both(1, 256)), { name: 'FormatError' })
  t.throws(() => decodeDecodingSymbols(both(1, 1)), { name: 'FormatError' })
})

test('a length that never ends is refused', async (t) => {
  const endless = Buffer.concat([Uint8Array.of(0x81), Buffer.alloc(200, 0x80), Uint8Array.of(4)])
  t.throws(() => decodeSliver('primary', Buffer.concat([endless, Buffer.alloc(8)])), {
    name: 'FormatError',
  })
  const many = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)
  const symbol = Uint8Array.of(0, 1, 0)
  for (const read of [decodeRecoverySymbols, decodeDecodingSymbols]) {
    t.throws(() => read(Buffer.concat([many, symbol, endless])), { name: 'FormatError' })
  }
})

test('no bytes make a reader fall over', async () => {
  const readers = [
    decodeMetadata,
    decodeMetadataWithId,
    (bytes: Uint8Array) => decodeSliver('primary', bytes),
    decodeRecoverySymbols,
    decodeDecodingSymbols,
  ]
  const bytes = fc.uint8Array({ maxLength: 200 })
  fc.assert(
    fc.property(bytes, (bytes) => readers.every((read) => survives(read, bytes))),
    { numRuns: 500 },
  )
})
