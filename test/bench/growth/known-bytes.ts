import { createCipheriv } from 'node:crypto'

const key = Buffer.from('a file of known bytes')
const blockBytes = 16

/** Bytes that follow from where they lie in the file and cannot be made smaller: AES-CTR over zeros. `offset` is a multiple of 16. */
export function knownBytes(offset: number, length: number): Buffer {
  const counter = Buffer.alloc(blockBytes)
  counter.writeBigUInt64BE(BigInt(offset / blockBytes), 8)
  return createCipheriv('aes-128-ctr', key.subarray(0, blockBytes), counter).update(
    Buffer.alloc(length),
  )
}
