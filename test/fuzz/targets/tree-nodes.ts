import fc from 'fast-check'
import type { BlobId } from '../../../src/terms/blob-id.ts'
import { parseObjectId } from '../../../src/terms/object-id.ts'
import type { Entry, MapKind } from '../../../src/tree/btree/map-kind.ts'
import {
  checkNode,
  decodeNode,
  encodeInner,
  encodeLeaf,
  isLeaf,
} from '../../../src/tree/btree/node-format.ts'
import { FormatError } from '../../../src/tree/format-error.ts'
import { ByteReader } from '../../../src/tree/format/byte-reader.ts'
import { FileType } from '../../../src/tree/inode.ts'
import { directoryKind, LinkedName } from '../../../src/tree/kinds/directory-kind.ts'
import { extentsKind } from '../../../src/tree/kinds/extents-kind.ts'
import { integerKey } from '../../../src/tree/kinds/integer-key.ts'
import { linksKind } from '../../../src/tree/kinds/links-kind.ts'
import { packKey, packsKind } from '../../../src/tree/kinds/packs-kind.ts'
import type { StoredNode } from '../../../src/tree/btree/node-format.ts'
import type { PackNaming } from '../../../src/tree/node-source.ts'
import { TreeInode } from '../../../src/tree/worktree/tree-inode.ts'
import {
  anyBlob,
  anyExtents,
  anyInode,
  anyName,
  anyPiece,
  anySize,
} from '../../tree/arbitraries.ts'
import { expect, expectSame } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

/** The pack in which all pages lie. */
export const here = 'H'.repeat(42).concat('A') as BlobId
export const naming: PackNaming = (ref) => (ref.blob === here ? 'self' : ref.blob)

/** What can be of one arbitrary, always the same. */
export function samples<T>(arbitrary: fc.Arbitrary<T>, numRuns = 12): T[] {
  return fc.sample(arbitrary, { numRuns, seed: 1 })
}

const entriesOf = <V>(entry: fc.Arbitrary<Entry<V>>) =>
  fc.array(entry, { minLength: 1, maxLength: 4 })
const inode = anyInode(false)
const oneName = inode.map((value) => {
  if (!value.isDirectory) value.nlink = 1
  return value
})
const linkedName = anySize.map((ino) => new LinkedName(ino, FileType.regular))
const linked = inode.filter((value) => !value.isDirectory)
const row = fc
  .tuple(anyBlob, fc.option(anyBlob, { nil: undefined }), anySize, anySize, fc.nat(9999))
  .map(([blob, object, bytes, liveBytes, endEpoch]) => {
    const objectId = object && parseObjectId(Buffer.from(object, 'base64url').toString('hex'))
    return { blob, objectId, bytes, liveBytes, endEpoch }
  })
const extents = anyExtents(false).map((list) => [...list.all()])

function nodeTarget<V>(
  name: string,
  kind: MapKind<V>,
  leaves: fc.Arbitrary<readonly Entry<V>[]>,
  checkValue: (value: V) => void = () => {},
): FuzzTarget {
  return {
    name,
    refusals: [FormatError],
    seeds: () => [
      ...samples(leaves).map((entries) => encodeLeaf(kind, sorted(entries), naming)),
      innerNode(
        kind,
        samples(leaves).flatMap((entries) => entries.map(([key]) => key)),
      ),
    ],
    decode: (input) => checkPage(kind, input, checkValue),
  }
}

function innerNode<V>(kind: MapKind<V>, keys: readonly string[]): Uint8Array {
  const refs = samples(anyPiece, 5)
  const children = [...new Set(keys)]
    .sort()
    .slice(0, 5)
    .map((key, i) => ({ key, ref: refs[i]!, count: i + 1, inodes: i, bytes: 300 * i }))
  return encodeInner(kind, 2, children, naming)
}

function sorted<V>(entries: readonly Entry<V>[]): Entry<V>[] {
  return [...new Map(entries)].sort(([a], [b]) => (a < b ? -1 : 1))
}

function checkPage<V>(kind: MapKind<V>, input: Buffer, checkValue: (value: V) => void): void {
  const node = decodeNode(kind, input, here)
  if (isLeaf(node)) for (const [i] of node.keys.entries()) checkValue(node.value(i))
  checkWrittenAnew(input, (page) => encodeAnew(kind, decodeNode(kind, page, here)))
  checkNode(kind, node, {})
}

function encodeAnew<V>(kind: MapKind<V>, node: StoredNode<V>): Uint8Array {
  if (!isLeaf(node)) return encodeInner(kind, node.level, node.children, naming)
  const entries = node.keys.map((key, i) => [key, node.value(i)] as const)
  return encodeLeaf(kind, entries, naming)
}

/** A page comes back as it was; where its blobs were in another order, which is not checked, it does so from then on. */
export function checkWrittenAnew(page: Buffer, anew: (page: Uint8Array) => Uint8Array): void {
  const again = anew(page)
  if (Buffer.compare(tableOf(again), tableOf(page)) === 0) expectSame(again, page, 'a page')
  else expectSame(anew(again), again, 'a page of its own')
}

/** Head and table of blobs. */
function tableOf(page: Uint8Array): Uint8Array {
  const input = new ByteReader(page, 2)
  input.varint()
  input.skip(32 * input.varint())
  return page.subarray(0, input.position)
}

function checkInode(value: TreeInode): void {
  expect(value.ino > 0 && Number.isSafeInteger(value.size), 'number and size can be')
  expect(value.coveredBytes <= value.size, 'extents lie in the file')
  for (const { start, end } of value.extents?.all() ?? []) {
    expect(start < end && end <= value.size, 'an extent lies in the file')
  }
  for (const name of value.xattrs?.keys() ?? []) checkName(name, false)
  const target = value.target
  if (target) expect(target.length > 0 && !target.includes(0), 'a symlink can be made')
}

function checkName(name: string, isFile = true): void {
  expect(name.length > 0 && name.length <= 255 && !name.includes('\0'), 'a name can be')
  if (isFile) expect(!name.includes('/') && name !== '.' && name !== '..', 'a name stays inside')
}

const directory = nodeTarget(
  'directory-node',
  directoryKind,
  entriesOf(fc.tuple(anyName, fc.oneof(oneName, linkedName))),
  (value) => {
    if (value instanceof TreeInode) checkInode(value)
  },
)

export const treeNodes: readonly FuzzTarget[] = [
  {
    ...directory,
    decode: (input) => {
      void directory.decode(input)
      const node = decodeNode(directoryKind, input, here)
      // What an inner node has as keys is looked for, and shown to nobody.
      if (isLeaf(node)) for (const name of node.keys) checkName(name)
    },
  },
  nodeTarget(
    'links-node',
    linksKind,
    entriesOf(linked.map((value) => [integerKey(value.ino), value] as const)),
    checkInode,
  ),
  nodeTarget(
    'packs-node',
    packsKind,
    entriesOf(row.map((value) => [packKey(value.blob), value] as const)),
  ),
  nodeTarget(
    'extents-node',
    extentsKind,
    extents
      .filter((list) => list.length > 0)
      .map((list) => list.map((extent) => [integerKey(extent.start), extent] as const)),
    ({ start, end }) => expect(start < end && Number.isSafeInteger(end), 'an extent can be'),
  ),
]
