import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { asyncProperty, assert, integer, property, record } from 'fast-check'
import type { Axis, BlobMetadata } from '../../src/redstuff/codec.ts'
import { decodeMetadata, encodeMetadata } from '../../src/redstuff/metadata-bcs.ts'
import { metadataFromHashes } from '../../src/redstuff/metadata.ts'
import { maxBlobBytes } from '../../src/redstuff/parameters.ts'
import { BlobFile } from '../../src/devnet/nodes/blob-file.ts'
import { BlobFiles } from '../../src/devnet/nodes/blob-files.ts'
import {
  blobLayout,
  entryOf,
  headerBytes,
  sliverAt,
  sliverBytesOf,
} from '../../src/devnet/nodes/blob-layout.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { someBytes } from './nodes-bench.ts'

const axes: readonly Axis[] = ['primary', 'secondary']

function metadataOf(shards: number, length: number, seed = 1): BlobMetadata {
  return metadataFromHashes(someBytes(shards * 64, seed), length)
}

function scratch(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodes-file-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

function openFiles(directory: string, slots: number, keep = true): Promise<BlobFiles> {
  return BlobFiles.open({
    directory,
    slots,
    keep: () => keep,
    log: silentLog,
    readMetadata: (blobId, bcs) => {
      const metadata = decodeMetadata(bcs)
      if (metadata.blobId !== blobId) throw new Error('another blob')
      return metadata
    },
  })
}

test('no two things in a blob file overlap', async () => {
  const shards = integer({ min: 4, max: 1000 })
  const sizes = record({
    shards,
    part: integer({ min: 0, max: 1000 }),
    slots: integer({ min: 1, max: 60 }),
  })
  assert(
    property(sizes, ({ shards: n, part, slots }) => {
      const metadata = {
        ...metadataOf(4, 0),
        shards: n,
        unencodedLength: Math.floor((maxBlobBytes(n) * part) / 1000),
      }
      const layout = blobLayout(metadata, 10 + n * 66, slots)
      let end = headerBytes + layout.metadataBytes
      if (layout.tableAt < end || layout.tableAt % 8 !== 0) return false
      end = layout.tableAt + 2 * slots * 8
      if (layout.dataAt < end) return false
      end = layout.dataAt
      for (const axis of axes) {
        for (let slot = 0; slot < slots; slot++) {
          if (sliverAt(layout, axis, slot) !== end) return false
          end += sliverBytesOf(layout, axis)
        }
      }
      return entryOf(layout, 'secondary', slots - 1) === 2 * slots - 1
    }),
    { numRuns: 200 },
  )
})

test('any subset of slivers written is the subset read after reopening, sealed or not', async (t) => {
  const directory = scratch(t)
  const slots = 5
  let serial = 0
  const subset = integer({ min: 0, max: 2 ** (2 * slots) - 1 })
  await assert(
    asyncProperty(subset, async (mask) => {
      const metadata = metadataOf(13, 3000 + serial)
      const path = join(directory, `blob${serial++}`)
      const bcs = encodeMetadata(metadata)
      const file = await BlobFile.create(path, `${path}.new`, metadata, bcs, slots)
      const wanted = (axis: Axis, slot: number) =>
        ((mask >> entryOf(file.layout, axis, slot)) & 1) === 1
      const dataOf = (axis: Axis, slot: number) =>
        someBytes(sliverBytesOf(file.layout, axis), entryOf(file.layout, axis, slot) + 1)
      for (const axis of axes) {
        for (let slot = 0; slot < slots; slot++) {
          if (wanted(axis, slot)) await file.write(axis, slot, dataOf(axis, slot))
        }
      }
      if (mask & 1) await file.seal(async () => {})
      await file.close()
      const again = await BlobFile.open(path, slots, decodeMetadata)
      let right = again.complete === (mask === 2 ** (2 * slots) - 1)
      for (const axis of axes) {
        for (let slot = 0; slot < slots; slot++) {
          const into = new Uint8Array(sliverBytesOf(again.layout, axis))
          const found = await again.read(axis, slot, into)
          right &&= found === wanted(axis, slot)
          if (found) right &&= Buffer.compare(into, dataOf(axis, slot)) === 0
        }
      }
      await again.close()
      return right
    }),
    { numRuns: 25, examples: [[0], [2 ** (2 * slots) - 1]] },
  )
})

async function fullFile(directory: string, sealed: boolean): Promise<{ path: string; at: number }> {
  const metadata = metadataOf(7, 2000)
  const path = join(directory, 'blob')
  const file = await BlobFile.create(path, `${path}.new`, metadata, encodeMetadata(metadata), 2)
  for (const axis of axes) {
    for (let slot = 0; slot < 2; slot++) {
      await file.write(axis, slot, someBytes(sliverBytesOf(file.layout, axis)))
    }
  }
  if (sealed) await file.seal(async () => {})
  const at = sliverAt(file.layout, 'primary', 1)
  await file.close()
  return { path, at }
}

test('slivers that a crash tore are missing afterwards, the others are not', async (t) => {
  const { path, at } = await fullFile(scratch(t), false)
  const bytes = readFileSync(path)
  bytes.fill(0, at, at + 64)
  writeFileSync(path, bytes)
  const file = await BlobFile.open(path, 2, decodeMetadata)
  t.notOk(file.complete)
  t.notOk(file.has('primary', 1))
  t.ok(file.has('primary', 0))
  t.ok(file.has('secondary', 1))
  await file.close()
})

test('a file whose end was lost keeps the slivers before it', async (t) => {
  const { path, at } = await fullFile(scratch(t), false)
  const descriptor = openSync(path, 'r+')
  ftruncateSync(descriptor, at + 10)
  closeSync(descriptor)
  const file = await BlobFile.open(path, 2, decodeMetadata)
  t.ok(file.has('primary', 0))
  for (const [axis, slot] of [
    ['primary', 1],
    ['secondary', 0],
    ['secondary', 1],
  ] as const) {
    t.notOk(file.has(axis, slot))
  }
  await file.close()
})

test('bytes that rot under the seal are found when they are read, and can be stored again', async (t) => {
  const { path, at } = await fullFile(scratch(t), true)
  const bytes = readFileSync(path)
  bytes[at + 7]! ^= 64
  writeFileSync(path, bytes)
  const file = await BlobFile.open(path, 2, decodeMetadata)
  t.ok(file.complete)
  const into = new Uint8Array(sliverBytesOf(file.layout, 'primary'))
  t.notOk(await file.read('primary', 1, into))
  t.notOk(file.complete)
  await file.write('primary', 1, someBytes(into.length))
  t.ok(file.complete)
  t.ok(await file.read('primary', 1, into))
  await file.close()
})

test('a failed fsync means that nothing is known to be stored', async (t) => {
  const { path } = await fullFile(scratch(t), false)
  const file = await BlobFile.open(path, 2, decodeMetadata)
  t.ok(file.complete)
  await file.close()
  await t.rejects(file.seal(async () => {}))
  t.notOk(file.complete)
})

test('every damage to the head of a file is found', async (t) => {
  const { path } = await fullFile(scratch(t), true)
  const good = readFileSync(path)
  const headEnd = headerBytes + 10 + 7 * 66
  for (let at = 0; at < headEnd; at += 3) {
    if (at > 19 && at < headerBytes) continue // the seal and what is reserved
    const bad = Buffer.from(good)
    bad[at]! ^= 1
    writeFileSync(path, bad)
    await t.rejects(BlobFile.open(path, 2, decodeMetadata), { name: 'BlobFileError' })
  }
  for (const length of [0, 7, 31, 100, headEnd]) {
    writeFileSync(path, good.subarray(0, length))
    await t.rejects(BlobFile.open(path, 2, decodeMetadata), { name: 'BlobFileError' })
  }
})

test('a damaged file is set aside and the blob can be stored anew', async (t) => {
  const directory = scratch(t)
  const metadata = metadataOf(7, 100)
  const files = await openFiles(directory, 2)
  t.ok(await files.create(metadata, encodeMetadata(metadata)))
  await files.close()
  const path = join(directory, metadata.blobId)
  const bytes = readFileSync(path)
  bytes[60]! ^= 1
  writeFileSync(path, bytes)
  const again = await openFiles(directory, 2)
  t.equal(await again.use(metadata.blobId, async () => 'used'), undefined)
  t.ok(await again.create(metadata, encodeMetadata(metadata)))
  t.equal(await again.use(metadata.blobId, async () => 'used'), 'used')
  await again.close()
  t.same(readdirSync(directory).sort(), [metadata.blobId, `${metadata.blobId}.damaged`].sort())
  await (await openFiles(directory, 2)).close()
  t.equal(readdirSync(directory).length, 2, 'it stays as long as the blob')
  await (await openFiles(directory, 2, false)).close()
  t.same(readdirSync(directory), [])
})

test('completeness is known without opening the file', async (t) => {
  const directory = scratch(t)
  const metadata = metadataOf(7, 100)
  const { blobId } = metadata
  const files = await openFiles(directory, 1)
  t.notOk(await files.isComplete(blobId), 'there is none')
  await files.create(metadata, encodeMetadata(metadata))
  t.notOk(await files.isComplete(blobId), 'it is empty')
  await files.use(blobId, async (file) => {
    for (const axis of axes)
      await file.write(axis, 0, new Uint8Array(sliverBytesOf(file.layout, axis)))
  })
  t.ok(await files.isComplete(blobId), 'it is full')
  await files.close()
  const again = await openFiles(directory, 1)
  t.ok(await again.isComplete(blobId), 'full, and not sealed')
  await again.use(blobId, (file) => file.seal(() => again.syncNames()))
  await again.close()
  const sealed = await openFiles(directory, 1)
  t.ok(await sealed.isComplete(blobId), 'sealed')
  rmSync(join(directory, blobId))
  t.notOk(await sealed.isComplete(blobId), 'taken away')
  await sealed.close()
})

test('a file of an unknown format is left alone', async (t) => {
  const directory = scratch(t)
  const metadata = metadataOf(7, 100)
  const files = await openFiles(directory, 2)
  await files.create(metadata, encodeMetadata(metadata))
  await files.close()
  const path = join(directory, metadata.blobId)
  const bytes = readFileSync(path)
  bytes.write('walrnod2', 0, 'latin1')
  writeFileSync(path, bytes)
  const again = await openFiles(directory, 2)
  await t.rejects(
    again.use(metadata.blobId, async () => 'used'),
    { name: 'BlobFileError', unknownFormat: true },
  )
  t.same(readFileSync(path), bytes)
  await again.close()
})

test('many blobs at once, more than are held open', async (t) => {
  const directory = scratch(t)
  const files = await openFiles(directory, 1)
  const all = Array.from({ length: 100 }, (_, seed) => metadataOf(4, 50, seed + 1))
  await Promise.all(
    all.map(async (metadata, seed) => {
      const made = await Promise.all(
        [1, 2].map(() => files.create(metadata, encodeMetadata(metadata))),
      )
      t.not(made[0], made[1])
      await files.use(metadata.blobId, (file) =>
        file.write('primary', 0, someBytes(sliverBytesOf(file.layout, 'primary'), seed)),
      )
    }),
  )
  await files.remove(all[0]!.blobId)
  for (const [seed, metadata] of all.entries()) {
    const data = await files.use(metadata.blobId, async (file) => {
      const into = new Uint8Array(sliverBytesOf(file.layout, 'primary'))
      return (await file.read('primary', 0, into)) ? into : undefined
    })
    if (seed === 0) t.equal(data, undefined)
    else t.same(data, someBytes(data!.length, seed))
  }
  await files.close()
  const gone = await openFiles(directory, 1, false)
  t.equal(gone.count, 0)
  t.same(readdirSync(directory), [])
  await gone.close()
})
