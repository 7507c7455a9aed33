import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { Descriptor, Disk } from '../runtime/disk.ts'
import { readUpToLater } from '../runtime/disk.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import { decodePackIndex, decodePackTrailer, packTrailerBytes } from '../tree/format/pack-format.ts'
import type { CheckedFile } from './check-slab.ts'

/** Reads all pieces of a pack's file and compares them with the hashes of its own index. */
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
    const pieces = decodePackIndex(codec.decode(index, stored), trailer)
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
