import { Transaction } from '@mysten/sui/transactions'
import { fromBase64 } from '@mysten/sui/utils'
import { bls12381_min_pk_aggregate, bls12381_min_pk_verify_aggregate } from '@mysten/walrus-wasm'
import { test } from 'tap'
import { someBytes } from './nodes-bench.ts'
import { failover } from './sdk-failover.ts'
import { startTestDevnet } from './start.ts'

const blobType = /::blob::Blob$/

test('several blobs are registered in one transaction and certified in one, from a quorum each', async (t) => {
  const devnet = await startTestDevnet(t)
  const [walrus, sui] = [devnet.walrus(), devnet.sui()]
  const { keypair: signer, address } = devnet
  const blobs = [1, 2, 3].map((seed) => someBytes(3000 * seed, seed))
  const encoded = await Promise.all(blobs.map((blob) => walrus.encodeBlob(blob)))

  const register = new Transaction()
  const objects = encoded.map(({ blobId, rootHash }, at) =>
    register.add(
      walrus.registerBlob({
        size: blobs[at]!.length,
        epochs: 3,
        blobId,
        rootHash,
        deletable: true,
      }),
    ),
  )
  register.transferObjects(objects, address)
  const include = { effects: true, objectTypes: true } as const
  const registered = await sui.signAndExecuteTransaction({ transaction: register, signer, include })
  const { effects, objectTypes } = registered.Transaction!
  const created = effects.changedObjects
    .filter(({ idOperation }) => idOperation === 'Created')
    .filter(({ objectId }) => blobType.test(objectTypes[objectId] ?? ''))
  t.equal(created.length, 3)

  const keys = devnet.devnet.chain.view.committee().members.map(({ publicKey }) => publicKey)
  const certify = new Transaction()
  for (const { objectId } of created) {
    const { blob_id } = await walrus.getBlobObject(objectId)
    const bytes = Buffer.from(BigInt(blob_id).toString(16).padStart(64, '0'), 'hex').reverse()
    const blobId = bytes.toString('base64url')
    const { metadata, sliversByNode } = encoded.find((one) => one.blobId === blobId)!
    const signers = [0, 2, 3]
    const confirmations = await Promise.all(
      signers.map((nodeIndex) =>
        walrus.writeEncodedBlobToNode({
          blobId,
          nodeIndex,
          metadata,
          deletable: true,
          objectId,
          slivers: sliversByNode[nodeIndex]!,
        }),
      ),
    )
    const message = fromBase64(confirmations[0]!.serializedMessage)
    const signature = bls12381_min_pk_aggregate(
      confirmations.map((confirmation) => fromBase64(confirmation!.signature)),
    )
    t.ok(
      bls12381_min_pk_verify_aggregate(
        signers.map((at) => keys[at]!),
        message,
        signature,
      ),
    )
    const certificate = { signers, serializedMessage: message, signature }
    certify.add(
      walrus.certifyBlob({ blobId, blobObjectId: objectId, deletable: true, certificate }),
    )
  }
  t.same(devnet.status.blobIds, [])
  await sui.signAndExecuteTransaction({ transaction: certify, signer })
  t.same(new Set(devnet.status.blobIds), new Set(encoded.map(({ blobId }) => blobId)))
  const fetch = failover(devnet.status.nodes.map(({ url }) => url))
  const reader = devnet.walrus({ storageNodeClientOptions: { fetch } })
  for (const [at, { blobId }] of encoded.entries()) {
    t.equal(Buffer.compare(await reader.readBlob({ blobId }), blobs[at]!), 0)
  }
})
