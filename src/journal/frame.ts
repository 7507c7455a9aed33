import { crc32 } from 'node:zlib'
import { JournalFormatError, type SegmentNumber } from './journal.ts'

/** The journal's bytes; README.md is the description. All numbers are little-endian. */
export const headerBytes = 40
/** Before each frame's body: u24 its length, u8 check of the length, u32 crc32 of the body. */
export const frameBytes = 8
/** The first byte of a body. */
export const FrameKind = { record: 0, mark: 1 } as const
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind]

const headerMagic = Buffer.from('WFSJRNL\x01', 'latin1')
/** Makes a mark easy to find behind damage. */
const markMagic = Buffer.from('WFSMARK\x01', 'latin1')
const positionBytes = 10
const markBodyBytes = 1 + markMagic.length + 2 * positionBytes + 4
/** A whole mark in the file. */
export const markFrameBytes = frameBytes + markBodyBytes

/** A place between two frames. */
export interface Position {
  readonly segment: SegmentNumber
  readonly offset: number
}

/** What a sync leaves in the log. */
export interface Mark {
  /** The bytes that records before this place name are on stable storage. */
  readonly covered: Position
  /** Everything before this place was on stable storage when the mark was written. */
  readonly durable: Position
  /** The oldest segment that was there. */
  readonly first: SegmentNumber
}

/** Who wrote a segment. */
export interface SegmentHeader {
  readonly segment: SegmentNumber
  /** 16 bytes. */
  readonly boot: Buffer
  /** Length of the segment before this one, which changes no more; 0 where there was none. */
  readonly previousEnd: number
  /** Goes into the checksum of each frame, so that a frame of another segment does not pass. */
  readonly salt: number
}

export function isBefore(a: Position, b: Position): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset)
}

const headerSumAt = headerBytes - 4

/** The header of a new segment: magic and version, u32 number, boot id, u48 previous end, u16 0, u32 crc32. */
export function encodeHeader(header: Omit<SegmentHeader, 'salt'>): Buffer {
  const bytes = Buffer.alloc(headerBytes)
  headerMagic.copy(bytes)
  bytes.writeUInt32LE(header.segment, 8)
  header.boot.copy(bytes, 12, 0, 16)
  bytes.writeUIntLE(header.previousEnd, 28, 6)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, headerSumAt)), headerSumAt)
  return bytes
}

/** Undefined for bytes that are no whole header. Throws {@link JournalFormatError} for a header of another version. */
export function decodeHeader(bytes: Buffer): SegmentHeader | undefined {
  const known = headerMagic.length - 1
  if (bytes.length < headerBytes || bytes.compare(headerMagic, 0, known, 0, known) !== 0)
    return undefined
  const salt = bytes.readUInt32LE(headerSumAt)
  if (crc32(bytes.subarray(0, headerSumAt)) !== salt) return undefined
  const [version, ours] = [bytes[known], headerMagic[known]]
  if (version !== ours) {
    throw new JournalFormatError(`the journal has format ${version}, this program knows ${ours}`)
  }
  return {
    segment: bytes.readUInt32LE(8),
    boot: Buffer.from(bytes.subarray(12, 28)),
    previousEnd: bytes.readUIntLE(28, 6),
    salt,
  }
}

/** The checksum's start for frames of a kind in a segment. */
export function seedOf(kind: FrameKind, salt: number): number {
  return crc32(Buffer.from([kind]), salt)
}

/** Writes a frame; `seed` is that of its kind. Returns the offset behind it. */
export function putFrame(
  into: Buffer,
  at: number,
  kind: FrameKind,
  seed: number,
  payload: Uint8Array,
): number {
  into.writeUInt32LE(checkedLength(1 + payload.length), at)
  into.writeUInt32LE(crc32(payload, seed), at + 4)
  into[at + 8] = kind
  into.set(payload, at + 9)
  return at + 9 + payload.length
}

/** Bytes of a frame in the file. */
export function frameLength(payloadBytes: number): number {
  return frameBytes + 1 + payloadBytes
}

/** Length of the whole frame that begins here, or undefined when these bytes cannot begin one. */
export function frameLengthAt(bytes: Buffer, at: number): number | undefined {
  const field = bytes.readUInt32LE(at)
  const body = field & 0xffffff
  return body >= 1 && checkedLength(body) === field ? frameBytes + body : undefined
}

/** A length with its own check, so that a wrong one is not taken for a frame that was cut short. Never 0. */
function checkedLength(body: number): number {
  return (body | ((0x5a ^ body ^ (body >> 8) ^ (body >> 16)) << 24)) >>> 0
}

/** The body of a whole frame checks. */
export function frameChecks(frame: Buffer, salt: number): boolean {
  return crc32(frame.subarray(frameBytes), salt) === frame.readUInt32LE(4)
}

export function encodeMark(mark: Mark): Buffer {
  const payload = Buffer.alloc(markBodyBytes - 1)
  let at = markMagic.copy(payload)
  for (const position of [mark.covered, mark.durable]) {
    payload.writeUInt32LE(position.segment, at)
    payload.writeUIntLE(position.offset, at + 4, 6)
    at += positionBytes
  }
  payload.writeUInt32LE(mark.first, at)
  return payload
}

/** The mark in a frame's body; undefined for a record. */
export function decodeMark(frame: Buffer): Mark | undefined {
  if (frame.length !== markFrameBytes || frame[frameBytes] !== FrameKind.mark) return undefined
  const at = frameBytes + 1 + markMagic.length
  const position = (from: number): Position => ({
    segment: frame.readUInt32LE(from),
    offset: frame.readUIntLE(from + 4, 6),
  })
  return {
    covered: position(at),
    durable: position(at + positionBytes),
    first: frame.readUInt32LE(at + 2 * positionBytes),
  }
}

/** Marks anywhere in these bytes, for looking behind damage; where the salt is lost, whatever looks like one. */
export function* marksIn(bytes: Buffer, salt: number | undefined): Iterable<Mark> {
  for (let at = bytes.indexOf(markMagic); at >= 0; at = bytes.indexOf(markMagic, at + 1)) {
    const start = at - frameBytes - 1
    if (start < 0 || start + markFrameBytes > bytes.length) continue
    const frame = bytes.subarray(start, start + markFrameBytes)
    const mark = salt === undefined || frameChecks(frame, salt) ? decodeMark(frame) : undefined
    if (mark) yield mark
  }
}
