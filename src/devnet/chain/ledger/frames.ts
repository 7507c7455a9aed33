import { crc32 } from 'node:zlib'

/** A frame's header: length and CRC-32 of its content, each 32 bits, little-endian. */
export const headerBytes = 8
const maxFrameBytes = 64 * 1024 * 1024

/** Puts content into a frame. */
export function frameOf(content: Uint8Array): Uint8Array {
  if (content.length > maxFrameBytes)
    throw new RangeError(`a record of ${content.length} bytes is too large`)
  const frame = Buffer.alloc(headerBytes + content.length)
  frame.writeUInt32LE(content.length, 0)
  frame.writeUInt32LE(crc32(content), 4)
  frame.set(content, headerBytes)
  return frame
}

/** A frame found in bytes: where its content begins, and the content (a view). */
export interface Frame {
  readonly offset: number
  readonly content: Uint8Array
}

/** The whole frames from an offset on; ends at the first that is cut off or damaged. */
export function* framesIn(bytes: Uint8Array, start: number): Iterable<Frame> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = start; at + headerBytes <= buffer.length;) {
    const length = buffer.readUInt32LE(at)
    const offset = at + headerBytes
    const end = offset + length
    if (length > maxFrameBytes || end > buffer.length) return
    const content = buffer.subarray(offset, end)
    if (crc32(content) !== buffer.readUInt32LE(at + 4)) return
    yield { offset, content }
    at = end
  }
}
