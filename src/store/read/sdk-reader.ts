import { parentPort, workerData } from 'node:worker_threads'
import { silentLog } from '../../runtime/log.ts'
import { openSuiAccount } from '../chain/sui-account.ts'
import { openWalrusClient } from '../chain/walrus-client.ts'
import type { SdkAnswer, SdkReading } from './sdk-reading.ts'

/** Runs in a worker, for one blob. Our metadata instead of the node's, since the SDK breaks with few nodes. */
async function read({ network, blobId, metadata }: SdkReading): Promise<Uint8Array> {
  const path = `/v1/blobs/${blobId}/metadata`
  const answering: typeof fetch = async (url, init) => {
    const target = new URL(url instanceof Request ? url.url : url)
    if (target.pathname !== path) return fetch(url, init)
    const headers = { 'content-type': 'application/octet-stream' }
    return new Response(Buffer.from(metadata), { headers })
  }
  const account = openSuiAccount({ network, signer: undefined, log: silentLog })
  return openWalrusClient(account, answering).readBlob({ blobId })
}

let answer: SdkAnswer
try {
  answer = { bytes: await read(workerData as SdkReading) }
} catch (error) {
  answer = { error: error instanceof Error ? error.message : String(error) }
}
parentPort!.postMessage(answer)
