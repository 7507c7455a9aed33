import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the official encoder made of one input. */
export interface Vector {
  readonly n: number
  readonly size: number
  readonly symbol_size: number
  readonly blob_id: string
  /** The official encoder refuses. */
  readonly error?: string
  /** All zeros instead of the stream. */
  readonly data?: 'zeros'
  /** Hex, in the tiny vectors, whose slivers are given in full. */
  readonly input?: string
  readonly root_hash?: string
  readonly metadata_bcs_sha256?: string
  readonly pair_hashes_sha256?: string
  readonly primary_all_sha256?: string
  readonly secondary_all_sha256?: string
  readonly primary_bcs_all_sha256?: string
  readonly secondary_bcs_all_sha256?: string
  readonly primary?: readonly string[]
  readonly secondary?: readonly string[]
}

/**
 * The input of the vectors: xorshift32 with seed 0x2545F491, the state after each step as four little-endian
 * bytes.
 */
export function stream(size: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(size / 4))
  let state = 0x2545f491
  for (let k = 0; k < words.length; k++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[k] = state
  }
  return new Uint8Array(words.buffer, 0, size)
}

/** The vectors of one file: `main`, `tiny` or `sweep`. */
export function vectors(file: 'main' | 'tiny' | 'sweep'): Vector[] {
  const path = join(import.meta.dirname, `vectors-${file}.json`)
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: Vector[] }).cases
}

/** The blob that a vector was made from. */
export function inputOf(vector: Vector): Uint8Array {
  if (vector.input !== undefined) return Buffer.from(vector.input, 'hex')
  return vector.data === 'zeros' ? new Uint8Array(vector.size) : stream(vector.size)
}
