import { copyFileSync, linkSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { PieceCache } from '../cache/piece-cache.ts'
import type { BlobStore, UploadedBlob } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { IndexedPiece } from '../tree/format/pack-format.ts'
import type { MadePack } from './commit-record.ts'
import type { StoredPiece } from './pack-job.ts'
import type { PackThread } from './pack-thread.ts'
import { uploadPacks } from './upload-packs.ts'

/** A pack that is no longer stored, and what its bytes are made of. */
export interface LostPack {
  readonly blob: BlobId
  readonly from:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'pieces'; readonly pieces: readonly IndexedPiece[] }
}

export interface ReviverParts {
  readonly store: BlobStore
  readonly cache: Pick<PieceCache, 'stored'>
  readonly thread: PackThread
}

export interface ReviverOptions {
  /** Pack files are made here. In the state directory: a start deletes what a killed process left. */
  readonly packDirectory: string
}

/** What became of some lost packs. */
export interface RevivedPacks {
  /** A quorum of nodes holds them; not certified yet. */
  readonly uploaded: readonly UploadedBlob[]
  /** Not stored, and nothing was paid for them: what the cache has of them is not what they were. */
  readonly failed: ReadonlyMap<BlobId, string>
}

/** So much is read and handed to the packing thread at a time. */
const batchBytes = 8 << 20

/**
 * Makes the bytes of packs again, from copies of them, and brings them to the nodes: what has the same bytes has the same id, so
 * that everything that names it can be read again. Nothing is paid before the id is known to be the same. What was registered
 * by a run that was killed is taken by the next.
 */
export class Reviver {
  readonly #parts: ReviverParts
  readonly #options: ReviverOptions

  constructor(parts: ReviverParts, options: ReviverOptions) {
    this.#parts = parts
    this.#options = options
  }

  /** Pays for them for so many epochs. Throws StoreError, and FsError where the disk is full. */
  async revive(
    packs: readonly LostPack[],
    epochs: number,
    progress: (step: 'pack' | 'upload', done: number) => void,
    signal: AbortSignal,
  ): Promise<RevivedPacks> {
    const { store } = this.#parts
    const { packDirectory: directory } = this.#options
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const made: MadePack[] = []
    const failed = new Map<BlobId, string>()
    try {
      let bytes = 0
      for (const pack of packs) {
        const again = await this.#make(pack, `revive-${made.length}.pack`, signal)
        if (typeof again === 'string') failed.set(pack.blob, again)
        else made.push(again)
        if (typeof again !== 'string') progress('pack', (bytes += again.bytes))
      }
      const registered = await store.register(made, epochs, signal)
      const uploaded = new Map<BlobId, UploadedBlob>()
      const tell = (done: number) => progress('upload', done)
      const sending = { store, directory, concurrency: 2, onUploaded: () => {}, progress: tell }
      await uploadPacks({ registered, uploaded }, { packs: made }, sending, signal)
      return { uploaded: [...uploaded.values()], failed }
    } finally {
      await this.#parts.thread.discard()
      for (const { file } of made) rmSync(join(directory, file), { force: true })
    }
  }

  /** The pack's file with its id, which is compared; or why it is not the same. */
  async #make(
    { blob, from }: LostPack,
    file: string,
    signal: AbortSignal,
  ): Promise<MadePack | string> {
    const path = join(this.#options.packDirectory, file)
    rmSync(path, { force: true })
    try {
      const bytes =
        from.kind === 'file'
          ? take(from.path, path)
          : await this.#compose(from.pieces, path, signal)
      if (bytes === undefined) return 'the cache has given up some of it meanwhile'
      const { blobId, rootHash } = await this.#parts.store.encode({ path, bytes }, signal)
      if (blobId === blob) return { file, bytes, blobId, rootHash }
      rmSync(path, { force: true })
      return from.kind === 'file'
        ? 'its file in the cache is damaged (walrusfs fsck --repair throws it away; run this again then)'
        : 'its pieces are all here, and its index cannot be made as it was: another version of the compressor made it'
    } catch (error) {
      rmSync(path, { force: true })
      throw error
    }
  }

  /** Writes a pack from its pieces; undefined where the cache no longer has one. */
  async #compose(
    pieces: readonly IndexedPiece[],
    path: string,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const { cache, thread } = this.#parts
    await thread.begin(path, Number.MAX_SAFE_INTEGER)
    let batch: StoredPiece[] = []
    let bytes = 0
    const flush = async () => {
      signal.throwIfAborted()
      await thread.copy(batch)
      batch = []
      bytes = 0
    }
    for (const { ref, use } of pieces) {
      const stored = cache.stored(ref)
      if (!stored) {
        await thread.discard()
        return undefined
      }
      const { compression, seal, length } = ref
      batch.push({ stored, compression, seal, length, use })
      bytes += stored.length
      if (bytes >= batchBytes) await flush()
    }
    await flush()
    return thread.end()
  }
}

/** The bytes of a pack's file that was taken; undefined where it is no longer there. The cache may delete its own name of it. */
function take(from: string, to: string): number | undefined {
  try {
    try {
      linkSync(from, to)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error
      copyFileSync(from, to)
    }
    return statSync(to).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
