import type { Disk, Descriptor } from '../runtime/disk.ts'
import { readUpToLater } from '../runtime/disk.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import { frameHashAt, frameHeaderBytes, frameLengthAt } from './slab-format.ts'
import { scanSlab } from './slab-scan.ts'

/** What a file of the cache holds. */
export interface CheckedFile {
  readonly pieces: number
  readonly bytes: number
  /** Pieces that are not what they should be. */
  readonly damaged: number
}

/** So much is read at a time, but for a longer piece. */
const windowBytes = 4 << 20

/**
 * Reads all pieces of a slab and compares them with their hashes. What a slab without an index has behind its last whole frame is no
 * damage: somebody writes it, or a crash tore it.
 */
export async function checkSlab(
  disk: Disk,
  file: Descriptor,
  onRead: (bytes: number) => Promise<void>,
): Promise<CheckedFile> {
  const { entries } = await scanSlab(disk, file)
  const sorted = entries.toSorted((a, b) => a.position - b.position)
  let [damaged, bytes] = [0, 0]
  for (let next = 0; next < sorted.length;) {
    const from = sorted[next]!.position - frameHeaderBytes
    let last = next
    while (last + 1 < sorted.length && endOf(sorted[last + 1]!) - from <= windowBytes) last++
    const window = Buffer.allocUnsafe(Math.max(0, endOf(sorted[last]!) - from))
    const count = await readUpToLater(disk, file, window, from)
    for (; next <= last; next++) {
      const { hash, position, length } = sorted[next]!
      const at = position - from
      const isThere = at >= frameHeaderBytes && at + length <= count
      const isRight =
        isThere &&
        frameLengthAt(window, at - frameHeaderBytes) === length &&
        frameHashAt(window, at - frameHeaderBytes).equals(hash) &&
        hash.toString('base64url') === pieceHashOf(window.subarray(at, at + length))
      if (!isRight) damaged++
      bytes += length
    }
    await onRead(window.length)
  }
  return { pieces: sorted.length, bytes, damaged }
}

function endOf({ position, length }: { readonly position: number; readonly length: number }) {
  return position + length
}
