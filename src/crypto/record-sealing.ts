import { createHmac } from 'node:crypto'
import { derived } from './drive-keys.ts'
import { PieceCodingError } from './piece-codec.ts'
import { Xaes, xaesNonceBytes, xaesTagBytes } from './xaes.ts'

const purpose = Buffer.from('walrusfs record 1\0', 'latin1')
/** The first byte of a sealed record; no plain one begins with it. */
const sealedMark = 0xe1
/** A sealed record is longer than its plain bytes by so many. */
export const recordSealBytes = 1 + xaesNonceBytes + xaesTagBytes

/**
 * Seals the small records of one drive's manifest. Each is bound to the drive and to its sequence number; the same record at
 * the same place comes out the same, so that one whose answer was lost is found on chain.
 */
export class RecordSealer {
  readonly #xaes: Xaes
  readonly #nonceKey: Uint8Array
  readonly #drive: Buffer

  /** `key`: of the drive's, the one for records. `drive`: the manifest's object id. */
  constructor(key: Uint8Array, drive: string) {
    this.#xaes = new Xaes(key)
    this.#nonceKey = derived(key, 'walrusfs nonces 1')
    this.#drive = Buffer.from(drive.replace(/^0x/, '').padStart(64, '0'), 'hex')
  }

  /** `sequence`: the number that the manifest has with it. */
  seal(plain: Uint8Array, sequence: bigint): Uint8Array {
    const bound = this.#bound(sequence)
    const sum = createHmac('sha256', this.#nonceKey).update(bound).update(plain).digest()
    const sealed = this.#xaes.seal(sum.subarray(0, xaesNonceBytes), bound, plain)
    return Buffer.concat([Buffer.of(sealedMark), sealed])
  }

  /** The inverse. Throws PieceCodingError. */
  open(sealed: Uint8Array, sequence: bigint): Uint8Array {
    if (!isSealedRecord(sealed)) {
      throw new PieceCodingError('a record is not sealed, as all records of this drive are')
    }
    const plain = this.#xaes.open(this.#bound(sequence), sealed.subarray(1))
    if (plain) return plain
    throw new PieceCodingError('a sealed record does not open: another key, or not of this place')
  }

  #bound(sequence: bigint): Buffer {
    const number = Buffer.alloc(8)
    number.writeBigUInt64LE(sequence)
    return Buffer.concat([purpose, this.#drive, number])
  }
}

/** A record that only a sealed drive has. */
export function isSealedRecord(record: Uint8Array): boolean {
  return record[0] === sealedMark
}
