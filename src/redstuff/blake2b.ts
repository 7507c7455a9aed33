import { createBLAKE2b } from 'hash-wasm'

const hasher = await createBLAKE2b(256)

/** Bytes of every hash of the code. */
export const hashBytes = 32

/** BLAKE2b with a 32-byte digest over the concatenation of the parts. */
export function blake2b256(...parts: readonly Uint8Array[]): Uint8Array {
  hasher.init()
  for (const part of parts) hasher.update(part)
  return hasher.digest('binary')
}
