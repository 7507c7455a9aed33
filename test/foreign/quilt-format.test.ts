import { encodeQuilt } from '@mysten/walrus'
import { test } from 'tap'
import { ListingError } from '../../src/foreign/listing.ts'
import {
  indexLength,
  indexPrefixBytes,
  parseIndex,
  parsePatchPlace,
  patchContent,
} from '../../src/foreign/quilt/quilt-format.ts'
import { codeParameters } from '../../src/redstuff/parameters.ts'
import { seededBytes } from '../store/pack-file.ts'

/** A quilt of the official encoder, column after column. */
function columnsOf(quilt: Uint8Array, shards: number) {
  const code = codeParameters(shards, quilt.length)
  const { primarySymbols, secondarySymbols: columns, symbolBytes, primarySliverBytes } = code
  const bytes = Buffer.alloc(quilt.length)
  for (let column = 0, at = 0; column < columns; column++) {
    for (let row = 0; row < primarySymbols; row++, at += symbolBytes) {
      const from = row * primarySliverBytes + column * symbolBytes
      bytes.set(quilt.subarray(from, from + symbolBytes), at)
    }
  }
  return { bytes, columns, columnBytes: code.secondarySliverBytes }
}

test('finds every file of quilts of the official encoder', async (t) => {
  for (const [shards, sizes] of [
    [13, [0, 1, 5000]],
    [32, [100, 0, 7, 30_000, 12, 9999]],
    [100, Array.from({ length: 60 }, (_, i) => i * 37)],
    [1000, Array.from({ length: 600 }, (_, i) => (i % 7) * 11)],
  ] as const) {
    const blobs = sizes.map((size, i) => ({
      identifier: `file ${i} ${'ä'.repeat(i % 40)}`,
      contents: seededBytes(size, `quilt ${i}`),
      ...(i % 3 === 0 && { tags: { number: `${i}`, other: 'x'.repeat(i) } }),
    }))
    const { quilt } = encodeQuilt({ blobs, numShards: shards, encodingType: 'RS2' })
    const { bytes, columns, columnBytes } = columnsOf(quilt, shards)
    const length = indexLength(bytes.subarray(0, indexPrefixBytes), columnBytes)
    const index = bytes.subarray(indexPrefixBytes, indexPrefixBytes + length)
    const patches = parseIndex(index, { columns, columnBytes })
    t.equal(patches.length, blobs.length)
    let right = 0
    for (const { identifier, start, end, tags } of patches) {
      const name = Buffer.from(identifier, 'latin1').toString()
      const wanted = blobs.find((blob) => blob.identifier === name)!
      const first = start * columnBytes
      const { offset, length: size } = await patchContent(
        (end - start) * columnBytes,
        async (at, count) => bytes.subarray(first + at, first + at + count),
      )
      const content = bytes.subarray(first + offset, first + offset + size)
      const tagged = Object.keys(wanted.tags ?? {}).length === tags.length
      if (tagged && content.equals(wanted.contents)) right++
    }
    t.equal(right, blobs.length, `${shards} shards`)
  }
})

test('refuses what is no quilt', async (t) => {
  const refuses = (work: () => unknown, words: RegExp) =>
    t.throws(work, { name: 'ListingError', message: words })
  refuses(() => indexLength(Buffer.from([2, 0, 0, 0, 0]), 100), /version/)
  refuses(() => indexLength(Buffer.from([1, 0, 0, 0, 1]), 100), /too long/)
  const place = { columns: 10, columnBytes: 100 }
  refuses(() => parseIndex(Buffer.from([0xff, 0xff, 0xff, 0x7f]), place), /room/)
  refuses(() => parseIndex(Buffer.from([1, 11, 0, 1, 97, 0]), place), /column 11/)
  refuses(() => parseIndex(Buffer.from([1, 1, 0, 1, 97, 0]), place), /column 1/)
  refuses(() => parseIndex(Buffer.from([1, 2, 0, 1, 97, 0, 0]), place), /too many/)
  for (const text of ['', '0x', '0x01000000', '0x0101000100', '0x02010002000', 'x'.repeat(1e6)]) {
    t.throws(() => parsePatchPlace(text), ListingError)
  }
  t.same(parsePatchPlace('0x0101000300'), { start: 1, end: 3 })
})

test('refuses a patch that would reach beyond its columns', async (t) => {
  const patch = (length: number, nameLength: number, mask = 0) => {
    const bytes = Buffer.alloc(100)
    bytes.writeUInt8(1)
    bytes.writeUInt32LE(length, 1)
    bytes.writeUInt8(mask, 5)
    bytes.writeUInt16LE(nameLength, 6)
    return patchContent(100, async (offset, count) => bytes.subarray(offset, offset + count))
  }
  t.same(await patch(94, 10), { offset: 18, length: 82 })
  for (const [length, name, mask] of [
    [95, 10, 0],
    [5, 10, 0],
    [94, 93, 0],
    [94, 92, 1],
    [0xffffffff, 0, 0],
  ] as const) {
    await t.rejects(patch(length, name, mask), ListingError)
  }
})
