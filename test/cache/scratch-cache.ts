import { type CacheOptions, MemoryOverDiskCache } from '../../src/cache/memory-over-disk-cache.ts'
import type { Disk } from '../../src/runtime/disk.ts'
import { type BlobId, blobIdFromBytes } from '../../src/terms/blob-id.ts'
import { pieceHashOf } from '../../src/terms/piece-hash.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'

/** A clock that moves when it is told to; nobody sleeps by it. */
export const clock = {
  time: 1_000_000,
  now: (): number => clock.time,
  sleep: (): Promise<void> => new Promise(() => {}),
}

export interface TestPiece {
  readonly ref: PieceRef
  readonly bytes: Buffer
}

/** A piece whose bytes follow from its number. */
export function piece(number: number, length = 1000, blob = blobOf(0), offset = 0): TestPiece {
  const bytes = Buffer.alloc(length, `piece ${number};`)
  bytes.writeUInt32LE(number, 0)
  const hash = pieceHashOf(bytes)
  const ref = { blob, offset, storedLength: length, length, hash, compression: 0, seal: 0 } as const
  return { ref, bytes }
}

export function blobOf(number: number): BlobId {
  return blobIdFromBytes(Buffer.alloc(32, number))
}

/** A cache with nothing in memory, so that everything shows on the disk. */
export function openCache(disk: Disk, options: CacheOptions = {}): Promise<MemoryOverDiskCache> {
  return MemoryOverDiskCache.open('/cache', {
    disk,
    clock,
    memoryBytes: 0,
    reserveBytes: 0,
    ...options,
  })
}

/** Keeps pieces and waits until they are written. */
export async function keep(
  cache: MemoryOverDiskCache,
  pieces: readonly TestPiece[],
): Promise<void> {
  for (const { ref, bytes } of pieces) {
    cache.keepStored(ref, bytes)
    await cache.idle()
  }
}

/** How many of the pieces the cache gives, all right ones. */
export function countHits(cache: MemoryOverDiskCache, pieces: readonly TestPiece[]): number {
  let hits = 0
  for (const { ref, bytes } of pieces) {
    const stored = cache.stored(ref)
    if (!stored) continue
    if (!bytes.equals(stored)) throw new Error('wrong bytes')
    hits++
  }
  return hits
}

export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}
