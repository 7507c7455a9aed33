import { parentPort } from 'node:worker_threads'
import { BlobEncoder } from '@mysten/walrus-wasm'
import type { OfficialAnswer, OfficialOrder, OfficialSlivers } from './protocol.ts'

type EncodeOrder = Extract<OfficialOrder, { kind: 'encode' }>
type DecodeOrder = Extract<OfficialOrder, { kind: 'decode' }>

interface Node {
  readonly Digest: readonly number[]
}

/** The first of the two values that the encoder answers. */
interface OfficialMetadata {
  readonly metadata: {
    readonly V1: {
      readonly hashes: readonly { readonly primary_hash: Node; readonly secondary_hash: Node }[]
    }
  }
}

function blanks(count: number, bytes: number): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: count }, () => new Uint8Array(bytes))
}

function encode(order: EncodeOrder): OfficialSlivers {
  const { shards } = order
  const primary = blanks(shards, order.primaryBcsBytes)
  const secondary = blanks(shards, order.secondaryBcsBytes)
  const answer = new BlobEncoder(shards).encode(order.blob, primary, secondary) as [
    OfficialMetadata,
  ]
  const hashes = answer[0].metadata.V1.hashes.flatMap((pair) => [
    ...pair.primary_hash.Digest,
    ...pair.secondary_hash.Digest,
  ])
  return { hashes: Uint8Array.from(hashes), primary, secondary }
}

function decode({ shards, blobId, length, slivers }: DecodeOrder): Uint8Array {
  const blob = new Uint8Array(length)
  new BlobEncoder(shards).decode(Array.from(blobId), BigInt(length), [...slivers], blob)
  return blob
}

function answer(order: OfficialOrder): OfficialAnswer {
  try {
    return order.kind === 'encode'
      ? { kind: 'slivers', slivers: encode(order) }
      : { kind: 'blob', blob: decode(order) }
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

const port = parentPort!
port.on('message', (order: OfficialOrder) => port.postMessage(answer(order)))
