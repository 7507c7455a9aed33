import { test } from 'tap'
import { PendingUploads } from '../../src/devnet/nodes/pending-uploads.ts'
import { encodeMetadata } from '../../src/redstuff/metadata-bcs.ts'
import { metadataFromHashes } from '../../src/redstuff/metadata.ts'
import { dataOf, NodeBench, refusal, someBytes } from './nodes-bench.ts'

test('what comes before the registration is buffered and stored with it', async (t) => {
  const bench = new NodeBench(t)
  const node = await bench.start()
  const slivers = await bench.encode(someBytes(700))
  const { blobId } = slivers.metadata
  const pairs = bench.pairs(blobId)
  t.equal(
    await refusal(await bench.putSliver(slivers, pairs[0]!, 'primary', '?pending=true')),
    '400 FAILED_PRECONDITION METADATA_NOT_FOUND',
  )
  t.equal((await bench.putMetadata(slivers, '?pending=true')).status, 202)
  t.equal((await bench.putMetadata(slivers, '?pending=true')).status, 200)
  for (const pair of pairs) {
    for (const axis of ['primary', 'secondary'] as const) {
      t.equal((await bench.putSliver(slivers, pair, axis, '?pending=true')).status, 202)
      t.equal((await bench.putSliver(slivers, pair, axis, '?pending=true')).status, 200)
      const status = await bench.request('GET', `blobs/${blobId}/slivers/${pair}/${axis}/status`)
      t.equal(await dataOf(status), 'buffered')
    }
  }
  t.equal(node.blobs, 0)
  const path = `blobs/${blobId}/confirmation/permanent`
  t.equal(await refusal(await bench.request('GET', path)), '400 FAILED_PRECONDITION NOT_REGISTERED')
  const waiting = bench.request('GET', `${path}?wait_for_registration=true&wait_millis=5000`)
  await new Promise((resolve) => setTimeout(resolve, 50))
  bench.chain.register(blobId, false)
  t.equal((await waiting).status, 200)
  t.equal(node.blobs, 1)
  const read = await bench.request('GET', `blobs/${blobId}/slivers/${pairs[1]!}/secondary`)
  t.same(new Uint8Array(await read.arrayBuffer()), await slivers.sliverBcs(pairs[1]!, 'secondary'))
})

test('waiting for a registration that does not come ends', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const { blobId } = (await bench.encode(someBytes(7))).metadata
  const before = bench.chain.listeners
  const path = `blobs/${blobId}/confirmation/permanent?wait_for_registration=true&wait_millis=40`
  t.equal(await refusal(await bench.request('GET', path)), '400 FAILED_PRECONDITION NOT_REGISTERED')
  t.equal(bench.chain.listeners, before)
})

test('a wrong sliver is refused while it waits, too', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const slivers = await bench.encode(someBytes(700))
  const { blobId } = slivers.metadata
  await bench.putMetadata(slivers, '?pending=true')
  const pair = bench.pairs(blobId)[0]!
  const body = Uint8Array.from(await slivers.sliverBcs(pair, 'primary'))
  body[50]! ^= 1
  t.equal(
    await refusal(
      await bench.request('PUT', `blobs/${blobId}/slivers/${pair}/primary?pending=true`, body),
    ),
    '400 INVALID_ARGUMENT INVALID_SLIVER',
  )
})

test('what waits takes a bounded amount of memory', async (t) => {
  const blobs = [1, 2, 3].map((seed) => metadataFromHashes(someBytes(8 * 64, seed), 100))
  const [first, second, third] = blobs.map((metadata) => ({
    metadata,
    bcs: encodeMetadata(metadata),
  }))
  const pending = new PendingUploads(2 * first!.bcs.length + 40)
  t.ok(pending.addMetadata(first!.metadata, first!.bcs))
  t.notOk(pending.addMetadata(first!.metadata, first!.bcs))
  t.ok(pending.addMetadata(second!.metadata, second!.bcs))
  const full = { name: 'ApiError', reason: 'CACHE_SATURATED', code: 400 }
  t.throws(() => pending.addMetadata(third!.metadata, third!.bcs), full)
  const sliver = { axis: 'primary', index: 0, symbolBytes: 2, data: new Uint8Array(30) } as const
  t.ok(pending.addSliver(first!.metadata.blobId, 0, sliver))
  t.notOk(pending.addSliver(first!.metadata.blobId, 0, sliver))
  t.throws(() => pending.addSliver(second!.metadata.blobId, 0, sliver), full)
  t.equal(pending.take(first!.metadata.blobId)?.slivers.size, 1)
  t.notOk(pending.addSliver(first!.metadata.blobId, 0, sliver), 'its blob is gone')
  t.ok(pending.addMetadata(third!.metadata, third!.bcs))
})
