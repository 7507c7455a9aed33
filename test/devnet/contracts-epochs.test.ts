import { test } from 'tap'
import { blobIdFromBytes } from '../../src/terms/blob-id.ts'
import { openChain } from '../../src/devnet/chain/open-chain.ts'
import {
  chainOptions,
  fundedAccount,
  startChain,
  temporaryDirectory,
  testNodes,
} from './chain-start.ts'
import {
  certificateFor,
  certifyBlob,
  encodedSize,
  registerBlob,
  testBlob,
  walrusClient,
} from './contracts-walrus.ts'

test('the committee is as the SDK and the nodes read it', async (t) => {
  const nodes = testNodes(7, 4)
  const chain = await startChain(t, { nodes })
  const alice = await fundedAccount(chain)
  const client = walrusClient(chain, alice)
  const [system, staking] = [await client.systemState(), await client.stakingState()]
  const { members } = chain.view.committee()
  t.equal(system.committee.n_shards, 28)
  t.equal(staking.n_shards, 28)
  const ids = members.map((member) => member.nodeId)
  t.same(ids, [...ids].sort())
  t.same(
    system.committee.members.map((member) => member.node_id),
    ids,
  )
  t.same(
    staking.committee[0].contents.map((entry) => [entry.key, entry.value]),
    members.map((member) => [member.nodeId, member.shards]),
  )
  for (const node of nodes) {
    const member = members.find(({ name }) => name === node.name)!
    t.same(Buffer.from(member.publicKey), Buffer.from(node.publicKey))
    t.same(member.shards, node.shards)
    t.equal(member.address, node.address)
  }
  t.match(staking.epoch_state, { $kind: 'EpochChangeDone' })
})

test('epochs end blobs, free capacity and pay nodes', async (t) => {
  const chain = await startChain(t)
  const alice = await fundedAccount(chain)
  const [short, long] = [testBlob('short'), testBlob('long')]
  const shortObject = await registerBlob(chain, alice, short, { epochs: 1 })
  const longObject = await registerBlob(chain, alice, long, { epochs: 3 })
  const events: string[] = []
  t.teardown(chain.view.onEvent((event) => events.push(`${event.type} ${event.epoch}`)))
  const used = async () => (await walrusClient(chain, alice).systemState()).used_capacity_size
  const bytes = encodedSize(1000)
  t.equal(await used(), String(2 * bytes))
  t.equal(await chain.advanceEpoch(), 2)
  t.equal(await used(), String(bytes))
  t.same(events, ['EpochChanged 2'])
  t.equal(chain.view.registration(blobIdFromBytes(short.idBytes)), undefined)
  t.ok(chain.view.registration(blobIdFromBytes(long.idBytes)))
  t.same(
    [...chain.view.registrations()].map((each) => each.blobId),
    [blobIdFromBytes(long.idBytes)],
  )
  await t.rejects(
    certifyBlob(chain, alice, shortObject, certificateFor(chain, short, shortObject)),
    { message: /abort code: 2, in .*blob::certify/ },
  )
  await certifyBlob(chain, alice, longObject, certificateFor(chain, long, longObject))
  t.equal(await chain.advanceEpoch(2), 4)
  t.equal(await used(), '0')
  t.equal(chain.view.registration(blobIdFromBytes(long.idBytes)), undefined)
  const { objects } = await alice.client.getObjects({
    objectIds: chain.view.committee().members.map((member) => member.nodeId),
    include: { content: true },
  })
  t.ok(objects.every((object) => !(object instanceof Error)))
  const state = await walrusClient(chain, alice).systemState()
  t.equal(state.committee.epoch, 4)
  t.equal(state.future_accounting.ring_buffer.length, 53)
  const epochs = state.future_accounting.ring_buffer.map((entry) => entry.epoch)
  t.same(
    [...epochs].sort((a, b) => a - b),
    Array.from({ length: 53 }, (_, i) => i + 4),
  )
})

test('a signature of the last epoch is refused in the next', async (t) => {
  const chain = await startChain(t)
  const alice = await fundedAccount(chain)
  const blob = testBlob('late')
  const object = await registerBlob(chain, alice, blob)
  const early = certificateFor(chain, blob, object)
  await chain.advanceEpoch()
  await t.rejects(certifyBlob(chain, alice, object, early), {
    message: /abort code: 1, in .*messages::new_certified_message/,
  })
  await certifyBlob(chain, alice, object, certificateFor(chain, blob, object))
})

test('registrations are there again after a restart, however it ended', async (t) => {
  const directory = temporaryDirectory(t)
  const options = chainOptions(directory)
  let chain = await openChain(options)
  const alice = await fundedAccount(chain)
  const blobs = [1, 2, 3].map((n) => testBlob(`restart ${n}`))
  const objects: string[] = []
  for (const blob of blobs) objects.push(await registerBlob(chain, alice, blob, { epochs: 2 }))
  await certifyBlob(chain, alice, objects[0]!, certificateFor(chain, blobs[0]!, objects[0]))
  const before = [...chain.view.registrations()]
  t.equal(before.length, 3)
  await chain.close()
  chain = await openChain(options)
  t.same([...chain.view.registrations()], before)
  await chain.advanceEpoch()
  await chain.close()
  const { rmSync } = await import('node:fs')
  rmSync(`${directory}/registrations.json`)
  chain = await openChain(options)
  t.teardown(() => chain.close())
  t.equal(chain.view.epoch, 2)
  t.same([...chain.view.registrations()], before)
})

test('nodes may move, but must be the same', async (t) => {
  const directory = temporaryDirectory(t)
  const options = chainOptions(directory)
  const first = await openChain(options)
  await first.close()
  const moved = testNodes().map((node) => ({ ...node, address: `127.0.0.1:${node.name.at(-1)}77` }))
  const second = await openChain({ ...options, nodes: moved })
  t.same(
    second.view
      .committee()
      .members.map((member) => member.address)
      .sort(),
    moved.map((node) => node.address).sort(),
  )
  const alice = await fundedAccount(second)
  await t.resolves(walrusClient(second, alice).stakingState())
  await second.close()
  await t.rejects(openChain({ ...options, nodes: testNodes(7) }), {
    message: /made with 4 storage nodes, not 7/,
  })
  const stranger = testNodes(5).slice(1)
  await t.rejects(openChain({ ...options, nodes: stranger }), { message: /is not one that/ })
})
