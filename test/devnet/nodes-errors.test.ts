import { test } from 'tap'
import { encodeMetadata } from '../../src/redstuff/metadata-bcs.ts'
import { dataOf, NodeBench, refusal, someBytes } from './nodes-bench.ts'
import { strangeBlobId } from './nodes-fake-chain.ts'

const object = `0x${'7'.repeat(64)}`

test('what is not registered is refused on every way in', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const slivers = await bench.encode(someBytes(100))
  const { blobId } = slivers.metadata
  const expected = '400 FAILED_PRECONDITION NOT_REGISTERED'
  t.equal(await refusal(await bench.putMetadata(slivers)), expected)
  t.equal(
    await refusal(await bench.putSliver(slivers, bench.pairs(blobId)[0]!, 'primary')),
    expected,
  )
  for (const kind of ['permanent', `deletable/${object}`]) {
    t.equal(
      await refusal(await bench.request('GET', `blobs/${blobId}/confirmation/${kind}`)),
      expected,
    )
  }
  t.equal(
    await refusal(await bench.request('GET', `blobs/${blobId}/metadata`)),
    '404 NOT_FOUND METADATA_NOT_FOUND',
  )
  t.equal(
    await refusal(await bench.request('GET', `blobs/${blobId}/slivers/0/primary`)),
    '404 NOT_FOUND SLIVER_NOT_FOUND',
  )
})

test('a deletable confirmation needs a live deletable object of that blob', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const slivers = await bench.encode(someBytes(100))
  const { blobId } = slivers.metadata
  const permanent = bench.chain.register(blobId, false)
  await bench.store(slivers)
  for (const objectId of [object, permanent]) {
    t.equal(
      await refusal(
        await bench.request('GET', `blobs/${blobId}/confirmation/deletable/${objectId}`),
      ),
      '400 FAILED_PRECONDITION NOT_REGISTERED',
    )
  }
})

test('metadata are checked against the blob id', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const { metadata } = await bench.encode(someBytes(100))
  const foreign = (await new NodeBench(t, 10, [0]).encode(someBytes(100))).metadata
  const path = `blobs/${metadata.blobId}/metadata`
  bench.chain.register(metadata.blobId)
  bench.chain.register(foreign.blobId)
  const good = encodeMetadata(metadata)
  const put = async (change: (bytes: Uint8Array) => void) => {
    const bytes = Uint8Array.from(good)
    change(bytes)
    return refusal(await bench.request('PUT', path, bytes))
  }
  const invalid = '400 INVALID_ARGUMENT INVALID_METADATA'
  const garbled = '400 INVALID_ARGUMENT INVALID_CONTENT_TYPE'
  t.equal(await put((bytes) => (bytes[20]! ^= 1)), invalid, 'another hash')
  t.equal(await put((bytes) => (bytes[2]! ^= 1)), invalid, 'another length')
  t.equal(await put((bytes) => bytes.fill(255, 2, 10)), invalid, 'an absurd length')
  t.equal(await put((bytes) => (bytes[0] = 1)), garbled, 'an unknown version')
  t.equal(
    await put((bytes) => (bytes[1] = 0)),
    '400 INVALID_ARGUMENT UNSUPPORTED_ENCODING_TYPE',
    'the dead encoding',
  )
  t.equal(await put((bytes) => (bytes[10] = 255)), garbled, 'a hash list that is cut short')
  t.equal(await refusal(await bench.request('PUT', path, good.subarray(0, 50))), garbled)
  t.equal(await refusal(await bench.request('PUT', path, new Uint8Array())), garbled)
  t.equal(
    await refusal(
      await bench.request('PUT', `blobs/${foreign.blobId}/metadata`, encodeMetadata(foreign)),
    ),
    invalid,
    'metadata for another number of shards',
  )
  t.equal(bench.node.blobs, 0)
})

test('slivers are checked against the metadata', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const slivers = await bench.encode(someBytes(5000))
  const { blobId } = slivers.metadata
  bench.chain.register(blobId)
  const pair = bench.pairs(blobId)[0]!
  const path = `blobs/${blobId}/slivers/${pair}/primary`
  t.equal(
    await refusal(await bench.putSliver(slivers, pair, 'primary')),
    '400 FAILED_PRECONDITION METADATA_NOT_FOUND',
  )
  await bench.putMetadata(slivers)
  const good = await slivers.sliverBcs(pair, 'primary')
  const put = async (change: (bytes: Uint8Array) => Uint8Array | void) => {
    const bytes = Uint8Array.from(good)
    return refusal(await bench.request('PUT', path, change(bytes) ?? bytes))
  }
  const invalid = '400 INVALID_ARGUMENT INVALID_SLIVER'
  const garbled = '400 INVALID_ARGUMENT INVALID_CONTENT_TYPE'
  t.equal(await put((bytes) => void (bytes[100]! ^= 1)), invalid, 'a flipped bit')
  t.equal(
    await put((bytes) => void (bytes[bytes.length - 4]! ^= 2)),
    invalid,
    'another symbol size',
  )
  t.equal(
    await put((bytes) => void (bytes[bytes.length - 2]! ^= 1)),
    '400 INVALID_ARGUMENT SLIVER_INDEX_MISMATCH',
    'another index',
  )
  t.equal(await put((bytes) => bytes.subarray(1)), garbled, 'a byte too few')
  t.equal(await put((bytes) => Buffer.concat([bytes, Buffer.alloc(1)])), garbled, 'a byte too many')
  t.equal(await put(() => new Uint8Array()), garbled, 'nothing')
  const short = Buffer.concat([Buffer.from([10]), good.subarray(3, 13), good.subarray(-4)])
  t.equal(await put(() => short), invalid, 'another length')
  const secondary = await slivers.sliverBcs(pair, 'secondary')
  t.match(await put(() => secondary), /SLIVER_INDEX_MISMATCH|INVALID_SLIVER/, 'the other axis')
  t.equal(await dataOf(await bench.request('GET', `${path}/status`)), 'nonexistent')
})

test('pairs of other nodes and pairs that cannot be are told apart', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const slivers = await bench.encode(someBytes(100))
  const { blobId } = slivers.metadata
  bench.chain.register(blobId)
  await bench.putMetadata(slivers)
  const foreign = [0, 1, 2].find((pair) => !bench.pairs(blobId).includes(pair))!
  const elsewhere = '400 FAILED_PRECONDITION SHARD_NOT_ASSIGNED'
  const impossible = '400 INVALID_ARGUMENT INDEX_OUT_OF_RANGE'
  t.equal(await refusal(await bench.putSliver(slivers, foreign, 'primary')), elsewhere)
  for (const rest of ['primary', 'secondary', 'primary/status']) {
    t.equal(
      await refusal(await bench.request('GET', `blobs/${blobId}/slivers/${foreign}/${rest}`)),
      elsewhere,
    )
    t.equal(
      await refusal(await bench.request('GET', `blobs/${blobId}/slivers/8/${rest}`)),
      impossible,
    )
  }
  t.equal(
    await refusal(
      await bench.request('PUT', `blobs/${blobId}/slivers/8/primary`, new Uint8Array(9)),
    ),
    impossible,
  )
})

test('paths and methods that are none of the API are refused in plain text', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const code = async (method: string, path: string) => {
    const response = await bench.request(method, path)
    await response.arrayBuffer()
    return response.status
  }
  t.equal(await code('GET', 'nothing'), 404)
  t.equal(await code('GET', `blobs/${strangeBlobId}/nothing`), 404)
  t.equal(await code('GET', 'blobs/short/metadata'), 400)
  t.equal(await code('GET', `blobs/${strangeBlobId.slice(1)}B/status`), 400)
  t.equal(await code('GET', `blobs/${strangeBlobId}/slivers/x/primary`), 400)
  t.equal(await code('GET', `blobs/${strangeBlobId}/slivers/65536/primary`), 400)
  t.equal(await code('GET', `blobs/${strangeBlobId}/slivers/1/tertiary`), 400)
  t.equal(await code('GET', `blobs/${strangeBlobId}/confirmation/deletable/zz`), 400)
  t.equal(await code('DELETE', `blobs/${strangeBlobId}/metadata`), 405)
  t.equal(await code('PUT', `blobs/${strangeBlobId}/status`), 405)
  t.equal(await code('POST', 'health'), 405)
  t.equal(await code('PUT', `blobs/${strangeBlobId}/metadata?pending=maybe`), 400)
  t.equal(await code('OPTIONS', `blobs/${strangeBlobId}/metadata`), 200)
  t.equal(await code('HEAD', 'health'), 200)
})

test('metadata of another content type are refused', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const { metadata } = await bench.encode(someBytes(100))
  bench.chain.register(metadata.blobId)
  const put = (type: string) =>
    fetch(`${bench.node.url}/v1/blobs/${metadata.blobId}/metadata`, {
      method: 'PUT',
      headers: { 'content-type': type },
      body: Uint8Array.from(encodeMetadata(metadata)),
    })
  t.equal(await refusal(await put('text/plain')), '400 INVALID_ARGUMENT INVALID_CONTENT_TYPE')
  t.equal((await put('application/octet-stream; x=y')).status, 201)
})
