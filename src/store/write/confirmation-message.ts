import { blobIdBytes } from '../../terms/blob-id.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'

/** Intent: type BLOB_CERT_MSG, version 0, application 3 (walrus-core, src/messages). */
const intent = [1, 0, 3]
const permanent = 0
const deletable = 1

/** What a node signs when it holds a blob. `object`: of a deletable blob. */
export function confirmationMessage(
  epoch: number,
  blob: BlobId,
  object: ObjectId | undefined,
): Uint8Array {
  const head = Buffer.from([...intent, 0, 0, 0, 0])
  head.writeUInt32LE(epoch, intent.length)
  const kind =
    object === undefined
      ? [Buffer.from([permanent])]
      : [Buffer.from([deletable]), Buffer.from(object.slice(2), 'hex')]
  return Buffer.concat([head, blobIdBytes(blob), ...kind])
}

/** The epoch that a message was signed in, if it is otherwise the one expected. */
export function epochOfMessage(message: Uint8Array, expected: Uint8Array): number | undefined {
  if (message.length !== expected.length) return undefined
  const [from, to] = [intent.length, intent.length + 4]
  const same =
    Buffer.compare(message.subarray(0, from), expected.subarray(0, from)) === 0 &&
    Buffer.compare(message.subarray(to), expected.subarray(to)) === 0
  return same ? Buffer.from(message).readUInt32LE(from) : undefined
}
