import { test } from 'tap'
import { bls12381_min_pk_verify } from '@mysten/walrus-wasm'
import { encodeMetadataWithId } from '../../src/redstuff/metadata-bcs.ts'
import { dataOf, NodeBench, refusal, someBytes } from './nodes-bench.ts'

interface Signed {
  readonly signed: { readonly serializedMessage: string; readonly signature: string }
}

test('metadata are stored once and given back with their id', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const slivers = await bench.encode(someBytes(1000))
  const { blobId } = slivers.metadata
  bench.chain.register(blobId)
  t.equal(
    await dataOf(await bench.request('GET', `blobs/${blobId}/metadata/status`)),
    'nonexistent',
  )
  const first = await bench.putMetadata(slivers)
  t.equal(first.status, 201)
  t.equal(await dataOf(first), 'metadata successfully stored')
  const second = await bench.putMetadata(slivers)
  t.equal(second.status, 200)
  t.equal(await dataOf(second), 'metadata already stored')
  t.equal(await dataOf(await bench.request('GET', `blobs/${blobId}/metadata/status`)), 'stored')
  const read = await bench.request('GET', `blobs/${blobId}/metadata`)
  t.equal(read.headers.get('content-type'), 'application/octet-stream')
  t.same(
    new Uint8Array(await read.arrayBuffer()),
    new Uint8Array(encodeMetadataWithId(slivers.metadata)),
  )
})

test('slivers of both axes are stored once and given back as they came', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  for (const length of [0, 1, 999, 20_000]) {
    const slivers = await bench.encode(someBytes(length))
    const { blobId } = slivers.metadata
    bench.chain.register(blobId)
    await bench.putMetadata(slivers)
    for (const pair of bench.pairs(blobId)) {
      for (const axis of ['primary', 'secondary'] as const) {
        const path = `blobs/${blobId}/slivers/${pair}/${axis}`
        t.equal(await dataOf(await bench.request('GET', `${path}/status`)), 'nonexistent')
        t.equal(await refusal(await bench.request('GET', path)), '404 NOT_FOUND SLIVER_NOT_FOUND')
        t.equal((await bench.putSliver(slivers, pair, axis)).status, 201)
        t.equal((await bench.putSliver(slivers, pair, axis)).status, 200)
        t.equal(await dataOf(await bench.request('GET', `${path}/status`)), 'stored')
        const read = await bench.request('GET', path)
        t.same(new Uint8Array(await read.arrayBuffer()), await slivers.sliverBcs(pair, axis))
      }
    }
  }
})

test('a confirmation is signed when all slivers are there, and verifies', async (t) => {
  const bench = new NodeBench(t)
  const node = await bench.start()
  const slivers = await bench.encode(someBytes(500))
  const { blobId } = slivers.metadata
  const objectId = bench.chain.register(blobId)
  bench.chain.register(blobId, false)
  await bench.store(slivers)
  for (const kind of ['permanent', `deletable/${objectId}`]) {
    const answer = await bench.request('GET', `blobs/${blobId}/confirmation/${kind}`)
    const { signed } = (await dataOf(answer)) as Signed
    const message = Buffer.from(signed.serializedMessage, 'base64')
    const signature = Buffer.from(signed.signature, 'base64')
    t.ok(bls12381_min_pk_verify(signature, bench.key.publicKey, message))
    const head = Buffer.from([1, 0, 3, 5, 0, 0, 0])
    const tail = kind === 'permanent' ? '00' : `01${objectId.slice(2)}`
    t.same(
      message,
      Buffer.concat([head, Buffer.from(blobId, 'base64url'), Buffer.from(tail, 'hex')]),
    )
  }
  t.equal(node.blobs, 1)
})

test('the last missing sliver holds the confirmation back', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const slivers = await bench.encode(someBytes(500))
  const { blobId } = slivers.metadata
  const objectId = bench.chain.register(blobId)
  const path = `blobs/${blobId}/confirmation/deletable/${objectId}`
  t.equal(
    await refusal(await bench.request('GET', path)),
    '400 FAILED_PRECONDITION MISSING_SLIVERS',
  )
  await bench.putMetadata(slivers)
  const [first, second] = bench.pairs(blobId)
  await bench.putSliver(slivers, first!, 'primary')
  await bench.putSliver(slivers, first!, 'secondary')
  await bench.putSliver(slivers, second!, 'primary')
  t.equal(
    await refusal(await bench.request('GET', path)),
    '400 FAILED_PRECONDITION MISSING_SLIVERS',
  )
  await bench.putSliver(slivers, second!, 'secondary')
  t.equal((await bench.request('GET', path)).status, 200)
})

test('everything is there after a restart', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const slivers = await bench.encode(someBytes(3000))
  const unsealed = await bench.encode(someBytes(3000, 2))
  for (const one of [slivers, unsealed]) {
    bench.chain.register(one.metadata.blobId, false)
    await bench.store(one)
  }
  const { blobId } = slivers.metadata
  await bench.request('GET', `blobs/${blobId}/confirmation/permanent`)
  await bench.stop()
  await bench.start()
  for (const one of [slivers, unsealed]) {
    const id = one.metadata.blobId
    const pair = bench.pairs(id)[1]!
    const read = await bench.request('GET', `blobs/${id}/slivers/${pair}/secondary`)
    t.same(new Uint8Array(await read.arrayBuffer()), await one.sliverBcs(pair, 'secondary'))
    t.equal((await bench.request('GET', `blobs/${id}/confirmation/permanent`)).status, 200)
  }
})

test('deleted and expired blobs are removed, also those that ended while the node was away', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const blobs = await Promise.all([1, 2, 3, 4].map((seed) => bench.encode(someBytes(400, seed))))
  const ids = blobs.map(({ metadata }) => metadata.blobId)
  for (const [at, blob] of blobs.entries()) {
    bench.chain.register(ids[at]!, true, at === 1 ? 1 : 4)
    await bench.store(blob)
  }
  t.equal(bench.node.blobs, 4)
  bench.chain.delete(ids[0]!)
  t.equal(
    await refusal(await bench.request('GET', `blobs/${ids[0]!}/metadata`)),
    '404 NOT_FOUND METADATA_NOT_FOUND',
  )
  bench.chain.advanceEpoch()
  await bench.stop()
  bench.chain.delete(ids[2]!)
  await bench.start()
  t.equal(bench.node.blobs, 1)
  t.equal((await bench.request('GET', `blobs/${ids[3]!}/metadata`)).status, 200)
})

test('blob status tells registrations as the real nodes do', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const { metadata } = await bench.encode(someBytes(10))
  const status = async () => dataOf(await bench.request('GET', `blobs/${metadata.blobId}/status`))
  t.equal(await status(), 'nonexistent')
  bench.chain.register(metadata.blobId, true)
  const counts = { count_deletable_total: 1, count_deletable_certified: 0 }
  t.same(await status(), { deletable: { initialCertifiedEpoch: null, deletableCounts: counts } })
  bench.chain.certify(metadata.blobId)
  bench.chain.register(metadata.blobId, false, 7)
  t.same(await status(), {
    permanent: {
      endEpoch: 12,
      isCertified: false,
      statusEvent: { txDigest: 'digest2', eventSeq: '2' },
      deletableCounts: { count_deletable_total: 1, count_deletable_certified: 1 },
      initialCertifiedEpoch: 5,
    },
  })
})

test('health tells who the node is', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const health = (await dataOf(await bench.request('GET', 'health?detailed=true'))) as Record<
    string,
    unknown
  >
  t.match(health, {
    uptime: { secs: Number, nanos: Number },
    epoch: 5,
    publicKey: Buffer.from(bench.key.publicKey).toString('base64'),
    nodeStatus: 'Active',
    shardSummary: {
      owned: 2,
      ownedShardStatus: { unknown: 0, ready: 2, inTransfer: 0, inRecovery: 0 },
      readOnly: 0,
    },
    shardDetail: { owned: [{ shard: 0, status: 'ready' }, { shard: 1 }], other: [] },
  })
})
