import { once } from 'node:events'
import { connect } from 'node:net'
import { test, type Test } from 'tap'
import { bls12381_min_pk_verify } from '@mysten/walrus-wasm'
import { decodeSliver } from '../../src/redstuff/sliver-bcs.ts'
import { decodeDecodingSymbols, decodeRecoverySymbols } from '../../src/redstuff/symbol-bcs.ts'
import { decodeMetadata } from '../../src/redstuff/metadata-bcs.ts'
import { dataOf, NodeBench, refusal, someBytes } from './nodes-bench.ts'

async function benchWithBlob(t: Test) {
  const bench = new NodeBench(t)
  const node = await bench.start()
  const slivers = await bench.encode(someBytes(2000))
  const { blobId } = slivers.metadata
  bench.chain.register(blobId, false)
  await bench.store(slivers)
  const pair = bench.pairs(blobId)[0]!
  return {
    bench,
    node,
    slivers,
    blobId,
    pair,
    sliverPath: `blobs/${blobId}/slivers/${pair}/primary`,
  }
}

test('a stopped node refuses connections, and comes back on its port', async (t) => {
  const { bench, node, sliverPath } = await benchWithBlob(t)
  const { url } = node
  await node.setFault({ kind: 'stop' })
  await node.setFault({ kind: 'stop' })
  t.same(node.faults, [{ kind: 'stop' }])
  await t.rejects(fetch(`${url}/v1/health`))
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await t.rejects(once(socket, 'connect'), { code: 'ECONNREFUSED' })
  await node.clearFault('stop')
  t.equal(node.url, url)
  t.same(node.faults, [])
  t.equal((await bench.request('GET', sliverPath)).status, 200)
})

test('stopping cuts what is under way', async (t) => {
  const { bench, node } = await benchWithBlob(t)
  await node.setFault({ kind: 'hang' })
  const hanging = t.rejects(bench.request('GET', 'health'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  await node.setFault({ kind: 'stop' })
  await hanging
})

test('a slow node answers late but rightly', async (t) => {
  const { bench, node, slivers, pair, sliverPath } = await benchWithBlob(t)
  await node.setFault({ kind: 'slow', delayMs: 150, on: ['slivers'] })
  const started = performance.now()
  const read = await bench.request('GET', sliverPath)
  t.ok(performance.now() - started >= 140)
  t.same(new Uint8Array(await read.arrayBuffer()), await slivers.sliverBcs(pair, 'primary'))
})

test('a lying node serves well-formed slivers, symbols, metadata and signatures that are wrong', async (t) => {
  const { bench, node, slivers, blobId, pair, sliverPath } = await benchWithBlob(t)
  const { metadata } = slivers
  const bytes = async (path: string) =>
    new Uint8Array(await (await bench.request('GET', path)).arrayBuffer())
  const symbolPaths = {
    decoding: `blobs/${blobId}/decodingSymbols?targetSlivers=0&targetType=primary`,
    recovery: `blobs/${blobId}/recoverySymbols?targetSliver=0&targetType=primary&proofAxis=secondary`,
  }
  const trueDecoding = await bytes(symbolPaths.decoding)
  const trueRecovery = await bytes(symbolPaths.recovery)
  await node.setFault({ kind: 'corrupt' })
  const good = decodeSliver('primary', await slivers.sliverBcs(pair, 'primary'))
  const bad = decodeSliver('primary', await bytes(sliverPath))
  t.equal(bad.index, good.index)
  t.equal(bad.data.length, good.data.length)
  t.not(Buffer.compare(bad.data, good.data), 0)
  t.same(await bench.codec.verify(metadata, [bad], new AbortController().signal), [false])
  const decoding = await bytes(symbolPaths.decoding)
  t.equal(decodeDecodingSymbols(decoding).length, 1)
  t.notSame(decoding, trueDecoding)
  const recovery = await bytes(symbolPaths.recovery)
  t.equal(decodeRecoverySymbols(recovery).length, 2)
  t.notSame(recovery, trueRecovery)
  t.equal(decodeMetadata((await bytes(`blobs/${blobId}/metadata`)).subarray(32)).blobId, blobId)
  await node.setFault({ kind: 'corrupt', on: ['metadata', 'confirmations'] })
  t.not(decodeMetadata((await bytes(`blobs/${blobId}/metadata`)).subarray(32)).blobId, blobId)
  t.same(await bytes(sliverPath), await slivers.sliverBcs(pair, 'primary'))
  const answer = await bench.request('GET', `blobs/${blobId}/confirmation/permanent`)
  const { signed } = (await dataOf(answer)) as { signed: Record<string, string> }
  const signature = Buffer.from(signed['signature']!, 'base64')
  const message = Buffer.from(signed['serializedMessage']!, 'base64')
  t.notOk(bls12381_min_pk_verify(signature, bench.key.publicKey, message))
  await node.clearFault('corrupt')
  t.same(await bytes(sliverPath), await slivers.sliverBcs(pair, 'primary'))
})

test('what a lying node keeps stays right', async (t) => {
  const { bench, node, slivers, pair, sliverPath } = await benchWithBlob(t)
  await node.setFault({ kind: 'corrupt' })
  await bench.request('GET', sliverPath)
  await node.clearFault('corrupt')
  const read = await bench.request('GET', sliverPath)
  t.same(new Uint8Array(await read.arrayBuffer()), await slivers.sliverBcs(pair, 'primary'))
})

test('a dropped answer was work done', async (t) => {
  const bench = new NodeBench(t)
  const node = await bench.start()
  const slivers = await bench.encode(someBytes(100))
  const { blobId } = slivers.metadata
  bench.chain.register(blobId)
  await node.setFault({ kind: 'drop', on: ['metadata'], times: 1 })
  await t.rejects(bench.putMetadata(slivers))
  t.same(node.faults, [])
  t.equal((await bench.putMetadata(slivers)).status, 200)
})

test('an erring node does nothing', async (t) => {
  const bench = new NodeBench(t)
  const node = await bench.start()
  const slivers = await bench.encode(someBytes(100))
  bench.chain.register(slivers.metadata.blobId)
  await node.setFault({ kind: 'error' })
  t.equal(await refusal(await bench.putMetadata(slivers)), '500 INTERNAL INTERNAL_ERROR')
  await node.setFault({ kind: 'error', status: 503 })
  t.equal(await refusal(await bench.putMetadata(slivers)), '503 UNAVAILABLE UNAVAILABLE')
  await node.clearFault('error')
  t.equal((await bench.putMetadata(slivers)).status, 201)
})

test('a hanging node never answers, until it is mended and the callers are told', async (t) => {
  const { bench, node, sliverPath } = await benchWithBlob(t)
  await node.setFault({ kind: 'hang', on: ['slivers'] })
  t.equal((await bench.request('GET', 'health')).status, 200)
  let ended = false
  const hanging = bench.request('GET', sliverPath).catch(() => (ended = true))
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.notOk(ended)
  await node.clearFault('hang')
  await hanging
  t.ok(ended)
  t.equal((await bench.request('GET', sliverPath)).status, 200)
})

test('faults end with the process', async (t) => {
  const { bench, node, sliverPath } = await benchWithBlob(t)
  await node.setFault({ kind: 'corrupt' })
  await bench.stop()
  await bench.start()
  t.same(bench.node.faults, [])
  t.equal((await bench.request('GET', sliverPath)).status, 200)
})

test('a lie in one decoding symbol spoils the sliver, and is found out', async (t) => {
  const bench = new NodeBench(t, 8, [0, 1, 2, 3, 4, 5, 6, 7])
  const node = await bench.start()
  const slivers = await bench.encode(someBytes(2000))
  const { metadata } = slivers
  bench.chain.register(metadata.blobId)
  await bench.store(slivers)
  const path = `blobs/${metadata.blobId}/decodingSymbols?targetSlivers=1&targetType=primary`
  const ask = async () => {
    const answer = await bench.request('GET', path)
    return decodeDecodingSymbols(new Uint8Array(await answer.arrayBuffer()))[0]!.symbols
  }
  const target = { axis: 'primary', index: 1 } as const
  const recover = (symbols: Awaited<ReturnType<typeof ask>>) =>
    bench.codec.recover(metadata, target, symbols.slice(0, 6), new AbortController().signal)
  const honest = await ask()
  t.equal((await recover(honest)).index, 1)
  await node.setFault({ kind: 'corrupt' })
  const [lie] = await ask()
  await t.rejects(recover([lie!, ...honest.slice(1)]), { code: 'mismatch' })
})
