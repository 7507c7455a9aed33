import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { PieceCodingError } from './piece-codec.ts'

const level = 3
/** Less than this is not worth a frame of its own. */
const minBytes = 64
/** Longer pieces are sampled before all of them is compressed. */
const sampledFrom = 64 * 1024
const samplePart = 8 * 1024
const sampleParts = 3
/** Smaller than this share of the plain bytes, or it is not kept compressed. */
const worthwhile = 0.97
const smallestWindowLog = 10

/** The zstd frame of some bytes; undefined where it would gain next to nothing. */
export function compress(plain: Uint8Array): Uint8Array | undefined {
  if (plain.length < minBytes) return undefined
  if (plain.length >= sampledFrom && !gains(sampleOf(plain))) return undefined
  const frame = zstd(plain, level)
  return frame.length <= plain.length * worthwhile ? frame : undefined
}

/** The bytes of a frame, which must be `length` of them. No more memory is used than they and as large a window need. */
export function decompress(frame: Uint8Array, length: number): Uint8Array {
  const windowLog = Math.max(smallestWindowLog, Math.ceil(Math.log2(length)))
  let plain: Uint8Array
  try {
    plain = zstdDecompressSync(frame, {
      maxOutputLength: Math.max(1, length),
      params: { [constants.ZSTD_d_windowLogMax]: windowLog },
    })
  } catch (error) {
    throw new PieceCodingError('a compressed piece does not decompress', { cause: error })
  }
  if (plain.length !== length) {
    throw new PieceCodingError(`a compressed piece has ${plain.length} bytes, not ${length}`)
  }
  return plain
}

function zstd(plain: Uint8Array, compressionLevel: number): Uint8Array {
  return zstdCompressSync(plain, {
    pledgedSrcSize: plain.length,
    params: { [constants.ZSTD_c_compressionLevel]: compressionLevel },
  })
}

function gains(sample: Uint8Array): boolean {
  return zstd(sample, 1).length <= sample.length * worthwhile
}

/** Parts from the beginning, the middle and the end. */
function sampleOf(plain: Uint8Array): Uint8Array {
  const step = (plain.length - samplePart) / (sampleParts - 1)
  const parts = Array.from({ length: sampleParts }, (_, i) => {
    const start = Math.floor(i * step)
    return plain.subarray(start, start + samplePart)
  })
  return Buffer.concat(parts)
}
