import type { BlobMetadata } from '../../redstuff/codec.ts'
import { encodeMetadataWithId } from '../../redstuff/metadata-bcs.ts'
import { abortable } from '../abortable.ts'
import type { WalrusChain } from '../chain/walrus-chain.ts'

/** The SDK may wait for ever when exactly as many slivers as needed can be had. */
const deadlineMs = 120_000

/**
 * The SDK's own way to read a whole blob: random slivers, decoded unverified, encoded anew to compare the id. A client
 * of its own, since it keeps failures for ever, and our metadata instead of the node's, since it breaks with few nodes.
 */
export async function readBySdk(
  chain: WalrusChain,
  metadata: BlobMetadata,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const path = `/v1/blobs/${metadata.blobId}/metadata`
  const answering: typeof fetch = async (url, init) => {
    const target = new URL(url instanceof Request ? url.url : url)
    if (target.pathname !== path) return fetch(url, init)
    const headers = { 'content-type': 'application/octet-stream' }
    return new Response(Buffer.from(encodeMetadataWithId(metadata)), { headers })
  }
  const own = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
  const client = chain.newClient(answering)
  return abortable(client.readBlob({ blobId: metadata.blobId, signal: own }), own)
}
