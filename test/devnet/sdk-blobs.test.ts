import { test } from 'tap'
import { someBytes } from './nodes-bench.ts'
import { failover } from './sdk-failover.ts'
import { startTestDevnet } from './start.ts'

test('blobs of all sorts are written and read by the official client', async (t) => {
  const devnet = await startTestDevnet(t)
  const writer = devnet.walrus()
  const { keypair: signer } = devnet
  for (const [length, deletable] of [
    [300_000, true],
    [1, false],
    [0, true],
    [66_001, false],
  ] as const) {
    const blob = someBytes(length, length + 1)
    const { blobId, blobObject } = await writer.writeBlob({ blob, deletable, epochs: 3, signer })
    t.equal(blobObject.certified_epoch, devnet.status.epoch)
    t.equal(Buffer.compare(await writer.readBlob({ blobId }), blob), 0, 'the writer reads it')
    t.equal(
      Buffer.compare(await devnet.walrus().readBlob({ blobId }), blob),
      0,
      'a stranger reads it',
    )
    const status = await devnet.walrus().getVerifiedBlobStatus({ blobId })
    t.equal(status.type, deletable ? 'deletable' : 'permanent')
    t.ok(devnet.status.blobIds.includes(blobId))
  }
  t.same(
    devnet.status.nodes.map(({ blobs }) => blobs),
    [4, 4, 4, 4],
  )
})

test('attributes, extending and deleting', async (t) => {
  const devnet = await startTestDevnet(t)
  const walrus = devnet.walrus()
  const { keypair: signer } = devnet
  const attributes = { a: 'b', 'content-type': 'x/y' }
  const written = await walrus.writeBlob({
    blob: someBytes(100),
    deletable: true,
    epochs: 2,
    signer,
    attributes,
  })
  const blobObjectId = written.blobObject.id
  t.same(await walrus.readBlobAttributes({ blobObjectId }), attributes)
  await walrus.executeWriteBlobAttributesTransaction({
    blobObjectId,
    attributes: { a: null, z: '1' },
    signer,
  })
  t.same(await walrus.readBlobAttributes({ blobObjectId }), { 'content-type': 'x/y', z: '1' })
  const before = written.blobObject.storage.end_epoch
  await walrus.executeExtendBlobTransaction({ blobObjectId, epochs: 4, signer })
  t.equal((await devnet.walrus().getBlobObject(blobObjectId)).storage.end_epoch, before + 4)
  await walrus.executeDeleteBlobTransaction({ blobObjectId, signer })
  await t.rejects(devnet.walrus().readBlob({ blobId: written.blobId }))
  t.same(devnet.status.blobIds, [])
  t.same(
    devnet.status.nodes.map(({ blobs }) => blobs),
    [0, 0, 0, 0],
  )
})

test('a quilt keeps names, tags and bytes', async (t) => {
  const { WalrusFile } = await import('@mysten/walrus')
  const devnet = await startTestDevnet(t)
  const walrus = devnet.walrus()
  const contents = {
    'a.txt': someBytes(5),
    'b.bin': someBytes(50_000, 2),
    'dir/c.json': someBytes(77, 3),
  }
  const files = Object.entries(contents).map(([identifier, bytes]) =>
    WalrusFile.from({ contents: bytes, identifier, tags: { size: String(bytes.length) } }),
  )
  const written = await walrus.writeFiles({
    files,
    epochs: 3,
    deletable: true,
    signer: devnet.keypair,
  })
  const read = await devnet.walrus().getFiles({ ids: written.map(({ id }) => id) })
  for (const file of read) {
    const name = (await file.getIdentifier()) as keyof typeof contents
    t.equal(Buffer.compare(await file.bytes(), contents[name]), 0, name)
    t.same(await file.getTags(), { size: String(contents[name].length) })
  }
  const blob = await devnet.walrus().getBlob({ blobId: written[0]!.blobId })
  const [tagged] = await blob.files({ tags: [{ size: '77' }] })
  t.equal(await tagged!.getIdentifier(), 'dir/c.json')
})

test('blobs expire with their epoch', async (t) => {
  const devnet = await startTestDevnet(t)
  const { keypair: signer } = devnet
  const short = { blob: someBytes(10), deletable: false, epochs: 1, signer }
  const long = { blob: someBytes(10, 2), deletable: false, epochs: 3, signer }
  const walrus = devnet.walrus()
  const [first, second] = [await walrus.writeBlob(short), await walrus.writeBlob(long)]
  await devnet.devnet.advanceEpoch()
  t.same(devnet.status.blobIds, [second.blobId])
  await t.rejects(devnet.walrus().readBlob({ blobId: first.blobId }))
  t.equal((await devnet.walrus().readBlob({ blobId: second.blobId })).length, 10)
  const later = await devnet.walrus().writeBlob({ ...short, blob: someBytes(10, 3) })
  t.equal(later.blobObject.certified_epoch, devnet.status.epoch)
  await devnet.devnet.advanceEpoch(2)
  t.same(devnet.status.blobIds, [])
})

test('ten nodes with ten shards each', async (t) => {
  const devnet = await startTestDevnet(t, { nodes: 10, shards: 100 })
  const blob = someBytes(30_000, 4)
  const { blobId } = await devnet
    .walrus()
    .writeBlob({ blob, deletable: true, epochs: 1, signer: devnet.keypair })
  for (const down of [0, 4, 9]) await devnet.devnet.fault(down, { kind: 'stop' })
  const fetch = failover(devnet.status.nodes.map(({ url }) => url))
  const reader = devnet.walrus({ storageNodeClientOptions: { fetch } })
  t.equal(Buffer.compare(await reader.readBlob({ blobId }), blob), 0)
})
