import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BlobId } from '../terms/blob-id.ts'
import type { NodeSink, PackNaming } from '../tree/node-source.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { EncodedBlob, PackFile } from '../store/blob-store.ts'
import type { MadePack } from './commit-record.ts'
import type { PartSource, PlacedPiece, StoredPiece } from './pack-job.ts'
import type { PackThread } from './pack-thread.ts'
import { longestPiece } from './piece-plan.ts'

/** What a builder of packs works with. */
export interface PackBuilderParts {
  readonly thread: PackThread
  /** Where pack files are made. */
  readonly directory: string
  /** Begins each file name; unique to the commit. */
  readonly prefix: string
  /** The longest pack in bytes, index included. */
  readonly capacity: number
  /** Gives a finished pack its id. */
  readonly encode: (pack: PackFile) => Promise<EncodedBlob>
}

interface Pack {
  readonly placeholder: BlobId
  readonly file: string
  /** Undefined while the pack is open. */
  closed: Promise<MadePack> | undefined
  made: MadePack | undefined
}

/**
 * Makes the packs of one commit: data pieces, then tree nodes, then the root record, in as many files as it takes. Finished
 * packs are encoded while the next ones are filled. Calls are made one after the other.
 */
export class PackBuilder implements NodeSink {
  readonly #parts: PackBuilderParts
  readonly #packs: Pack[] = []
  readonly #byPlaceholder = new Map<BlobId, Pack>()

  constructor(parts: PackBuilderParts) {
    this.#parts = parts
    mkdirSync(parts.directory, { recursive: true, mode: 0o700 })
  }

  /** Stores data pieces in order. References carry placeholders until `finish`. */
  add(pieces: readonly (readonly PartSource[])[]): Promise<PieceRef[]> {
    return this.#place(pieces, (some) => this.#parts.thread.add(some))
  }

  /** The same with data pieces of other packs, as they are stored there. */
  copy(pieces: readonly StoredPiece[]): Promise<PieceRef[]> {
    return this.#place(pieces, (some) => this.#parts.thread.copy(some))
  }

  async #place<T>(
    pieces: readonly T[],
    place: (some: readonly T[]) => Promise<readonly PlacedPiece[]>,
  ): Promise<PieceRef[]> {
    const refs: PieceRef[] = []
    while (refs.length < pieces.length) {
      const pack = await this.#open()
      const placed = await place(pieces.slice(refs.length))
      refs.push(...placed.map((piece) => refOf(pack, piece)))
      if (refs.length < pieces.length) await this.#close(pack)
    }
    return refs
  }

  async put(encode: (naming: PackNaming) => Uint8Array): Promise<PieceRef> {
    return this.#put('node', encode)
  }

  /** Stores the root record and ends the last pack. Afterwards `resolve` and `packs` are of use. */
  async finish(encode: (naming: PackNaming) => Uint8Array): Promise<PieceRef> {
    const root = await this.#put('root', encode)
    await this.#close(await this.#open())
    await this.#idsKnown()
    return this.resolve(root)
  }

  /** How long a data piece may be. */
  get longestPiece(): number {
    return longestPiece(this.#parts.capacity)
  }

  /** The finished packs, in order. */
  get packs(): readonly MadePack[] {
    return this.#packs.flatMap((pack) => pack.made ?? [])
  }

  /** The id of a pack, given as an id or a placeholder; undefined for one that has none yet. */
  idOf(blob: BlobId): BlobId | undefined {
    const pack = this.#byPlaceholder.get(blob)
    return pack ? pack.made?.blobId : blob
  }

  resolve(ref: PieceRef): PieceRef {
    const pack = this.#byPlaceholder.get(ref.blob)
    if (!pack) return ref
    if (!pack.made) throw new Error('the pack of this reference is not finished')
    return { ...ref, blob: pack.made.blobId }
  }

  /** Gives up: deletes what was made. */
  async discard(): Promise<void> {
    await this.#parts.thread.discard()
    await Promise.allSettled(this.#packs.flatMap((pack) => pack.closed ?? []))
    for (const { file } of this.#packs) rmSync(join(this.#parts.directory, file), { force: true })
  }

  async #put(kind: 'node' | 'root', encode: (naming: PackNaming) => Uint8Array): Promise<PieceRef> {
    for (let fresh = false; ; fresh = true) {
      await this.#idsKnown()
      const pack = await this.#open()
      const naming = this.#namingFor(pack)
      const placed = await this.#parts.thread.put(kind, encode(naming))
      if (placed) return refOf(pack, placed)
      if (fresh) throw new Error('a tree node is longer than a pack may be')
      await this.#close(pack)
    }
  }

  #namingFor(open: Pack): PackNaming {
    return ({ blob }) => {
      const pack = this.#byPlaceholder.get(blob)
      if (!pack) return blob
      if (pack === open) return 'self'
      if (!pack.made) throw new Error('a pack has no id yet')
      return pack.made.blobId
    }
  }

  async #open(): Promise<Pack> {
    const last = this.#packs.at(-1)
    if (last && !last.closed) return last
    const index = this.#packs.length
    const file = `${this.#parts.prefix}-${index}.pack`
    const path = join(this.#parts.directory, file)
    rmSync(path, { force: true })
    await this.#parts.thread.begin(path, this.#parts.capacity)
    // No blob id has a character below '-': a placeholder is never taken for one.
    const placeholder = `(${file})` as BlobId
    const pack: Pack = { placeholder, file, closed: undefined, made: undefined }
    this.#packs.push(pack)
    this.#byPlaceholder.set(placeholder, pack)
    return pack
  }

  async #close(pack: Pack): Promise<void> {
    const bytes = await this.#parts.thread.end()
    const path = join(this.#parts.directory, pack.file)
    pack.closed = this.#parts.encode({ path, bytes }).then(({ blobId, rootHash }) => {
      pack.made = { file: pack.file, bytes, blobId, rootHash }
      return pack.made
    })
    // Looked at when an id is needed; until then a failure is not unhandled.
    pack.closed.catch(() => {})
  }

  async #idsKnown(): Promise<void> {
    for (const pack of this.#packs) if (!pack.made) await pack.closed
  }
}

function refOf(pack: Pack, placed: PlacedPiece): PieceRef {
  return { blob: pack.placeholder, ...placed }
}
