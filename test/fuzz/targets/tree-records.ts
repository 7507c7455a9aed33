import fc from 'fast-check'
import { FormatError } from '../../../src/tree/format-error.ts'
import { decodeChange, encodeChange } from '../../../src/tree/format/change-format.ts'
import {
  decodePackIndex,
  decodePackTrailer,
  encodePackIndex,
  encodePackTrailer,
  packTrailerBytes,
  PieceUse,
} from '../../../src/tree/format/pack-format.ts'
import {
  decodeRootRecord,
  encodeRootRecord,
  rootDirectoryOf,
} from '../../../src/tree/format/root-format.ts'
import type { PieceRef } from '../../../src/tree/piece-ref.ts'
import { anyChange } from '../../tree/any-change.ts'
import { anyInode, anyPiece, anySize } from '../../tree/arbitraries.ts'
import { expectSame } from '../target.ts'
import type { FuzzTarget } from '../target.ts'
import { checkWrittenAnew, here, naming, samples } from './tree-nodes.ts'

const self: PieceRef = { ...samples(anyPiece, 1)[0]!, blob: here }
const maybe = fc.option(anyPiece, { nil: undefined })
const anyRoot = fc
  .record({
    sequence: anySize,
    timeMs: anySize,
    writer: fc.string({ unit: 'grapheme', maxLength: 20 }),
    predecessor: maybe,
    inode: anyInode(false).filter((inode) => inode.isDirectory),
    links: maybe,
    packs: maybe,
    usedBytes: anySize,
    usedInodes: anySize,
    nextIno: anySize.map((number) => Math.floor(number / 2)),
  })
  .map(({ inode, ...rest }) => {
    inode.ino = 1
    return { format: 1, features: 0, ...rest, directory: rootDirectoryOf(inode) } as const
  })

const rootRecord: FuzzTarget = {
  name: 'root-record',
  refusals: [FormatError],
  seeds: () => samples(anyRoot).map((record) => encodeRootRecord(record, naming)),
  decode: (input) => {
    // What is no UTF-8 in the writer's name is shown otherwise.
    const isOdd = Buffer.from(decodeRootRecord(input, self).writer).includes('\ufffd')
    if (!isOdd)
      checkWrittenAnew(input, (page) => encodeRootRecord(decodeRootRecord(page, self), naming))
  },
}

const anyPieces = fc
  .array(fc.tuple(anyPiece, fc.constantFrom(...Object.values(PieceUse))), { maxLength: 12 })
  .map((pieces) => {
    let offset = 0
    return pieces.map(([piece, use]) => {
      const ref = { ...piece, blob: here, offset }
      offset += ref.storedLength
      return { ref, use }
    })
  })

/** Eight bytes of the offset at which the index begins, then the index. */
const packIndex: FuzzTarget = {
  name: 'pack-index',
  refusals: [FormatError],
  seeds: () =>
    samples(anyPieces).map((pieces) => {
      const last = pieces.at(-1)?.ref
      const offset = Buffer.alloc(8)
      offset.writeBigUInt64LE(BigInt(last ? last.offset + last.storedLength : 0))
      return Buffer.concat([offset, encodePackIndex(pieces)])
    }),
  decode: (input) => {
    if (input.length < 8) return
    const offset = Number(input.readBigUInt64LE())
    const index = input.subarray(8)
    const pieces = decodePackIndex(index, { index: { ...self, offset } })
    expectSame(encodePackIndex(pieces).subarray(4), index.subarray(4 + 32 * index[3]!), 'an index')
  },
}

/** Eight bytes of the length of the pack, then its last bytes. */
const packTrailer: FuzzTarget = {
  name: 'pack-trailer',
  refusals: [FormatError],
  seeds: () =>
    samples(anyPiece).map((index) => {
      const length = Buffer.alloc(8)
      const bytes = index.offset + index.storedLength + packTrailerBytes
      length.writeBigUInt64LE(BigInt(bytes))
      return Buffer.concat([length, encodePackTrailer({ index: { ...index, blob: here } })])
    }),
  decode: (input) => {
    if (input.length < 8) return
    const bytes = Number(input.readBigUInt64LE() & 0xff_ffff_ffff_ffffn)
    const trailer = decodePackTrailer(input.subarray(8), here, bytes)
    expectSame(encodePackTrailer(trailer), input.subarray(8), 'a trailer')
  },
}

const change: FuzzTarget = {
  name: 'change',
  refusals: [FormatError],
  seeds: () => samples(anyChange, 60).map((one) => encodeChange(one)),
  decode: (input) => expectSame(encodeChange(decodeChange(input)), input, 'a change'),
}

export const treeRecords: readonly FuzzTarget[] = [rootRecord, packIndex, packTrailer, change]
