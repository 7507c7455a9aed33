import { hkdfSync, randomBytes } from 'node:crypto'
import { keyBytes } from './sealing.ts'

export const keyIdBytes = 16

/** What a drive's key is used for: a key for each purpose, so that none of them says anything of another. */
export interface DriveKeys {
  /** Hex. Tells a key from others, and says nothing of it. */
  readonly id: string
  readonly pieces: Uint8Array
  readonly records: Uint8Array
  readonly staging: Uint8Array
  readonly journal: Uint8Array
}

/** A new drive's key: 32 random bytes. */
export function newDriveKey(): Uint8Array {
  return randomBytes(keyBytes)
}

/** The keys that follow from a drive's key (HKDF-SHA256, no salt). */
export function driveKeysOf(key: Uint8Array): DriveKeys {
  if (key.length !== keyBytes) throw new RangeError(`a drive's key of ${key.length} bytes`)
  return {
    id: Buffer.from(keyIdOf(key)).toString('hex'),
    pieces: derived(key, 'walrusfs pieces 1'),
    records: derived(key, 'walrusfs records 1'),
    staging: derived(key, 'walrusfs staging 1'),
    journal: derived(key, 'walrusfs journal 1'),
  }
}

/** 16 bytes that tell a drive's key from others. */
export function keyIdOf(key: Uint8Array): Uint8Array {
  return derived(key, 'walrusfs key id 1', keyIdBytes)
}

/** HKDF-SHA256. */
export function derived(
  key: Uint8Array,
  label: string,
  length = keyBytes,
  salt: Uint8Array = noSalt,
): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, salt, label, length))
}

const noSalt = new Uint8Array(0)
