import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'tap'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { FormatError } from '../../src/tree/format-error.ts'
import {
  decodeRootRecord,
  encodeRootRecord,
  rootDirectoryOf,
} from '../../src/tree/format/root-format.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import { FileType } from '../../src/tree/inode.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import { TreeInode } from '../../src/tree/worktree/tree-inode.ts'
import { anyInode, anyPiece, anySize } from './arbitraries.ts'
import { faultOf } from './fault-of.ts'
import { propertyRuns } from './property-runs.ts'

const self: PieceRef = {
  ...fc.sample(anyPiece, 1)[0]!,
  blob: randomBytes(32).toString('base64url') as BlobId,
}
const naming = (ref: PieceRef) => (ref.blob === self.blob ? ('self' as const) : ref.blob)

const anyRef = fc.oneof(
  anyPiece,
  anyPiece.map((ref) => ({ ...ref, blob: self.blob })),
)
const maybe = fc.option(anyRef, { nil: undefined })
const anyRoot: fc.Arbitrary<RootRecord> = fc
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
    return { self, format: 1, features: 0, ...rest, directory: rootDirectoryOf(inode) } as const
  })

function comparable({ directory, ...rest }: RootRecord): unknown {
  const { attributes, ...stored } = directory
  const { mode, nlink, uid, gid, atimeSec, mtimeNsec, ctimeSec } = attributes
  return {
    ...rest,
    ...stored,
    attributes: { mode, nlink, uid, gid, atimeSec, mtimeNsec, ctimeSec },
  }
}

test('a root record decodes to what was encoded, in its own pack and in others', async (t) => {
  fc.assert(
    fc.property(anyRoot, (record) => {
      const bytes = encodeRootRecord(record, naming)
      const again = decodeRootRecord(bytes, self)
      t.same(comparable(again), comparable(record))
      t.same(encodeRootRecord(again, naming), bytes)
    }),
  )
})

test('a damaged root record is refused as such or says something else', async (t) => {
  fc.assert(
    fc.property(anyRoot, fc.nat(), fc.nat(255), fc.boolean(), (record, at, byte, cut) => {
      const bytes = Buffer.from(encodeRootRecord(record, naming))
      bytes[at % bytes.length] = byte
      try {
        decodeRootRecord(cut ? bytes.subarray(0, at % bytes.length) : bytes, self)
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
      }
    }),
    propertyRuns(2000),
  )
  t.pass('for all damages tried')
})

test('a newer format or feature, and a root that is no directory, are refused as such', async (t) => {
  const record = fc.sample(anyRoot, 1)[0]!
  const bytes = Buffer.from(encodeRootRecord(record, naming))
  const changed = (at: number, byte: number) => Buffer.from(bytes).fill(byte, at, at + 1)
  t.equal(
    faultOf(() => decodeRootRecord(changed(0, 2), self)),
    'version',
  )
  t.equal(
    faultOf(() => decodeRootRecord(changed(2, 4), self)),
    'feature',
  )
  const file = new TreeInode(1, FileType.regular)
  file.nlink = 1
  const attributes = { ...record.directory, attributes: file, node: undefined, xattrs: undefined }
  t.equal(
    faultOf(() =>
      decodeRootRecord(encodeRootRecord({ ...record, directory: attributes }, naming), self),
    ),
    'damaged',
  )
})
