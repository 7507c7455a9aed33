import { createBLAKE2b } from 'hash-wasm'

const hasher = await createBLAKE2b(256)

/** BLAKE2b-256 of the parts one after the other. */
export function blake2b256(...parts: readonly Uint8Array[]): Uint8Array {
  hasher.init()
  for (const part of parts) hasher.update(part)
  return hasher.digest('binary')
}
