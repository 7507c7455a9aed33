import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'tap'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { pieceHashOf } from '../../src/terms/piece-hash.ts'
import { FormatError } from '../../src/tree/format-error.ts'
import {
  decodePackIndex,
  decodePackTrailer,
  encodePackIndex,
  encodePackTrailer,
  packTrailerBytes,
  PieceUse,
} from '../../src/tree/format/pack-format.ts'
import type { IndexedPiece } from '../../src/tree/format/pack-format.ts'
import { anyPiece } from './arbitraries.ts'
import { faultOf } from './fault-of.ts'
import { propertyRuns } from './property-runs.ts'

const blob = randomBytes(32).toString('base64url') as BlobId

const anyPieces = fc
  .array(fc.tuple(anyPiece, fc.constantFrom(...Object.values(PieceUse))), { maxLength: 30 })
  .map((pieces) => {
    let offset = 0
    return pieces.map(([piece, use]): IndexedPiece => {
      const ref = { ...piece, blob, offset }
      offset += ref.storedLength
      return { ref, use }
    })
  })

/** The end of a pack, made as a packer makes it. */
function packEnd(pieces: readonly IndexedPiece[]): {
  index: Buffer
  trailer: Buffer
  bytes: number
} {
  const index = Buffer.from(encodePackIndex(pieces))
  const last = pieces.at(-1)?.ref
  const offset = last ? last.offset + last.storedLength : 0
  const ref = {
    blob,
    offset,
    storedLength: index.length,
    length: index.length,
    hash: pieceHashOf(index),
  }
  const trailer = Buffer.from(encodePackTrailer({ index: { ...ref, compression: 0, seal: 0 } }))
  return { index, trailer, bytes: offset + index.length + packTrailerBytes }
}

test('the end of a pack says where its pieces lie', async (t) => {
  fc.assert(
    fc.property(anyPieces, (pieces) => {
      const { index, trailer, bytes } = packEnd(pieces)
      t.equal(trailer.length, packTrailerBytes)
      const found = decodePackTrailer(trailer, blob, bytes)
      t.equal(found.index.hash, pieceHashOf(index))
      t.same(decodePackIndex(index, found), pieces)
    }),
  )
})

test('a damaged end of a pack is refused as such', async (t) => {
  const pieces = fc.sample(
    anyPieces.filter(({ length }) => length > 3),
    { numRuns: 1, seed: 1 },
  )[0]!
  const { index, trailer, bytes } = packEnd(pieces)
  for (const at of [0, 7, 10, 15, 16, 24]) {
    const damaged = Buffer.from(trailer)
    damaged[at]! ^= 1
    t.equal(
      faultOf(() => decodePackTrailer(damaged, blob, bytes)),
      'damaged',
    )
  }
  t.equal(
    faultOf(() => decodePackTrailer(Buffer.from(trailer).fill(2, 8, 9), blob, bytes)),
    'version',
  )
  t.equal(
    faultOf(() => decodePackTrailer(Buffer.from(trailer).fill(2, 9, 10), blob, bytes)),
    'feature',
  )
  const twoLengths = Buffer.from(trailer)
  twoLengths[28]! ^= 1
  t.equal(
    faultOf(() => decodePackTrailer(twoLengths, blob, bytes)),
    'damaged',
  )
  t.equal(
    faultOf(() => decodePackTrailer(trailer, blob, bytes + 1)),
    'damaged',
  )
  t.equal(
    faultOf(() => decodePackTrailer(trailer.subarray(1), blob, bytes)),
    'damaged',
  )
  const end = decodePackTrailer(trailer, blob, bytes)
  t.equal(
    faultOf(() => decodePackIndex(Buffer.from(encodePackIndex(pieces.slice(1, 1))), end)),
    'damaged',
  )
  fc.assert(
    fc.property(fc.nat(index.length - 1), fc.nat(255), (at, byte) => {
      try {
        decodePackIndex(Buffer.from(index).fill(byte, at, at + 1), end)
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
      }
    }),
    propertyRuns(2000),
  )
})

test('pieces that do not lie side by side have no index', async (t) => {
  const [a] = fc.sample(anyPiece, 1)
  t.throws(() => encodePackIndex([{ ref: { ...a!, offset: 1 }, use: PieceUse.data }]), RangeError)
})
