import { join } from 'node:path'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import { type Descriptor, type Disk, localDisk } from '../runtime/disk.ts'
import { type BlobId, parseBlobId } from '../terms/blob-id.ts'
import { checkPack } from './check-pack.ts'
import { checkSlab, type CheckedFile } from './check-slab.ts'
import { packName } from './pack-shelf.ts'
import { slabName } from './slab-shelf.ts'

/** What was found in a cache directory. */
export interface CheckedCache {
  readonly files: number
  readonly pieces: number
  /** Stored bytes of them. */
  readonly bytes: number
  readonly damaged: readonly DamagedCacheFile[]
}

export interface DamagedCacheFile {
  /** In the cache directory. */
  readonly name: string
  /** Pieces of it that are damaged, and all of its pieces. */
  readonly damaged: number
  readonly pieces: number
  readonly removed: boolean
}

export interface CheckCacheOptions {
  /** Deletes files in which something is damaged: the rest of them is copies, too. */
  readonly remove: boolean
  readonly disk?: Disk
  /** So many bytes were read; what it waits for, the check waits for. */
  readonly onRead?: (bytes: number) => Promise<void>
}

/**
 * Compares all pieces of a cache directory, in slabs and packs, with their hashes. The directory may be in use. Whole files for
 * the kernel are left out: nobody but the process that wrote them uses them.
 */
export async function checkCache(
  directory: string,
  codec: Pick<PieceCodec, 'decode'>,
  { remove, disk = localDisk, onRead = async () => {} }: CheckCacheOptions,
): Promise<CheckedCache> {
  const damaged: DamagedCacheFile[] = []
  let [files, pieces, bytes] = [0, 0, 0]
  const check = async (name: string, work: (file: Descriptor) => Promise<CheckedFile>) => {
    const path = join(directory, name)
    const found = await checked(disk, path, work)
    if (!found) return
    files++
    pieces += found.pieces
    bytes += found.bytes
    if (found.damaged === 0) return
    if (remove) removeIfThere(disk, path)
    damaged.push({ name, damaged: found.damaged, pieces: found.pieces, removed: remove })
  }
  const owners = disk.list(join(directory, 'pinned')).map((owner) => join('pinned', owner))
  for (const place of ['pieces', ...owners]) {
    for (const name of disk.list(join(directory, place))) {
      if (!slabName.test(name)) continue
      await check(join(place, name), (file) => checkSlab(disk, file, onRead))
    }
  }
  for (const name of disk.list(join(directory, 'packs'))) {
    const blob = blobOf(name)
    if (blob === undefined) continue
    await check(join('packs', name), (file) => checkPack(disk, file, blob, codec, onRead))
  }
  return { files, pieces, bytes, damaged }
}

/** Undefined for what is no pack of ours. */
function blobOf(name: string): BlobId | undefined {
  const id = packName.exec(name)?.[2]
  try {
    return id === undefined ? undefined : parseBlobId(id)
  } catch {
    return undefined
  }
}

/** Undefined for a file that is gone: whoever uses the cache may have evicted it. One that cannot be read is damaged. */
async function checked(
  disk: Disk,
  path: string,
  work: (file: Descriptor) => Promise<CheckedFile>,
): Promise<CheckedFile | undefined> {
  let file: Descriptor
  try {
    file = disk.open(path, 'read')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return await work(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error
    return { pieces: 1, bytes: 0, damaged: 1 }
  } finally {
    disk.close(file)
  }
}

function removeIfThere(disk: Disk, path: string): void {
  try {
    disk.remove(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
