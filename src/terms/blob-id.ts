/** A Walrus blob id: base64url without padding of its 32 raw bytes, 43 characters. Named by content. */
export type BlobId = string & { readonly __brand: 'BlobId' }

const pattern = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** Checks the text form. Throws a RangeError that shows the bad value. */
export function parseBlobId(text: string): BlobId {
  if (!pattern.test(text)) throw new RangeError(`not a Walrus blob id: ${JSON.stringify(text)}`)
  return text as BlobId
}

/** The id of 32 raw bytes. */
export function blobIdFromBytes(bytes: Uint8Array): BlobId {
  if (bytes.length !== 32) throw new RangeError(`a blob id has 32 bytes, not ${bytes.length}`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, 32).toString('base64url') as BlobId
}

/** The 32 raw bytes of an id. */
export function blobIdBytes(id: BlobId): Uint8Array {
  return Buffer.from(id, 'base64url')
}

/** The id as Sui's contracts hold it: a u256 whose little-endian bytes are the raw bytes. */
export function blobIdToU256(id: BlobId): bigint {
  const bytes = Buffer.from(id, 'base64url').reverse()
  return BigInt(`0x${bytes.toString('hex')}`)
}

/** The inverse of {@link blobIdToU256}. */
export function blobIdFromU256(value: bigint): BlobId {
  const hex = value.toString(16).padStart(64, '0')
  if (value < 0n || hex.length > 64) throw new RangeError(`not a u256: ${value}`)
  return blobIdFromBytes(Buffer.from(hex, 'hex').reverse())
}
