import { bcs } from '@mysten/sui/bcs'
import fc from 'fast-check'
import { test } from 'tap'
import {
  hashToU256,
  parseCapability,
  parseCommitted,
  parseManifest,
  parseSnapshot,
} from '../../src/manifest/layouts.ts'
import { parseBlobObject, parsePool } from '../../src/store/chain/walrus-layouts.ts'
import { blobIdToU256 } from '../../src/terms/blob-id.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'
import { numberedRoot } from './manifest-suite.ts'

const ids = [1, 2, 3].map((number) => parseObjectId(String(number)))
const address = bcs.Address

function join(parts: readonly { toBytes(): Uint8Array }[]): Buffer {
  return Buffer.concat(parts.map((part) => part.toBytes()))
}

const root = numberedRoot(5)
/** Field by field, in the order of the Move source. */
function rootParts(offset: bigint | number = root.offset) {
  return [
    bcs.u16().serialize(root.format),
    bcs.u256().serialize(blobIdToU256(root.blob)),
    bcs.u64().serialize(offset),
    bcs.u64().serialize(root.length),
    bcs.u256().serialize(hashToU256(root.hash)),
    bcs.u64().serialize(root.usedBytes),
    bcs.u64().serialize(root.usedInodes),
    bcs.u32().serialize(root.endEpoch),
  ]
}

function manifestBytes(offset?: bigint): Buffer {
  return join([
    address.serialize(ids[0]!),
    bcs.u64().serialize(1),
    bcs.u64().serialize(9),
    bcs.u64().serialize(7),
    bcs.bool().serialize(false),
    ...rootParts(offset),
    bcs.vector(bcs.byteVector()).serialize([Uint8Array.of(1, 2), Uint8Array.of(3)]),
    bcs.u64().serialize(3),
    address.serialize(ids[1]!),
    bcs.vector(address).serialize([ids[1]!, ids[2]!]),
    address.serialize(ids[2]!),
    bcs.u64().serialize(77),
    bcs.string().serialize('Laufwerk ä'),
  ])
}

test('a manifest is read field by field', async (t) => {
  t.same(parseManifest(manifestBytes(), 'digest'), {
    id: ids[0],
    schema: 1,
    sequence: 9n,
    rootSequence: 7n,
    sealed: false,
    root,
    inline: [Uint8Array.of(1, 2), Uint8Array.of(3)],
    lastWriter: ids[1],
    writers: [ids[1], ids[2]],
    lease: { writer: ids[2], untilMs: 77 },
    name: 'Laufwerk ä',
    previousTransaction: 'digest',
  })
})

test('the hash of a root is that of its bytes, little end first', async (t) => {
  const first = Buffer.from(root.hash, 'base64url')
  t.equal(hashToU256(root.hash) & 255n, BigInt(first[0]!))
})

test('bytes from outside are read or refused, never more', async (t) => {
  const good = manifestBytes()
  const parsers = [
    (bytes: Uint8Array) => parseManifest(bytes, ''),
    (bytes: Uint8Array) => parseSnapshot(bytes, ''),
    parseCapability,
    parseCommitted,
    parseBlobObject,
    parsePool,
  ]
  const known = (error: unknown): boolean =>
    error instanceof Error && ['ManifestError', 'StoreError'].includes(error.name)
  const attempt = (bytes: Uint8Array): boolean =>
    parsers.every((parse) => {
      try {
        parse(bytes)
        return true
      } catch (error) {
        return known(error)
      }
    })
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), attempt), { numRuns: 300 })
  const damaged = fc.tuple(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length))
  fc.assert(
    fc.property(damaged, ([at, byte, end]) => {
      const bytes = Uint8Array.from(good)
      bytes[at] = byte
      return attempt(bytes) && attempt(bytes.subarray(0, end))
    }),
    { numRuns: 300 },
  )
  t.throws(() => parseManifest(manifestBytes(2n ** 60n), ''), { code: 'rejected' })
  t.throws(() => parseManifest(manifestBytes(2n ** 53n - 1n), ''), { code: 'rejected' })
})
