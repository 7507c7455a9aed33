import { openPieceCodec } from '../crypto/open-piece-codec.ts'
import { PieceCodingError, type PieceCodec, type PieceCoding } from '../crypto/piece-codec.ts'
import type { Descriptor, Disk } from '../runtime/disk.ts'
import { readUpToLater } from '../runtime/disk.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { Seal } from '../terms/piece-coding.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import { decodePackIndex, decodePackTrailer, packTrailerBytes } from '../tree/format/pack-format.ts'
import type { CheckedFile } from './check-slab.ts'

/**
 * Reads all pieces of a pack's file and compares them with the hashes of its own index. Of one that is sealed with another key than
 * the codec's, only the index is compared with what the trailer says of it.
 */
export async function checkPack(
  disk: Disk,
  file: Descriptor,
  blob: BlobId,
  codec: Pick<PieceCodec, 'decode'>,
  onRead: (bytes: number) => Promise<void>,
): Promise<CheckedFile> {
  const size = disk.size(file)
  const read = async (offset: number, length: number): Promise<Buffer> => {
    const bytes = Buffer.allocUnsafe(length)
    const count = await readUpToLater(disk, file, bytes, offset)
    await onRead(count)
    return bytes.subarray(0, count)
  }
  let [damaged, bytes] = [0, 0]
  try {
    const at = Math.max(0, size - packTrailerBytes)
    const trailer = decodePackTrailer(await read(at, size - at), blob, size)
    const { index } = trailer
    const stored = await read(index.offset, Math.min(index.storedLength, size))
    if (pieceHashOf(stored) !== index.hash) throw new Error('the index does not match its hash')
    const plain = openedIndex(index, stored, codec)
    if (!plain) return { pieces: 0, bytes: stored.length, damaged: 0 }
    const pieces = decodePackIndex(plain, trailer)
    for (const { ref } of pieces) {
      if (pieceHashOf(await read(ref.offset, ref.storedLength)) !== ref.hash) damaged++
      bytes += ref.storedLength
    }
    return { pieces: pieces.length, bytes, damaged }
  } catch (error) {
    const isRead = typeof (error as NodeJS.ErrnoException).code === 'string'
    if (isRead && (error as NodeJS.ErrnoException).syscall !== undefined) throw error
    return { pieces: 1, bytes, damaged: damaged + 1 }
  }
}

const plainCodec = openPieceCodec()

/** Undefined for one that is sealed with another key: the cache is shared by drives that do not know each other's. */
function openedIndex(
  index: PieceCoding,
  stored: Uint8Array,
  codec: Pick<PieceCodec, 'decode'>,
): Uint8Array | undefined {
  if (index.seal === Seal.none) return plainCodec.decode(index, stored)
  try {
    return codec.decode(index, stored)
  } catch (error) {
    if (error instanceof PieceCodingError) return undefined
    throw error
  }
}
