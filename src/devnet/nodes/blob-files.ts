import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobMetadata } from '../../redstuff/codec.ts'
import type { Log } from '../../runtime/log.ts'
import { SingleFlight } from '../../runtime/single-flight.ts'
import { parseBlobId, type BlobId } from '../../terms/blob-id.ts'
import { BlobFile, BlobFileError } from './blob-file.ts'

export interface BlobFilesOptions {
  /** Made when absent. Holds one file per blob, named by its id. */
  readonly directory: string
  /** Shards of the node. */
  readonly slots: number
  /** Reads metadata in BCS and checks it against the blob id; throws when it is not its own. */
  readonly readMetadata: (blobId: BlobId, bcs: Uint8Array) => BlobMetadata
  /** Whether a blob that was found is still to be kept. */
  readonly keep: (blobId: BlobId) => boolean
  readonly log: Log
}

interface OpenBlob {
  readonly file: BlobFile
  users: number
}

const maxOpen = 16
const temporaryPrefix = '.new-'
const damagedSuffix = '.damaged'

/** The disk of one storage node: its blobs' files, a few of them held open. */
export class BlobFiles {
  readonly #options: BlobFilesOptions
  readonly #known: Set<BlobId>
  /** Least recently used first. */
  readonly #open = new Map<BlobId, OpenBlob>()
  readonly #opening = new SingleFlight<BlobId, void>()
  #temporaries = 0

  private constructor(options: BlobFilesOptions, known: Set<BlobId>) {
    this.#options = options
    this.#known = known
  }

  /** Lists what is there. Leftovers of a crash and blobs that are not to be kept are removed. */
  static async open(options: BlobFilesOptions): Promise<BlobFiles> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 })
    const known = new Set<BlobId>()
    for (const name of await readdir(options.directory)) {
      const blobId = blobIdOf(name.replace(damagedSuffix, ''))
      const kept = blobId !== undefined && options.keep(blobId)
      if (kept && name === blobId) known.add(blobId)
      else if ((blobId && !kept) || name.startsWith(temporaryPrefix)) {
        await rm(join(options.directory, name))
      }
    }
    return new BlobFiles(options, known)
  }

  has(blobId: BlobId): boolean {
    return this.#known.has(blobId)
  }

  ids(): readonly BlobId[] {
    return [...this.#known]
  }

  get count(): number {
    return this.#known.size
  }

  /** Makes the file of a blob whose metadata were verified; false when it is there already. */
  async create(metadata: BlobMetadata, bcs: Uint8Array): Promise<boolean> {
    const { blobId } = metadata
    let made = false
    while (!this.#known.has(blobId)) {
      await this.#opening.run(blobId, async () => {
        if (this.#known.has(blobId)) return
        await this.#make(metadata, bcs)
        made = true
      })
    }
    await this.#closeIdle()
    return made
  }

  /** Works with a blob's file; undefined when the node has none. */
  async use<T>(blobId: BlobId, work: (file: BlobFile) => Promise<T>): Promise<T | undefined> {
    const blob = await this.#borrow(blobId)
    if (!blob) return undefined
    try {
      return await work(blob.file)
    } finally {
      blob.users--
      if (this.#open.get(blobId) === blob) await this.#closeIdle()
      else if (blob.users === 0) await blob.file.close()
    }
  }

  /** Whether all of a blob that the node should have is here; a damaged file is found out when it is used. */
  async isComplete(blobId: BlobId): Promise<boolean> {
    if (!this.#known.has(blobId)) return false
    try {
      if (!this.#open.has(blobId) && (await BlobFile.isSealed(this.#path(blobId)))) return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    return (await this.use(blobId, async (file) => file.complete)) === true
  }

  /** Makes the names of files durable. */
  async syncNames(): Promise<void> {
    const directory = await open(this.#options.directory, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  }

  /** Forgets a blob. Who works with its file goes on with an unlinked one. */
  async remove(blobId: BlobId): Promise<void> {
    if (!this.#known.delete(blobId)) return
    await rm(this.#path(blobId), { force: true })
    await this.#drop(blobId)
  }

  /** Closes all files; those in use when their users are done. */
  async close(): Promise<void> {
    this.#known.clear()
    for (const blobId of this.#open.keys()) await this.#drop(blobId)
  }

  async #borrow(blobId: BlobId): Promise<OpenBlob | undefined> {
    while (this.#known.has(blobId)) {
      const blob = this.#open.get(blobId)
      if (blob) {
        this.#open.delete(blobId)
        this.#open.set(blobId, blob)
        blob.users++
        return blob
      }
      await this.#opening.run(blobId, () => this.#load(blobId))
    }
    return undefined
  }

  async #make(metadata: BlobMetadata, bcs: Uint8Array): Promise<void> {
    const { directory, slots } = this.#options
    const temporary = join(directory, `${temporaryPrefix}${this.#temporaries++}`)
    const path = this.#path(metadata.blobId)
    try {
      const file = await BlobFile.create(path, temporary, metadata, bcs, slots)
      this.#open.set(metadata.blobId, { file, users: 0 })
      this.#known.add(metadata.blobId)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  async #load(blobId: BlobId): Promise<void> {
    const { slots, readMetadata } = this.#options
    const path = this.#path(blobId)
    try {
      const file = await BlobFile.open(path, slots, (bcs) => readMetadata(blobId, bcs))
      this.#open.set(blobId, { file, users: 0 })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.#known.delete(blobId)
      else if (error instanceof BlobFileError && !error.unknownFormat) {
        await this.#setAside(blobId, error)
      } else throw error
    }
  }

  /** A damaged file is kept for whoever wants to look at it, and the blob can be stored anew. */
  async #setAside(blobId: BlobId, error: BlobFileError): Promise<void> {
    this.#options.log.error('a blob file is damaged and was set aside', {
      blobId,
      why: error.message,
    })
    this.#known.delete(blobId)
    await rename(this.#path(blobId), this.#path(blobId) + damagedSuffix)
  }

  async #closeIdle(): Promise<void> {
    for (const [blobId, blob] of this.#open) {
      if (this.#open.size <= maxOpen) return
      if (blob.users === 0) await this.#drop(blobId)
    }
  }

  async #drop(blobId: BlobId): Promise<void> {
    const blob = this.#open.get(blobId)
    this.#open.delete(blobId)
    if (blob?.users === 0) await blob.file.close()
  }

  #path(blobId: BlobId): string {
    return join(this.#options.directory, blobId)
  }
}

function blobIdOf(name: string): BlobId | undefined {
  try {
    return parseBlobId(name)
  } catch {
    return undefined
  }
}
