import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import PQueue from 'p-queue'
import type { BlobMetadata } from '../../redstuff/codec.ts'
import { encodeMetadataWithId } from '../../redstuff/metadata-bcs.ts'
import { workerUrl } from '../../runtime/worker-url.ts'
import { abortable } from '../abortable.ts'
import type { NetworkParameters } from '../networks.ts'
import type { SdkAnswer, SdkReading } from './sdk-reading.ts'

/** The SDK may wait for ever when exactly as many slivers as needed can be had. */
const deadlineMs = 120_000

/** One blob at a time: it takes several times its bytes. */
const queue = new PQueue({ concurrency: 1 })

/**
 * The SDK's own way to read a whole blob: random slivers, decoded unverified, encoded anew to compare the id. In a thread
 * that ends with it: decoding holds a thread up for seconds, and the memory it takes, some times the blob, never shrinks.
 */
export async function readBySdk(
  network: NetworkParameters,
  metadata: BlobMetadata,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const own = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
  const { blobId } = metadata
  const job: SdkReading = { network, blobId, metadata: encodeMetadataWithId(metadata) }
  return queue.add(() => readInThread(job, own), { signal: own })
}

async function readInThread(job: SdkReading, signal: AbortSignal): Promise<Uint8Array> {
  const worker = new Worker(workerUrl('sdk-reader', import.meta.url), {
    workerData: job,
    name: 'sdk-reader',
  })
  worker.unref()
  try {
    // Rejects with what the thread died of.
    const [answer] = (await abortable(once(worker, 'message'), signal)) as [SdkAnswer]
    if ('bytes' in answer) return answer.bytes
    throw new Error(answer.error)
  } finally {
    await worker.terminate()
  }
}
