import fc from 'fast-check'
import type { BlobId } from '../../src/terms/blob-id.ts'
import type { Name } from '../../src/terms/name.ts'
import { Compression, Seal } from '../../src/terms/piece-coding.ts'
import type { PieceHash } from '../../src/terms/piece-hash.ts'
import { ExtentList } from '../../src/tree/extents/extent-list.ts'
import type { Extent, ExtentSource } from '../../src/tree/extent-map.ts'
import { FileType } from '../../src/tree/inode.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import type { Slice } from '../../src/tree/slice.ts'
import type { Timestamp } from '../../src/tree/time.ts'
import { DirectoryNames } from '../../src/tree/worktree/directory-names.ts'
import { TreeInode } from '../../src/tree/worktree/tree-inode.ts'

export const anySize = fc.oneof(
  fc.nat(5000),
  fc.maxSafeNat(),
  fc.constantFrom(127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER),
)

const anyByte = fc.integer({ min: 1, max: 255 }).filter((byte) => byte !== 0x2f)
const bytesAsText = (bytes: readonly number[]) => String.fromCharCode(...bytes)

export const anyName = fc
  .array(anyByte, { minLength: 1, maxLength: 255 })
  .map((bytes) => bytesAsText(bytes) as Name)
  .filter((name) => name !== '.' && name !== '..')

export const anyTime: fc.Arbitrary<Timestamp> = fc.record({
  sec: fc.oneof(fc.integer(), fc.integer({ min: -(2 ** 51), max: 2 ** 51 })),
  nsec: fc.nat(999_999_999),
})

export const anyBytes = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes))

export const anyBlob = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('base64url') as BlobId)

export const anyPiece: fc.Arbitrary<PieceRef> = fc
  .record({
    blob: fc.oneof(fc.constant('A'.repeat(43) as BlobId), anyBlob),
    offset: fc.nat(2 ** 40),
    storedLength: fc.nat(1 << 20),
    length: fc.nat(1 << 20),
    hash: anyBlob.map((text) => text as string as PieceHash),
    compression: fc.constantFrom(...Object.values(Compression)),
    seal: fc.constantFrom(...Object.values(Seal)),
  })
  .map((ref) =>
    ref.compression === 0 && ref.seal === 0 ? { ...ref, length: ref.storedLength } : ref,
  )

export const anySlice: fc.Arbitrary<Slice> = fc.record({
  id: fc.maxSafeNat(),
  segment: fc.nat(),
  position: fc.maxSafeNat(),
  length: fc.integer({ min: 1, max: 1 << 20 }),
})

/** What a symlink may show. */
export const anyTarget = anyBytes(300).map((bytes) =>
  bytes.length === 0 ? Buffer.from('t') : bytes.map((byte) => byte || 1),
)

const anyExtent = fc
  .tuple(fc.nat(3000), fc.integer({ min: 1, max: 2000 }), anyPiece, anySlice, fc.nat(2), fc.nat(9))
  .map(([start, length, piece, slice, kind, at]): [number, number, ExtentSource] => {
    if (kind === 1)
      return [start, start + length, { kind: 'inline', bytes: Buffer.alloc(length, at), at: 0 }]
    if (kind === 2)
      return [start, start + Math.min(length, slice.length), { kind: 'slice', slice, at: 0 }]
    const long = { ...piece, length: at + length, storedLength: at + length }
    return [start, start + length, { kind: 'piece', piece: long, at }]
  })

/** Extents of any kind; slices only where they may stand. */
export const anyExtents = (withSlices: boolean) =>
  fc.array(anyExtent, { maxLength: 12 }).map((extents) => {
    const list = new ExtentList()
    for (const [start, end, source] of extents) {
      if (withSlices || source.kind !== 'slice') list.put(start, end, source)
    }
    return list
  })

export const anyType = fc.constantFrom(
  ...Object.entries(FileType)
    .filter(([type]) => type !== 'mask')
    .map(([, bits]) => bits),
)
export const anyUint32 = fc.nat(0xffff_ffff)

/** An inode of any type as it may be stored, or, with slices, as a journal may hold it. */
export const anyInode = (withSlices: boolean): fc.Arbitrary<TreeInode> =>
  fc
    .record({
      ino: anySize.map((ino) => Math.max(1, ino)),
      type: anyType,
      mode: fc.nat(0o7777),
      numbers: fc.tuple(anyUint32, anyUint32, anyUint32, anyUint32),
      times: fc.tuple(anyTime, anyTime, anyTime, fc.nat(3)),
      xattrs: fc.array(fc.tuple(anyName, anyBytes(40)), { maxLength: 3 }),
      extents: anyExtents(withSlices),
      piece: anyPiece,
      count: fc.nat(1000),
      extra: anySize,
      target: anyTarget,
    })
    .map(({ ino, type, mode, numbers, times, xattrs, extents, piece, count, extra, target }) => {
      const inode = new TreeInode(ino, type | mode)
      ;[inode.uid, inode.gid, inode.rdev, inode.nlink] = numbers
      inode.nlink = count % 3 === 0 ? Math.max(1, inode.nlink) : inode.isDirectory ? 2 : 1
      const [mtime, atime, ctime, same] = times
      inode.mtime = mtime
      inode.atime = same & 1 ? mtime : atime
      inode.ctime = same & 2 ? mtime : ctime
      if (xattrs.length > 0) inode.xattrs = new Map(xattrs)
      if (type === FileType.symlink) Object.assign(inode, { target, size: target.length })
      if (type === FileType.regular) {
        inode.size = 10_000 + Math.min(extra, 2 ** 50)
        if (count === 7) inode.extentTree = { node: piece, count }
        else if (extents.count > 0) inode.extentList = extents
        inode.coveredBytes = count === 7 ? 1000 : extents.coveredBytes
      }
      if (inode.isDirectory && count > 0) {
        inode.names = new DirectoryNames({ node: piece, count, inodes: count, bytes: extra })
      }
      return inode
    })

/** All that is stored of an inode, to compare. */
export function storedFields(inode: TreeInode): unknown {
  const { names, extentList, xattrs, target, ...rest } = inode
  for (const key of [
    'parent',
    'name',
    'dirty',
    'linked',
    'retained',
    'bound',
    'contentChanged',
    'extentsAt',
  ] as const) {
    delete (rest as Partial<TreeInode>)[key]
  }
  return {
    ...rest,
    stored: names?.stored,
    extents: [...(extentList?.all() ?? [])].map(comparableExtent),
    xattrs:
      xattrs &&
      [...xattrs].map(([name, value]) => `${name}=${Buffer.from(value).toString('hex')}`).sort(),
    target: target && Buffer.from(target).toString('hex'),
  }
}

/** An extent of which only what it shows counts. */
export function comparableExtent({ start, end, source }: Extent): unknown {
  if (source.kind !== 'inline') return { start, end, source }
  const shown = source.bytes.subarray(source.at, source.at + end - start)
  return { start, end, inline: Buffer.from(shown).toString('hex') }
}
