import { blobIdBytes, type BlobId } from '../../terms/blob-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'

/** Intents of storage nodes' messages: type, version 0, app 3 (Storage). */
const blobCertificate = [1, 0, 3]
const invalidBlob = [2, 0, 3]

function message(intent: readonly number[], epoch: number, body: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(7)
  head.set(intent)
  head.writeUInt32LE(epoch, 3)
  return Buffer.concat([head, ...body])
}

/** What a node signs when it holds all its slivers of a blob; for a permanent blob without an object id. */
export function confirmationMessage(
  epoch: number,
  blobId: BlobId,
  deletable: ObjectId | undefined,
): Buffer {
  const persistence = deletable
    ? [Buffer.from([1]), Buffer.from(deletable.slice(2), 'hex')]
    : [Buffer.from([0])]
  return message(blobCertificate, epoch, [blobIdBytes(blobId), ...persistence])
}

/** What a node signs when it was shown that a blob's encoding is inconsistent. */
export function invalidBlobMessage(epoch: number, blobId: BlobId): Buffer {
  return message(invalidBlob, epoch, [blobIdBytes(blobId)])
}
