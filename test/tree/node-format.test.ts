import fc from 'fast-check'
import { test } from 'tap'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { Compression } from '../../src/terms/piece-coding.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'
import type { Entry, MapKind } from '../../src/tree/btree/map-kind.ts'
import {
  checkNode,
  decodeNode,
  encodeInner,
  encodeLeaf,
  isLeaf,
} from '../../src/tree/btree/node-format.ts'
import type { Extent } from '../../src/tree/extent-map.ts'
import { FormatError } from '../../src/tree/format-error.ts'
import { FileType } from '../../src/tree/inode.ts'
import { directoryKind, LinkedName } from '../../src/tree/kinds/directory-kind.ts'
import { extentsKind } from '../../src/tree/kinds/extents-kind.ts'
import { integerKey } from '../../src/tree/kinds/integer-key.ts'
import { linksKind } from '../../src/tree/kinds/links-kind.ts'
import { packKey, packsKind } from '../../src/tree/kinds/packs-kind.ts'
import { maxPieceBytes } from '../../src/tree/piece-ref.ts'
import type { PackNaming } from '../../src/tree/node-source.ts'
import { TreeInode } from '../../src/tree/worktree/tree-inode.ts'
import {
  anyBlob,
  anyExtents,
  anyInode,
  anyName,
  anyPiece,
  anySize,
  comparableExtent,
  storedFields,
} from './arbitraries.ts'
import { faultOf } from './fault-of.ts'
import { propertyRuns } from './property-runs.ts'

const here = 'H'.repeat(42).concat('A') as BlobId
const naming: PackNaming = (ref) => (ref.blob === here ? 'self' : ref.blob)

/** A leaf of some kind with its entries, keys sorted. */
interface Sample {
  kind: MapKind<unknown>
  entries: Entry<unknown>[]
}

function sample<V>(kind: MapKind<V>, values: fc.Arbitrary<Entry<V>[]>): fc.Arbitrary<Sample> {
  return values.map((entries) => ({
    kind: kind as MapKind<unknown>,
    entries: [...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1)),
  }))
}

const someOf = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 1, maxLength: 6 })
const storable = anyInode(false)
const oneName = storable.map((inode) => {
  if (!inode.isDirectory) inode.nlink = 1
  return inode
})
const row = fc
  .tuple(anyBlob, fc.option(anyBlob, { nil: undefined }), anySize, anySize, fc.nat(9999))
  .map(([blob, object, bytes, liveBytes, endEpoch]) => ({
    blob,
    objectId: object && parseObjectId(Buffer.from(object, 'base64url').toString('hex')),
    bytes,
    liveBytes,
    endEpoch,
  }))

const anySample: fc.Arbitrary<Sample> = fc.oneof(
  sample(
    directoryKind,
    someOf(
      fc.tuple(
        anyName,
        fc.oneof(
          oneName,
          anySize.map((ino) => new LinkedName(ino, FileType.regular)),
        ),
      ),
    ),
  ),
  sample(
    linksKind,
    someOf(storable.filter((inode) => !inode.isDirectory)).map((inodes) =>
      inodes.map((inode) => [integerKey(inode.ino), inode] as const),
    ),
  ),
  sample(
    packsKind,
    someOf(row).map((rows) => rows.map((row) => [packKey(row.blob), row] as const)),
  ),
  sample(
    extentsKind,
    anyExtents(false)
      .filter((list) => list.count > 0)
      .map((list) => [...list.all()].map((extent) => [integerKey(extent.start), extent] as const)),
  ),
)

function decoded({ kind }: Sample, bytes: Uint8Array): Entry<unknown>[] {
  const node = decodeNode(kind, bytes, here)
  return isLeaf(node) ? node.keys.map((key, i) => [key, node.value(i)] as const) : []
}

function comparable(given: Sample, [key, value]: Entry<unknown>): unknown {
  if (value instanceof TreeInode) {
    if (value.extentPage) void value.ownExtents
    return [key, storedFields(value)]
  }
  return [key, given.kind.code === extentsKind.code ? comparableExtent(value as Extent) : value]
}

test('a leaf of any kind decodes to the entries that it was made of', async (t) => {
  fc.assert(
    fc.property(anySample, (given) => {
      const bytes = encodeLeaf(given.kind, given.entries, naming)
      const again = decoded(given, bytes)
      const compared = (entry: Entry<unknown>) => comparable(given, entry)
      t.same(again.map(compared), given.entries.map(compared))
      t.same(encodeLeaf(given.kind, again, naming), bytes, 'the same entries give the same bytes')
    }),
    propertyRuns(300),
  )
})

test('an inner node decodes to the children that it was made of', async (t) => {
  const anyChild = fc.record({ ref: anyPiece, count: fc.nat(), inodes: fc.nat(), bytes: fc.nat() })
  fc.assert(
    fc.property(fc.uniqueArray(anyName, { minLength: 2 }), someOf(anyChild), (names, parts) => {
      const children = names
        .sort((a, b) => (a < b ? -1 : 1))
        .map((key, i) => ({ key, ...parts[i % parts.length]! }))
      const node = decodeNode(directoryKind, encodeInner(directoryKind, 3, children, naming), here)
      t.equal(node.level, 3)
      t.same(isLeaf(node) || node.children, children)
    }),
  )
})

test('a damaged node is refused as such, or decodes to entries that encode to just its bytes', async (t) => {
  let refused = 0
  fc.assert(
    fc.property(
      anySample,
      fc.nat(),
      fc.nat(),
      fc.nat(255),
      fc.nat(5),
      (given, at, to, byte, how) => {
        const bytes = Buffer.from(encodeLeaf(given.kind, given.entries, naming))
        let damaged: Buffer = bytes
        if (how === 0) damaged = bytes.subarray(0, at % bytes.length)
        else if (how === 1) damaged = Buffer.concat([bytes, Buffer.from([byte])])
        else if (how === 2) bytes.copyWithin(at % bytes.length, to % bytes.length)
        else bytes[at % bytes.length] = byte
        try {
          const entries = decoded(given, damaged)
          for (const [, value] of entries) if (value instanceof TreeInode) void value.extents
          const again = encodeLeaf(given.kind, entries, naming)
          // The table of blobs may list them in another order or list some that nothing names.
          if (damaged[3] === again[3] && !Buffer.from(again).equals(damaged)) {
            const body = (page: Uint8Array) =>
              Buffer.from(page)
                .subarray(4 + page[3]! * 32)
                .toString('hex')
            if (body(again) !== body(damaged)) throw new Error(`${damaged.toString('hex')}`)
          }
        } catch (error) {
          if (!(error instanceof FormatError)) throw error
          refused++
        }
      },
    ),
    propertyRuns(4000),
  )
  t.ok(refused > 1000)
})

const fileIn = (change: (inode: TreeInode) => void = () => {}) => {
  const inode = new TreeInode(9, FileType.regular | 0o644)
  inode.nlink = 1
  change(inode)
  return inode
}
const leaf = (...entries: Entry<TreeInode | LinkedName>[]) =>
  encodeLeaf(directoryKind, entries, naming)
const readAll = (bytes: Uint8Array) =>
  decoded({ kind: directoryKind as MapKind<unknown>, entries: [] }, bytes)

test('names that cannot be, and keys out of order, are refused', async (t) => {
  const longest = 'n'.repeat(255)
  t.equal(readAll(leaf([longest, fileIn()])).length, 1)
  for (const name of ['', '.', '..', 'a/b', '/', 'a\0b', longest + 'n']) {
    t.equal(
      faultOf(() => readAll(leaf([name, fileIn()]))),
      'damaged',
      JSON.stringify(name),
    )
  }
  t.equal(
    faultOf(() => readAll(leaf(['a', fileIn()], ['a', fileIn()]))),
    'damaged',
  )
  t.equal(
    faultOf(() => readAll(leaf(['b', fileIn()], ['a', fileIn()]))),
    'damaged',
  )
})

test('fields that lie are refused', async (t) => {
  const refused = (change: (inode: TreeInode) => void) =>
    t.equal(
      faultOf(() => readAll(leaf(['a', fileIn(change)]))),
      'damaged',
    )
  refused((inode) => (inode.ino = 0))
  refused((inode) => (inode.mode = 0o170644))
  refused((inode) => (inode.mode = 0o644))
  refused((inode) => (inode.nlink = 2))
  refused((inode) => (inode.nlink = 0))
  refused((inode) => (inode.uid = 2 ** 32))
  refused((inode) => (inode.mtimeNsec = 1e9))
  refused((inode) => (inode.mode = FileType.symlink) && (inode.target = Buffer.alloc(4097)))
  for (const target of ['', 'a\0b']) {
    refused((inode) => (inode.mode = FileType.symlink) && (inode.target = Buffer.from(target)))
  }
  refused((inode) => (inode.xattrs = new Map([['a\0' as never, Buffer.alloc(1)]])))
  refused((inode) => inode.ownExtents.put(0, 5, { kind: 'inline', bytes: Buffer.alloc(5), at: 0 }))
  t.equal(
    faultOf(() => readAll(leaf(['a', new LinkedName(9, FileType.directory)]))),
    'damaged',
  )
  t.equal(
    faultOf(() => readAll(leaf(['a', new LinkedName(9, 0o050000)]))),
    'damaged',
  )
})

test('a piece that no memory should be kept for is refused', async (t) => {
  const [ref] = fc.sample(anyPiece, { numRuns: 1, seed: 1 })
  const extent = (bytes: number, length: number): Extent => {
    const piece = { ...ref!, storedLength: bytes, length, compression: Compression.zstd }
    return { start: 0, end: 5, source: { kind: 'piece', piece, at: 0 } }
  }
  const read = (bytes: number, length: number) => {
    const entry: Entry<unknown> = [integerKey(0), extent(bytes, length)]
    const kind = extentsKind as MapKind<unknown>
    return faultOf(() => decoded({ kind, entries: [] }, encodeLeaf(kind, [entry], naming)))
  }
  t.equal(read(maxPieceBytes, maxPieceBytes), undefined)
  t.equal(read(maxPieceBytes + 1, 5), 'damaged')
  t.equal(read(5, 2 ** 40), 'damaged')
})

test('a node of another version, kind or feature is refused as such', async (t) => {
  const bytes = Buffer.from(leaf(['a', fileIn()]))
  const changed = (at: number, byte: number) => Buffer.from(bytes).fill(byte, at, at + 1)
  t.equal(
    faultOf(() => readAll(changed(0, 2))),
    'version',
  )
  t.equal(
    faultOf(() => readAll(changed(1, 2))),
    'damaged',
  )
  t.equal(
    faultOf(() => readAll(changed(2, 1))),
    'feature',
  )
  t.equal(
    faultOf(() => readAll(changed(4, 33))),
    'damaged',
  )
})

test('a node that is not the one its parent speaks of is refused', async (t) => {
  const node = decodeNode(directoryKind, leaf(['b', fileIn()], ['c', fileIn()]), here)
  const totals = { count: 2, inodes: 2, bytes: 0 }
  checkNode(directoryKind, node, { level: 0, after: 'a', last: 'c', totals })
  const wrong = (expected: Parameters<typeof checkNode>[2]) =>
    t.equal(
      faultOf(() => checkNode(directoryKind, node, expected)),
      'damaged',
    )
  wrong({ level: 1 })
  wrong({ level: 0, after: 'b' })
  wrong({ level: 0, last: 'd' })
  wrong({ level: 0, totals: { ...totals, count: 3 } })
  t.throws(() => encodeLeaf(extentsKind, [[integerKey(0), sliceExtent]], naming), /slice/)
})

const sliceExtent = {
  start: 0,
  end: 1,
  source: { kind: 'slice' as const, slice: { id: 1, segment: 1, position: 0, length: 1 }, at: 0 },
}
