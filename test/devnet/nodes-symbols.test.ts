import { test } from 'tap'
import { bls12381_min_pk_verify } from '@mysten/walrus-wasm'
import type { Axis, EncodedSlivers } from '../../src/redstuff/codec.ts'
import { ByteWriter } from '../../src/redstuff/byte-writer.ts'
import { encodeMetadata } from '../../src/redstuff/metadata-bcs.ts'
import { metadataFromHashes } from '../../src/redstuff/metadata.ts'
import { verifyRecoverySymbol } from '../../src/redstuff/recovery-proof.ts'
import { decodeSliver } from '../../src/redstuff/sliver-bcs.ts'
import {
  decodeDecodingSymbols,
  decodeRecoverySymbols,
  type RecoverySymbol,
} from '../../src/redstuff/symbol-bcs.ts'
import { dataOf, NodeBench, refusal, someBytes } from './nodes-bench.ts'

const signal = new AbortController().signal
const allShards = [0, 1, 2, 3, 4, 5, 6, 7]

async function stored(bench: NodeBench, bytes: Uint8Array): Promise<EncodedSlivers> {
  const slivers = await bench.encode(bytes)
  bench.chain.register(slivers.metadata.blobId)
  await bench.store(slivers)
  return slivers
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  if (!response.ok) throw new Error(await response.text())
  return new Uint8Array(await response.arrayBuffer())
}

test('decoding symbols rebuild every systematic sliver of either axis', async (t) => {
  const bench = new NodeBench(t, 8, allShards)
  await bench.start()
  const slivers = await stored(bench, someBytes(4000))
  const { metadata } = slivers
  const bounds = { primary: 4, secondary: 6 }
  for (const axis of ['primary', 'secondary'] as const) {
    const targets = Array.from({ length: bounds[axis] }, (_, target) => target)
    const query = targets.map((target) => `targetSlivers=${target}`).join('&')
    const path = `blobs/${metadata.blobId}/decodingSymbols?${query}&targetType=${axis}`
    const found = decodeDecodingSymbols(await bytesOf(await bench.request('GET', path)))
    t.same(
      found.map(({ target }) => target),
      targets,
    )
    for (const { target, helps, symbols } of found) {
      t.equal(helps, axis)
      t.equal(symbols.length, 8)
      const sliver = await bench.codec.recover(metadata, { axis, index: target }, symbols, signal)
      const pair = axis === 'primary' ? target : 7 - target
      const expected = decodeSliver(axis, await slivers.sliverBcs(pair, axis))
      t.equal(Buffer.compare(sliver.data, expected.data), 0)
    }
  }
})

test('decoding symbols of slivers that are not there are left out', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const slivers = await bench.encode(someBytes(100))
  const { blobId } = slivers.metadata
  const path = `blobs/${blobId}/decodingSymbols?targetSlivers=0&targetType=primary`
  t.equal(await refusal(await bench.request('GET', path)), '404 NOT_FOUND SLIVER_NOT_FOUND')
  bench.chain.register(blobId)
  t.same(decodeDecodingSymbols(await bytesOf(await bench.request('GET', path))), [])
  await bench.putMetadata(slivers)
  await bench.putSliver(slivers, bench.pairs(blobId)[0]!, 'secondary')
  const [found] = decodeDecodingSymbols(await bytesOf(await bench.request('GET', path)))
  t.equal(found?.symbols.length, 1)
  t.equal(found?.symbols[0]?.index, 7 - bench.pairs(blobId)[0]!)
})

test('recovery symbols come with proofs that hold, on the axis that was asked for', async (t) => {
  const bench = new NodeBench(t, 8, [2, 5])
  await bench.start()
  const { metadata } = await stored(bench, someBytes(4000))
  for (const axis of ['primary', 'secondary'] as const) {
    for (const target of [0, 3, 7]) {
      const other: Axis = axis === 'primary' ? 'secondary' : 'primary'
      const path = `blobs/${metadata.blobId}/recoverySymbols?targetSliver=${target}&targetType=${axis}&proofAxis=${other}`
      const symbols = decodeRecoverySymbols(await bytesOf(await bench.request('GET', path)))
      t.equal(symbols.length, 2)
      for (const symbol of symbols) {
        t.equal(symbol.helps, axis)
        t.equal(symbol.target, target)
        t.ok(verifies(metadata, symbol))
      }
    }
  }
})

function verifies(metadata: Parameters<typeof verifyRecoverySymbol>[0], symbol: RecoverySymbol) {
  const source = symbol.helps === 'primary' ? 'secondary' : 'primary'
  return verifyRecoverySymbol(
    metadata,
    source,
    symbol.index,
    symbol.target,
    symbol.data,
    symbol.proof,
  )
}

test('symbols can be asked for one by one; those of other nodes are left out', async (t) => {
  const bench = new NodeBench(t, 8, [0, 1])
  await bench.start()
  const { metadata } = await stored(bench, someBytes(4000))
  const path = (query: string) => `blobs/${metadata.blobId}/recoverySymbols?${query}`
  const [pair] = bench.pairs(metadata.blobId)
  const elsewhere = allShards.filter((one) => !bench.pairs(metadata.blobId).includes(one))
  const query = `id=${pair}-3&id=${elsewhere[0]}-${7 - elsewhere[1]!}`
  const symbols = decodeRecoverySymbols(await bytesOf(await bench.request('GET', path(query))))
  t.equal(symbols.length, 1)
  t.match(symbols[0], { helps: 'secondary', index: pair!, target: 3 })
  t.ok(verifies(metadata, symbols[0]!))
  t.equal(
    await refusal(await bench.request('GET', path(`id=${elsewhere[0]}-${7 - elsewhere[1]!}`))),
    '400 FAILED_PRECONDITION SYMBOL_NOT_PRESENT_AT_SHARDS',
  )
})

test('queries for symbols that make no sense are refused', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const { metadata } = await stored(bench, someBytes(100))
  const ask = async (rest: string) =>
    refusal(await bench.request('GET', `blobs/${metadata.blobId}/${rest}`))
  t.equal(await ask('recoverySymbols'), '400 FAILED_PRECONDITION NO_SYMBOLS_SPECIFIED')
  t.equal(await ask('recoverySymbols?id=8-0'), '400 INVALID_ARGUMENT INDEX_OUT_OF_RANGE')
  t.equal(
    await ask('recoverySymbols?targetSliver=8&targetType=primary'),
    '400 INVALID_ARGUMENT INDEX_OUT_OF_RANGE',
  )
  t.equal(
    await ask('decodingSymbols?targetType=primary'),
    '400 FAILED_PRECONDITION NO_TARGET_SLIVERS_SPECIFIED',
  )
  t.equal(
    await ask('decodingSymbols?targetSlivers=4&targetType=primary'),
    '400 INVALID_ARGUMENT RECOVERY_SYMBOL_OUT_OF_RANGE',
  )
  for (const bad of ['id=1', 'id=-1-2', 'targetSliver=0', 'targetSliver=x&targetType=primary']) {
    t.equal(
      (await bench.request('GET', `blobs/${metadata.blobId}/recoverySymbols?${bad}`)).status,
      400,
    )
  }
})

/** An InconsistencyProof in BCS. */
function proofBytes(target: number, symbols: readonly RecoverySymbol[]): Uint8Array {
  const size = symbols.reduce(
    (sum, { data, proof }) => sum + data.length + 40 * proof.length + 9,
    9,
  )
  const writer = new ByteWriter(size)
  let length = 0
  const put = (bytes: Uint8Array) => {
    writer.put(bytes)
    length += bytes.length
  }
  put(Uint8Array.from([target, 0, symbols.length]))
  for (const { index, data, proof } of symbols) {
    put(Uint8Array.from([index, 0, (data.length & 127) | 128, data.length >> 7]))
    put(data)
    put(Uint8Array.from([proof.length]))
    for (const node of proof)
      put(
        node.some((byte) => byte > 0) ? Buffer.concat([Buffer.from([1]), node]) : Buffer.from([0]),
      )
  }
  return writer.bytes.subarray(0, length)
}

test('a blob whose hashes contradict each other is attested to be invalid', async (t) => {
  const bench = new NodeBench(t, 8, allShards)
  await bench.start()
  const honest = await bench.encode(someBytes(4000))
  const hashes = Uint8Array.from(honest.metadata.hashes)
  hashes[2 * 64]! ^= 1
  const metadata = metadataFromHashes(hashes, 4000)
  bench.chain.register(metadata.blobId)
  await bench.request('PUT', `blobs/${metadata.blobId}/metadata`, encodeMetadata(metadata))
  for (const pair of allShards) {
    const path = `blobs/${metadata.blobId}/slivers/${pair}/secondary`
    t.equal(
      (await bench.request('PUT', path, await honest.sliverBcs(pair, 'secondary'))).status,
      201,
    )
  }
  const symbolsFor = async (target: number) => {
    const path = `blobs/${metadata.blobId}/recoverySymbols?targetSliver=${target}&targetType=primary`
    return decodeRecoverySymbols(await bytesOf(await bench.request('GET', path))).slice(0, 6)
  }
  const post = async (body: Uint8Array) =>
    bench.request('POST', `blobs/${metadata.blobId}/inconsistencyProof/primary`, body)
  const symbols = await symbolsFor(2)
  const answer = await post(proofBytes(2, symbols))
  const { serializedMessage, signature } = (await dataOf(answer)) as Record<string, string>
  const message = Buffer.from(serializedMessage!, 'base64')
  t.same([...message.subarray(0, 7)], [2, 0, 3, 5, 0, 0, 0])
  t.ok(bls12381_min_pk_verify(Buffer.from(signature!, 'base64'), bench.key.publicKey, message))
  const invalid = '400 INVALID_ARGUMENT INVALID_PROOF'
  t.equal(
    await refusal(await post(proofBytes(1, await symbolsFor(1)))),
    invalid,
    'nothing is wrong with it',
  )
  t.equal(await refusal(await post(proofBytes(2, symbols.slice(1)))), invalid, 'too few symbols')
  symbols[0]!.data[0]! ^= 1
  t.equal(await refusal(await post(proofBytes(2, symbols))), invalid, 'a forged symbol')
})

test('an inconsistency proof for an unknown blob is refused', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const { metadata } = await bench.encode(someBytes(100))
  const path = `blobs/${metadata.blobId}/inconsistencyProof/secondary`
  t.equal(
    await refusal(await bench.request('POST', path, proofBytes(0, []))),
    '400 FAILED_PRECONDITION METADATA_NOT_FOUND',
  )
})
