import { test } from 'tap'
import type { Codec } from '../../src/redstuff/codec.ts'
import { ScalarCodec } from '../../src/redstuff/scalar/scalar-codec.ts'
import { encodedBytes } from '../../src/store/encoded-size.ts'
import { EncodedBlobs } from '../../src/store/write/encoded-blobs.ts'
import { packFile, seededBytes } from './pack-file.ts'

const { signal } = new AbortController()
const shards = 7
const length = 500
const size = encodedBytes(shards, length)

/** Counts what the codec is asked for and what it still holds. */
function counting(): { codec: Codec; counts: { encodes: number; held: number } } {
  const scalar = new ScalarCodec()
  const counts = { encodes: 0, held: 0 }
  const codec: Codec = Object.create(scalar) as Codec
  codec.metadata = (shards, source, own) => scalar.metadata(shards, source, own)
  codec.encode = async (...parameters) => {
    const slivers = await scalar.encode(...parameters)
    counts.encodes++
    counts.held++
    const release = slivers.release.bind(slivers)
    slivers.release = () => {
      counts.held--
      release()
    }
    return slivers
  }
  return { codec, counts }
}

test('slivers are kept between encoding and upload, if there is room', async (t) => {
  const { codec, counts } = counting()
  const encoded = new EncodedBlobs(codec, 2 * size)
  const packs = [0, 1, 2].map((i) => packFile(t, seededBytes(length, `pack ${i}`)))
  const blobs = []
  for (const pack of packs) blobs.push((await encoded.encode(shards, pack, signal)).blobId)
  t.same(counts, { encodes: 2, held: 2 }, 'of the third only the hashes')

  const first = await encoded.open(shards, blobs[0]!, packs[0]!, signal)
  t.equal(counts.encodes, 2, 'no second encoding')
  const third = await encoded.open(shards, blobs[2]!, packs[2]!, signal)
  t.same(counts, { encodes: 3, held: 2 }, 'the idle one made room')
  first.release(false)
  third.release(false)
  t.equal(counts.held, 0)
})

test('who wants room hurries those who only serve latecomers', async (t) => {
  const { codec, counts } = counting()
  const encoded = new EncodedBlobs(codec, size)
  const packs = [0, 1].map((i) => packFile(t, seededBytes(length, `pack ${i}`)))
  const blobs = []
  for (const pack of packs) blobs.push((await encoded.encode(shards, pack, signal)).blobId)
  const first = await encoded.open(shards, blobs[0]!, packs[0]!, signal)
  let hurried = false
  const second = encoded.open(shards, blobs[1]!, packs[1]!, signal)
  await new Promise(setImmediate)
  first.linger(() => {
    hurried = true
    first.release(false)
  })
  const held = await second
  t.ok(hurried)
  t.equal(counts.held, 1)
  held.release(false)
})

test('slivers of an upload that failed stay for the next try', async (t) => {
  const { codec, counts } = counting()
  const encoded = new EncodedBlobs(codec, size)
  const pack = packFile(t, seededBytes(length, 'again'))
  const { blobId } = await encoded.encode(shards, pack, signal)
  const first = await encoded.open(shards, blobId, pack, signal)
  first.release(true)
  const second = await encoded.open(shards, blobId, pack, signal)
  t.same(counts, { encodes: 1, held: 1 })
  encoded.close()
  second.release(true)
  t.equal(counts.held, 0, 'not beyond the end')
})

test('a pack that has changed is found out', async (t) => {
  const { codec, counts } = counting()
  const encoded = new EncodedBlobs(codec, size)
  const pack = packFile(t, seededBytes(length, 'a'))
  const { blobId } = await encoded.encode(shards, pack, signal)
  encoded.close()
  t.equal(counts.held, 0)
  const other = packFile(t, seededBytes(length, 'b'))
  await t.rejects(encoded.open(shards, blobId, other, signal), { code: 'corrupt' })
  t.equal(counts.held, 0)
  const short = { path: other.path, bytes: length + 1 }
  await t.rejects(encoded.open(shards, blobId, short, signal))
  const gone = { path: `${other.path}-gone`, bytes: length }
  await t.rejects(encoded.open(shards, blobId, gone, signal), { code: 'ENOENT' })
  const held = await encoded.open(shards, blobId, pack, signal)
  held.release(false)
  t.equal(counts.held, 0, 'failures give back what they took')
})

test('a blob too large for the network is refused', async (t) => {
  const { codec } = counting()
  const encoded = new EncodedBlobs(codec, size)
  const pack = { path: '/dev/null', bytes: 2 ** 30 }
  await t.rejects(encoded.encode(shards, pack, signal), { name: 'StoreError', code: 'too-large' })
})
