import { test, type Test } from 'tap'
import type { WalrusClient } from '@mysten/walrus'
import type { NodeFault } from '../../src/devnet/nodes/node-fault.ts'
import { someBytes } from './nodes-bench.ts'
import { failover } from './sdk-failover.ts'
import { startTestDevnet, type TestDevnet } from './start.ts'

function reader(devnet: TestDevnet): WalrusClient {
  const fetch = failover(devnet.status.nodes.map(({ url }) => url))
  return devnet.walrus({ storageNodeClientOptions: { fetch, timeout: 60_000 } })
}

async function write(devnet: TestDevnet, blob: Uint8Array): Promise<string> {
  const options = { blob, deletable: true, epochs: 3, signer: devnet.keypair }
  return (await reader(devnet).writeBlob(options)).blobId
}

async function readsBack(devnet: TestDevnet, blobId: string, blob: Uint8Array): Promise<boolean> {
  return Buffer.compare(await reader(devnet).readBlob({ blobId }), blob) === 0
}

test('one of four nodes may be away, in any way', async (t) => {
  const devnet = await startTestDevnet(t)
  const old = someBytes(20_000)
  const oldId = await write(devnet, old)
  const faults: readonly NodeFault[] = [
    { kind: 'stop' },
    { kind: 'error' },
    { kind: 'drop' },
    { kind: 'slow', delayMs: 300 },
  ]
  for (const [node, fault] of faults.entries()) {
    await devnet.devnet.fault(node, fault)
    t.ok(await readsBack(devnet, oldId, old), `${fault.kind}: reads what was`)
    if (fault.kind === 'stop' || fault.kind === 'drop') {
      const blob = someBytes(5000, node + 7)
      t.ok(await readsBack(devnet, await write(devnet, blob), blob), `${fault.kind}: writes`)
    }
    await devnet.devnet.mend()
  }
})

test('with two of four away nothing is certified, and all is well when they are back', async (t) => {
  const devnet = await startTestDevnet(t)
  for (const node of [1, 2]) await devnet.devnet.fault(node, { kind: 'stop' })
  const blob = someBytes(1000)
  await t.rejects(write(devnet, blob), /Too many failures/)
  t.same(devnet.status.blobIds, [])
  await devnet.devnet.mend({ node: 1 })
  t.ok(await readsBack(devnet, await write(devnet, blob), blob))
  t.match(
    devnet.status.nodes.map(({ state }) => state),
    ['running', 'running', 'stopped', 'running'],
  )
})

/** Whether a read ends in an error; it must never give other bytes. */
async function isDetected(t: Test, devnet: TestDevnet, blobId: string, blob: Uint8Array) {
  try {
    t.ok(await readsBack(devnet, blobId, blob), 'what is read is right')
    return false
  } catch {
    return true
  }
}

test('wrong slivers and metadata are found out', async (t) => {
  const devnet = await startTestDevnet(t)
  const blob = someBytes(20_000)
  const blobId = await write(devnet, blob)
  for (const node of [0, 1, 2, 3]) await devnet.devnet.fault(node, { kind: 'corrupt' })
  t.ok(await isDetected(t, devnet, blobId, blob), 'slivers')
  await devnet.devnet.mend()
  for (const node of [0, 1, 2, 3]) {
    await devnet.devnet.fault(node, { kind: 'corrupt', on: ['metadata'] })
  }
  t.ok(await isDetected(t, devnet, blobId, blob), 'metadata')
  await devnet.devnet.mend()
  t.notOk(await isDetected(t, devnet, blobId, blob), 'nothing is wrong any more')
})

test('a wrong confirmation does not count', async (t) => {
  const devnet = await startTestDevnet(t)
  const blob = someBytes(1000)
  await devnet.devnet.fault(3, { kind: 'corrupt', on: ['confirmations'] })
  t.ok(await readsBack(devnet, await write(devnet, blob), blob), 'three right ones are enough')
  await devnet.devnet.fault(2, { kind: 'corrupt', on: ['confirmations'] })
  await t.rejects(write(devnet, someBytes(1000, 2)), 'two are not')
})

test('lost answers of a write are got over by writing again', async (t) => {
  const devnet = await startTestDevnet(t)
  const blob = someBytes(1000)
  for (const node of [0, 1]) {
    await devnet.devnet.fault(node, { kind: 'drop', on: ['slivers'], times: 3 })
  }
  await t.rejects(write(devnet, blob))
  await devnet.devnet.mend()
  t.ok(await readsBack(devnet, await write(devnet, blob), blob))
})

test('a restart goes on where it was', async (t) => {
  const devnet = await startTestDevnet(t)
  const blob = someBytes(30_000)
  const blobId = await write(devnet, blob)
  await devnet.devnet.advanceEpoch()
  const before = devnet.status
  await devnet.stop()
  await devnet.start()
  t.same(devnet.status, before)
  t.ok(await readsBack(devnet, blobId, blob))
  const other = someBytes(300, 2)
  t.ok(await readsBack(devnet, await write(devnet, other), other))
})

test('a client that knows an old epoch is refused, and accepted when it has looked again', async (t) => {
  const devnet = await startTestDevnet(t)
  const client = devnet.walrus()
  const options = { deletable: true, epochs: 3, signer: devnet.keypair }
  await client.writeBlob({ ...options, blob: someBytes(10) })
  await devnet.devnet.advanceEpoch()
  await t.rejects(client.writeBlob({ ...options, blob: someBytes(10, 2) }))
  client.reset()
  const { blobObject } = await client.writeBlob({ ...options, blob: someBytes(10, 3) })
  t.equal(blobObject.certified_epoch, devnet.status.epoch)
})
