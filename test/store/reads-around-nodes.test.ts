import { test } from 'tap'
import { openCodec } from '../../src/redstuff/open-codec.ts'
import { codeParameters } from '../../src/redstuff/parameters.ts'
import { shardOfPair } from '../../src/redstuff/sliver-pair.ts'
import type { NodeHealth } from '../../src/store/blob-store.ts'
import type { WalrusStore } from '../../src/store/walrus-store.ts'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { storeBlob } from './blob-store-suite.ts'
import { DevnetNetwork } from './devnet-network.ts'
import { packFile, seededBytes } from './pack-file.ts'

const { signal } = new AbortController()
const bytes = seededBytes(30_000, 'faulty')

function stateOf(store: WalrusStore, node: string): NodeHealth['state'] | undefined {
  return store.health().find(({ name }) => name === node)?.state
}

/** The node that holds the first row of a blob. */
function holderOfFirstRow({ devnet }: DevnetNetwork, blob: BlobId): number {
  const { shards } = devnet.chain.view.committee()
  return devnet.nodes.findIndex((node) => node.shards.includes(shardOfPair(blob, 0, shards)))
}

test('four nodes', async (t) => {
  const network = await DevnetNetwork.start(t)
  const { devnet } = network
  const { blobId } = await storeBlob(await network.newStore(), packFile(t, bytes), 9)
  const account = network.openAccount(undefined)
  /** A store that knows nothing yet. */
  const fresh = (): WalrusStore => network.openStore(account)
  const readAll = async (store: WalrusStore): Promise<boolean> =>
    bytes.equals(await store.read(blobId, 0, bytes.length, signal))

  await t.test('reads are right with any one of them gone', async (t) => {
    for (let node = 0; node < 4; node++) {
      await devnet.fault(node, { kind: 'stop' })
      t.ok(await readAll(fresh()), `node ${node}`)
      await devnet.mend()
    }
  })

  await t.test('reads are right with one in any other trouble', async (t) => {
    for (const fault of [
      { kind: 'corrupt' },
      { kind: 'corrupt', on: ['metadata'] },
      { kind: 'corrupt', on: ['slivers'] },
      { kind: 'error' },
      { kind: 'drop' },
      { kind: 'slow', delayMs: 600 },
      { kind: 'hang' },
    ] as const) {
      await devnet.fault(holderOfFirstRow(network, blobId), fault)
      t.ok(await readAll(fresh()), JSON.stringify(fault))
      await devnet.mend()
    }
  })

  await t.test('columns are right with any one of them gone or lying', async (t) => {
    const code = codeParameters(devnet.chain.view.committee().shards, bytes.length)
    const { primarySymbols, symbolBytes, primarySliverBytes } = code
    const want = (column: number): Buffer =>
      Buffer.concat(
        Array.from({ length: primarySymbols }, (_, row) => {
          const from = row * primarySliverBytes + column * symbolBytes
          return bytes.subarray(from, from + symbolBytes)
        }),
      )
    for (let node = 0; node < 4; node++) {
      for (const fault of [{ kind: 'stop' }, { kind: 'corrupt', on: ['slivers'] }] as const) {
        await devnet.fault(node, fault)
        const store = fresh()
        for (const column of [0, 1, 2, 3]) {
          t.ok(want(column).equals(await store.column(blobId, column, signal)), `node ${node}`)
        }
        await devnet.mend()
      }
    }
  })

  await t.test('who is down and who lies is known, and left alone afterwards', async (t) => {
    const holder = holderOfFirstRow(network, blobId)
    const liar = (holder + 1) % 4
    await devnet.fault(holder, { kind: 'stop' })
    await devnet.fault(liar, { kind: 'corrupt', on: ['symbols'] })
    const store = fresh()
    t.ok(await readAll(store), 'decoded, as the symbols do not suffice')
    t.equal(stateOf(store, devnet.nodes[holder]!.name), 'down')
    t.equal(stateOf(store, devnet.nodes[liar]!.name), 'lying')
    t.ok(store.health().find(({ name }) => name === devnet.nodes[liar]!.name)!.lies > 0)
    t.ok(store.rows().decoded > 0)
    await devnet.mend()
  })

  await t.test('with two of them gone the whole blob is decoded from the rest', async (t) => {
    await devnet.fault(0, { kind: 'stop' })
    await devnet.fault(2, { kind: 'stop' })
    t.ok(await readAll(fresh()))
    await devnet.mend()
  })

  await t.test('with three of them gone it is unreachable until they are back', async (t) => {
    for (const node of [0, 1, 2]) await devnet.fault(node, { kind: 'stop' })
    const store = fresh()
    await t.rejects(store.read(blobId, 0, 10, signal), { code: 'unreachable' })
    await devnet.mend()
    t.ok(await readAll(store))
  })

  await t.test('who lies in a row helps to rebuild it with its symbols', async (t) => {
    const holder = holderOfFirstRow(network, blobId)
    for (let node = 0; node < 4; node++) {
      await devnet.fault(node, { kind: 'corrupt', on: ['slivers'] })
    }
    await devnet.fault((holder + 1) % 4, { kind: 'stop' })
    const store = fresh()
    t.ok(bytes.subarray(0, 10).equals(await store.read(blobId, 0, 10, signal)))
    t.equal(store.rows().rebuilt, 1)
    t.equal(stateOf(store, devnet.nodes[holder]!.name), 'lying')
    await devnet.mend()
  })

  await t.test('when too many lie nothing wrong is served', async (t) => {
    for (const node of [0, 1, 2, 3]) await devnet.fault(node, { kind: 'corrupt' })
    await t.rejects(fresh().read(blobId, 0, 10, signal), { code: 'corrupt' })
    for (const node of [0, 1, 2]) await devnet.fault(node, { kind: 'corrupt', on: ['metadata'] })
    await devnet.fault(3, { kind: 'stop' })
    await t.rejects(fresh().read(blobId, 0, 10, signal), { code: 'unreachable' })
    await devnet.mend()
  })

  // On a machine that is busy nobody shall get impatient.
  const calm = { patience: { leastMs: 60_000, mostMs: 60_000 }, timeouts: { smallMs: 60_000 } }

  await t.test('rows that were verified are kept, and only rows are fetched', async (t) => {
    const store = network.openStore(account, calm)
    const requests = (): number => store.health().reduce((sum, node) => sum + node.requests, 0)
    t.ok(bytes.subarray(0, 10).equals(await store.read(blobId, 0, 10, signal)))
    t.equal(requests(), 2, 'the metadata and one row')
    t.same(store.rows(), { fetched: 1, rebuilt: 0, decoded: 0 })
    for (const node of [0, 1, 2, 3]) await devnet.fault(node, { kind: 'stop' })
    t.ok(bytes.subarray(5, 500).equals(await store.read(blobId, 5, 495, signal)))
    t.equal(requests(), 2)
    await devnet.mend()
  })

  await t.test('many readers of one row share one request', async (t) => {
    const store = network.openStore(account, calm)
    const reads = Array.from({ length: 20 }, (_, i) => store.read(blobId, i, 5, signal))
    const got = await Promise.all(reads)
    t.ok(got.every((read, i) => bytes.subarray(i, i + 5).equals(read)))
    t.equal(
      store.health().reduce((sum, node) => sum + node.requests, 0),
      2,
    )
  })
})

test('of seven nodes one may be down and another one lie', async (t) => {
  const network = await DevnetNetwork.start(t, { nodes: 7, shards: 28 })
  const { devnet } = network
  const { blobId } = await storeBlob(await network.newStore(), packFile(t, bytes), 9)
  const holder = holderOfFirstRow(network, blobId)
  await devnet.fault(holder, { kind: 'stop' })
  await devnet.fault((holder + 1) % 7, { kind: 'corrupt', on: ['symbols'] })
  const store = network.openStore(network.openAccount(undefined))
  t.ok(bytes.equals(await store.read(blobId, 0, bytes.length, signal)))
  t.equal(stateOf(store, devnet.nodes[holder]!.name), 'down')
})

test('of ten nodes with a hundred shards three may be gone', async (t) => {
  const codec = await openCodec({ workers: 1 })
  t.teardown(() => codec.close())
  const network = await DevnetNetwork.start(t, { nodes: 10, shards: 100, codec })
  const { devnet } = network
  const large = seededBytes(400_000, 'large')
  const writer = network.openStore(await network.newAccount(), { codec })
  const { blobId } = await storeBlob(writer, packFile(t, large), 9)
  for (const node of [0, 4, 8]) await devnet.fault(node, { kind: 'stop' })
  const store = network.openStore(network.openAccount(undefined), { codec })
  for (const [from, length] of [
    [123_456, 10_000],
    [0, 400_000],
  ] as const) {
    const got = await store.read(blobId, from, length, signal)
    t.ok(large.subarray(from, from + length).equals(got), `${length} bytes from ${from}`)
  }
})
