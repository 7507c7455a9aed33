import { test } from 'tap'
import { blobIdFromU256, parseBlobId } from '../../src/terms/blob-id.ts'
import { storeBlob } from './blob-store-suite.ts'
import { DevnetNetwork } from './devnet-network.ts'
import { packFile, seededBytes } from './pack-file.ts'

const { signal } = new AbortController()

test('beside the official client', async (t) => {
  const network = await DevnetNetwork.start(t)
  const { host } = network

  await t.test('each reads what the other has stored', async (t) => {
    const store = await network.newStore()
    for (const length of [0, 1, 700, 40_000]) {
      const theirs = seededBytes(length, `theirs ${length}`)
      const { blobId } = await host.walrus().writeBlob({
        blob: theirs,
        deletable: length % 2 === 0,
        epochs: 2,
        signer: host.keypair,
      })
      t.ok(theirs.equals(await store.read(parseBlobId(blobId), 0, length + 1, signal)))

      const ours = seededBytes(length, `ours ${length}`)
      const uploaded = await storeBlob(store, packFile(t, ours), 2)
      const read = await host.walrus().readBlob({ blobId: uploaded.blobId })
      t.ok(ours.equals(read), `${length} bytes of ours`)
    }
  })

  await t.test('a blob object means the same to both', async (t) => {
    const store = await network.newStore()
    const { objectId, blobId } = await storeBlob(store, packFile(t, seededBytes(500, 'object')), 4)
    const [owned] = await store.owned(signal)
    const theirs = network.host.walrus()
    const object = await theirs.getBlobObject(objectId)
    t.equal(blobIdFromU256(BigInt(object.blob_id)), blobId)
    t.equal(Number(object.size), owned!.bytes)
    t.equal(object.storage.end_epoch, owned!.endEpoch)
    t.equal(object.deletable, owned!.deletable)
    t.ok(object.certified_epoch !== null && owned!.certified)
  })
})
