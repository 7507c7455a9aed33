import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import type { EncodedSlivers } from '../../src/redstuff/codec.ts'
import { encodeMetadata } from '../../src/redstuff/metadata-bcs.ts'
import { pairOfShard } from '../../src/redstuff/sliver-pair.ts'
import { ScalarCodec } from '../../src/redstuff/scalar/scalar-codec.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { NodeCommons } from '../../src/devnet/nodes/node-commons.ts'
import { NodeKey } from '../../src/devnet/nodes/node-key.ts'
import { StorageNode } from '../../src/devnet/nodes/storage-node.ts'
import { someBytes } from './nodes-bench.ts'
import { FakeChain } from './nodes-fake-chain.ts'

const shards = 8
const signal = new AbortController().signal
const codec = new ScalarCodec()

interface Network {
  readonly chain: FakeChain
  readonly nodes: readonly StorageNode[]
}

async function network(t: Test, graceMs = 20): Promise<Network> {
  const directory = mkdtempSync(join(tmpdir(), 'nodes-recovery-'))
  const chain = new FakeChain()
  const commons = new NodeCommons({ shards, codec, view: chain, recoveryGraceMs: graceMs })
  const nodes: StorageNode[] = []
  for (let at = 0; at < 4; at++) {
    const own = { name: `node-${at}`, directory: join(directory, String(at)), port: 0 }
    const key = new NodeKey(BigInt(at + 1))
    const owned = [2 * at, 2 * at + 1]
    nodes.push(await StorageNode.open({ ...own, key, shards: owned, log: silentLog }, commons))
  }
  chain.members = nodes.map((node) => ({ address: node.address, shards: node.shards }))
  t.teardown(async () => {
    commons.close()
    for (const node of nodes) await node.close()
    rmSync(directory, { recursive: true })
  })
  return { chain, nodes }
}

async function send(node: StorageNode, slivers: EncodedSlivers): Promise<void> {
  const { blobId } = slivers.metadata
  const base = `${node.url}/v1/blobs/${blobId}`
  const put = async (path: string, body: Uint8Array) => {
    const response = await fetch(`${base}/${path}`, { method: 'PUT', body: Uint8Array.from(body) })
    if (!response.ok) throw new Error(await response.text())
  }
  await put('metadata', encodeMetadata(slivers.metadata))
  for (const shard of node.shards) {
    const pair = pairOfShard(blobId, shard, shards)
    for (const axis of ['primary', 'secondary'] as const) {
      await put(`slivers/${pair}/${axis}`, await slivers.sliverBcs(pair, axis))
    }
  }
}

async function confirms(node: StorageNode, blobId: string): Promise<boolean> {
  return (await fetch(`${node.url}/v1/blobs/${blobId}/confirmation/permanent`)).ok
}

async function eventually(work: () => Promise<boolean>): Promise<boolean> {
  for (let tries = 0; tries < 200; tries++) {
    if (await work()) return true
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return false
}

async function encoded(bytes: Uint8Array): Promise<EncodedSlivers> {
  return codec.encode(shards, { kind: 'bytes', bytes }, signal)
}

test('a node that was down rebuilds what was certified without it', async (t) => {
  const { chain, nodes } = await network(t)
  const away = nodes[3]!
  await away.setFault({ kind: 'stop' })
  const slivers = await encoded(someBytes(3000))
  const { blobId } = slivers.metadata
  chain.register(blobId, false)
  for (const node of nodes.slice(0, 3)) await send(node, slivers)
  chain.certify(blobId)
  await away.clearFault('stop')
  t.ok(await eventually(() => confirms(away, blobId)))
  const pair = pairOfShard(blobId, 7, shards)
  for (const axis of ['primary', 'secondary'] as const) {
    const read = await fetch(`${away.url}/v1/blobs/${blobId}/slivers/${pair}/${axis}`)
    t.same(new Uint8Array(await read.arrayBuffer()), await slivers.sliverBcs(pair, axis))
  }
})

test('lying peers cannot make it keep what is wrong', async (t) => {
  const { chain, nodes } = await network(t)
  const [liar, ...rest] = nodes
  await liar!.setFault({ kind: 'corrupt', on: ['metadata', 'slivers'] })
  const slivers = await encoded(someBytes(3000, 5))
  const { blobId } = slivers.metadata
  chain.register(blobId, false)
  for (const node of nodes.slice(0, 3)) await send(node, slivers)
  chain.certify(blobId)
  t.ok(await eventually(() => confirms(rest[2]!, blobId)))
  const pair = pairOfShard(blobId, 6, shards)
  const read = await fetch(`${rest[2]!.url}/v1/blobs/${blobId}/slivers/${pair}/primary`)
  t.same(new Uint8Array(await read.arrayBuffer()), await slivers.sliverBcs(pair, 'primary'))
})

test('with too few peers it waits until they return', async (t) => {
  const { chain, nodes } = await network(t)
  const slivers = await encoded(someBytes(500, 9))
  const { blobId } = slivers.metadata
  chain.register(blobId, false)
  for (const node of nodes.slice(0, 3)) await send(node, slivers)
  for (const node of nodes.slice(0, 3)) await node.setFault({ kind: 'stop' })
  chain.certify(blobId)
  await new Promise((resolve) => setTimeout(resolve, 150))
  t.notOk(await confirms(nodes[3]!, blobId))
  for (const node of nodes.slice(0, 3)) await node.clearFault('stop')
  t.ok(await eventually(() => confirms(nodes[3]!, blobId)))
})

test('what is not certified is not rebuilt', async (t) => {
  const { chain, nodes } = await network(t, 0)
  const slivers = await encoded(someBytes(500, 11))
  const { blobId } = slivers.metadata
  chain.register(blobId, false)
  for (const node of nodes.slice(0, 3)) await send(node, slivers)
  chain.advanceEpoch()
  await new Promise((resolve) => setTimeout(resolve, 100))
  t.equal(nodes[3]!.blobs, 0)
})

test('closing ends a recovery that waits', async (t) => {
  const { chain, nodes } = await network(t, 3_600_000)
  chain.register((await encoded(someBytes(5))).metadata.blobId)
  chain.certify((await encoded(someBytes(5))).metadata.blobId)
  for (const node of nodes) await node.close()
  t.pass('they are closed long before the hour is over')
})
