import { parentPort } from 'node:worker_threads'
import {
  bls12381_min_pk_aggregate as aggregate,
  bls12381_min_pk_verify as verify,
  bls12381_min_pk_verify_aggregate as verifyAggregate,
} from '@mysten/walrus-wasm'
import type { SignatureJob, SignatureResult } from './signatures.ts'

/** Runs in a worker: a pairing takes ten milliseconds. */
function combine({ keys, message, signatures }: SignatureJob): SignatureResult {
  try {
    const signature = Uint8Array.from(aggregate([...signatures]))
    if (verifyAggregate([...keys], message, signature)) return { signature, bad: [] }
  } catch {
    // One of them is not even a point on the curve.
  }
  const bad = signatures.flatMap((signature, i) => (isGood(signature, keys[i]!, message) ? [] : i))
  return { signature: undefined, bad }
}

function isGood(signature: Uint8Array, key: Uint8Array, message: Uint8Array): boolean {
  try {
    return verify(signature, key, message)
  } catch {
    return false
  }
}

parentPort!.on('message', ({ id, job }: { id: number; job: SignatureJob }) => {
  parentPort!.postMessage({ id, result: combine(job) })
})
