import { createCipheriv, hash, randomBytes, timingSafeEqual, type Cipher } from 'node:crypto'
import { derived } from '../crypto/drive-keys.ts'
import {
  type Journal,
  JournalFormatError,
  PlainJournalError,
  SealedJournalError,
  type ReplayedRecord,
  type SegmentNumber,
} from './journal.ts'

/** The first byte of a payload of a sealed journal. */
const Kind = { salt: 0xe2, record: 0xe3 } as const
const saltBytes = 32
const tagBytes = 16
const segmentLabel = 'walrusfs journal segment 1'
/** What the first record of a segment takes beside its own bytes, frames included. */
const overheadBytes = 128

/**
 * A journal whose records nobody reads without the key. Each segment begins with 32 random bytes that its own keys follow from; its
 * records are encrypted with one AES-256-CTR stream and signed each, with its number, by HMAC-SHA256: no position of the stream is
 * used twice, and records cannot change places. (AES-GCM would do the same, and costs a cipher object for each record: ten times the
 * time.) `openedRecords` is the inverse.
 */
export class SealedJournal implements Journal {
  readonly #journal: Journal
  readonly #key: Uint8Array
  #segment: SealedSegment | undefined

  /** `key`: of the drive's, the one for journals. */
  constructor(journal: Journal, key: Uint8Array) {
    this.#journal = journal
    this.#key = key
  }

  get segment(): SegmentNumber {
    return this.#journal.segment
  }

  get bytes(): number {
    return this.#journal.bytes
  }

  reserve(bytes: number): void {
    this.#journal.reserve(bytes + overheadBytes)
  }

  append(payload: Uint8Array): void {
    const { segment } = this.#journal
    if (this.#segment?.number !== segment) {
      this.reserve(payload.length)
      const salt = randomBytes(saltBytes)
      this.#journal.append(Buffer.concat([Buffer.of(Kind.salt), salt]))
      this.#segment = new SealedSegment(this.#key, salt, segment)
    }
    const sealed = this.#segment.seal(payload)
    try {
      this.#journal.append(sealed)
    } catch (error) {
      // Nobody has seen it: its number and its part of the stream are used again.
      this.#segment.takeBack(payload.length)
      throw error
    }
  }

  handOver(): void {
    this.#journal.handOver()
  }

  sync(): Promise<void> {
    return this.#journal.sync()
  }

  rotate(): SegmentNumber {
    return this.#journal.rotate()
  }

  dropBefore(segment: SegmentNumber): Promise<void> {
    return this.#journal.dropBefore(segment)
  }

  close(): Promise<void> {
    return this.#journal.close()
  }
}

/**
 * The records that a replay gives, opened; as they are where there is no key. Throws SealedJournalError for records that are sealed
 * where there is no key, and JournalFormatError for those that are not as the key says they must be.
 */
export function* openedRecords(
  records: Iterable<ReplayedRecord>,
  key: Uint8Array | undefined,
): Generator<ReplayedRecord> {
  let current: SealedSegment | undefined
  for (const { segment, payload } of records) {
    const isSealed = payload[0] === Kind.salt || payload[0] === Kind.record
    if (!key) {
      if (isSealed) throw new SealedJournalError('the journal is sealed, and there is no key')
      yield { segment, payload }
      continue
    }
    if (!isSealed) throw new PlainJournalError()
    if (payload[0] === Kind.salt) {
      if (payload.length !== 1 + saltBytes || current?.number === segment) throw changed(segment)
      current = new SealedSegment(key, payload.subarray(1), segment)
      continue
    }
    const plain = current?.number === segment ? current.open(payload) : undefined
    if (!plain) throw changed(segment)
    yield { segment, payload: plain }
  }
}

/** One segment's keys, and how far its stream has come. Seals, or opens, in order. */
class SealedSegment {
  readonly number: SegmentNumber
  readonly #streamKey: Uint8Array
  /** What the two hashes of HMAC begin with. */
  readonly #inner: Buffer
  readonly #outer: Buffer
  #stream: Cipher | undefined
  #bytes = 0
  #records = 0

  constructor(key: Uint8Array, salt: Uint8Array, segment: SegmentNumber) {
    this.number = segment
    const keys = derived(key, segmentLabel, 64, salt)
    this.#streamKey = keys.subarray(0, 32)
    const block = Buffer.alloc(64)
    block.set(keys.subarray(32))
    this.#inner = block.map((byte) => byte ^ 0x36) as Buffer
    this.#outer = block.map((byte) => byte ^ 0x5c) as Buffer
  }

  seal(plain: Uint8Array): Buffer {
    const sealed = Buffer.allocUnsafe(1 + plain.length + tagBytes)
    sealed[0] = Kind.record
    sealed.set(this.#turned(plain), 1)
    const end = 1 + plain.length
    sealed.set(this.#tagOf(sealed.subarray(1, end)), end)
    this.#records++
    return sealed
  }

  /** The last record was not kept. */
  takeBack(bytes: number): void {
    this.#records--
    this.#bytes -= bytes
    this.#stream = undefined
  }

  /** Undefined for what is not the next record. */
  open(sealed: Uint8Array): Buffer | undefined {
    const end = sealed.length - tagBytes
    if (end < 1) return undefined
    const text = sealed.subarray(1, end)
    if (!timingSafeEqual(this.#tagOf(text), sealed.subarray(end))) return undefined
    this.#records++
    return this.#turned(text)
  }

  /** Encrypts or decrypts what comes next: the same with this cipher. */
  #turned(bytes: Uint8Array): Buffer {
    this.#stream ??= streamAt(this.#streamKey, this.#bytes)
    this.#bytes += bytes.length
    return this.#stream.update(bytes)
  }

  #tagOf(text: Uint8Array): Buffer {
    const number = Buffer.alloc(12)
    number.writeUInt32LE(this.number)
    number.writeUIntLE(this.#records, 4, 6)
    const inner = hash('sha256', Buffer.concat([this.#inner, number, text]), 'buffer')
    const sum = hash('sha256', Buffer.concat([this.#outer, inner]), 'buffer')
    return sum.subarray(0, tagBytes)
  }
}

function streamAt(key: Uint8Array, position: number): Cipher {
  const counter = Buffer.alloc(16)
  counter.writeBigUInt64BE(BigInt(Math.floor(position / 16)), 8)
  const stream = createCipheriv('aes-256-ctr', key, counter)
  stream.update(Buffer.alloc(position % 16))
  return stream
}

function changed(segment: SegmentNumber): JournalFormatError {
  return new JournalFormatError(
    `segment ${segment} of the sealed journal does not open: it was changed, or sealed with another key`,
  )
}
