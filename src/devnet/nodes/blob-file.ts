import { open, rename, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { Axis, BlobMetadata } from '../../redstuff/codec.ts'
import {
  blobLayout,
  encodeHead,
  entryBytes,
  entryOf,
  headerBytes,
  magic,
  sealedAt,
  sliverAt,
  sliverBytesOf,
  type BlobLayout,
} from './blob-layout.ts'

/** A blob's file is not what it should be, or of a format that this version does not know. */
export class BlobFileError extends Error {
  override readonly name = 'BlobFileError'
  /** Written by another version: left alone. */
  readonly unknownFormat: boolean

  constructor(message: string, unknownFormat: boolean, options?: ErrorOptions) {
    super(message, options)
    this.unknownFormat = unknownFormat
  }
}

/** Turns a blob's metadata in BCS into what it says; throws when it is not that of this blob. */
export type MetadataDecoder = (bcs: Uint8Array) => BlobMetadata

const present = 1

/**
 * What one storage node keeps of one blob: its metadata and the slivers of the node's shards, in one sparse file.
 * A sliver counts as present only when its checksum holds, so a crash in the middle of a write loses that sliver and
 * nothing else.
 */
export class BlobFile {
  readonly metadata: BlobMetadata
  readonly metadataBcs: Uint8Array
  readonly layout: BlobLayout
  readonly #file: FileHandle
  /** Per sliver: present or not, and CRC-32 of its symbols. */
  readonly #table: DataView
  /** Slivers whose bytes were seen to be right since the file was opened. */
  readonly #checked: Uint8Array
  #absent: number
  #sealed = false
  #sealing: Promise<void> | undefined

  private constructor(file: FileHandle, bcs: Uint8Array, layout: BlobLayout, meta: BlobMetadata) {
    this.#file = file
    this.metadataBcs = bcs
    this.metadata = meta
    this.layout = layout
    this.#table = new DataView(new ArrayBuffer(2 * layout.slots * entryBytes))
    this.#checked = new Uint8Array(2 * layout.slots)
    this.#absent = 2 * layout.slots
  }

  /** Makes the file, without slivers; it has its name only when its metadata are durable. */
  static async create(
    path: string,
    temporary: string,
    metadata: BlobMetadata,
    bcs: Uint8Array,
    slots: number,
  ): Promise<BlobFile> {
    const layout = blobLayout(metadata, bcs.length, slots)
    const file = await open(temporary, 'w+', 0o600)
    try {
      await writeAll(file, encodeHead(bcs, crc32(bcs), slots), 0)
      await file.truncate(layout.dataAt)
      await file.datasync()
      await rename(temporary, path)
    } catch (error) {
      await file.close()
      throw error
    }
    return new BlobFile(file, bcs, layout, metadata)
  }

  /** Opens a file that `create` made. Throws {@link BlobFileError} and the errors of the file system. */
  static async open(path: string, slots: number, decode: MetadataDecoder): Promise<BlobFile> {
    const file = await open(path, 'r+')
    try {
      const { bcs, sealed } = await readHead(file, slots)
      const metadata = decodeOrRefuse(bcs, decode)
      const blob = new BlobFile(file, bcs, blobLayout(metadata, bcs.length, slots), metadata)
      await blob.#loadTable(sealed)
      return blob
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Whether a file says that it is complete and durable: much cheaper than opening it. */
  static async isSealed(path: string): Promise<boolean> {
    const file = await open(path, 'r')
    try {
      const header = Buffer.alloc(headerBytes)
      return (await readAll(file, header, 0)) && isSealedHeader(header)
    } finally {
      await file.close()
    }
  }

  /** Every sliver of the node's shards is here. */
  get complete(): boolean {
    return this.#absent === 0
  }

  has(axis: Axis, slot: number): boolean {
    return this.#table.getUint32(entryOf(this.layout, axis, slot) * entryBytes, true) === present
  }

  /** Stores the symbols of a sliver, which the caller has verified. */
  async write(axis: Axis, slot: number, data: Uint8Array): Promise<void> {
    if (data.length !== sliverBytesOf(this.layout, axis))
      throw new RangeError('a sliver of another length')
    await writeAll(this.#file, data, sliverAt(this.layout, axis, slot))
    await this.#mark(entryOf(this.layout, axis, slot), present, crc32(data))
  }

  /** Fills `into` with the symbols of a sliver; false when it is not here or its bytes have rotted. */
  async read(axis: Axis, slot: number, into: Uint8Array): Promise<boolean> {
    if (!this.has(axis, slot)) return false
    const entry = entryOf(this.layout, axis, slot)
    if (await this.#holds(entry, axis, slot, into)) return true
    await this.#mark(entry, 0, 0)
    return false
  }

  /** Fills `into` with symbol `index` of a sliver; false when the sliver is not here. */
  async readSymbol(axis: Axis, slot: number, index: number, into: Uint8Array): Promise<boolean> {
    if (!this.has(axis, slot)) return false
    const at = sliverAt(this.layout, axis, slot) + index * this.layout.symbolBytes
    return readAll(this.#file, into, at)
  }

  /** Resolves when everything written before is durable; `syncName` has to see to the file's name. */
  async seal(syncName: () => Promise<void>): Promise<void> {
    if (this.#sealed) return
    this.#sealing ??= this.#makeDurable(syncName).finally(() => (this.#sealing = undefined))
    await this.#sealing
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #makeDurable(syncName: () => Promise<void>): Promise<void> {
    const complete = this.complete
    try {
      await this.#file.datasync()
    } catch (error) {
      this.#forgetAll()
      throw error
    }
    await syncName()
    if (!complete) return
    await writeAll(this.#file, Buffer.from([present]), sealedAt)
    this.#sealed = true
  }

  /** After a failed fsync nobody knows what the disk holds, and the next one would succeed: all must be sent again. */
  #forgetAll(): void {
    for (let entry = 0; entry < 2 * this.layout.slots; entry++) this.#note(entry, 0, 0)
  }

  /** The table on disk follows the data; in memory it follows the table. */
  async #mark(entry: number, state: number, crc: number): Promise<void> {
    if (this.#sealed) {
      this.#sealed = false
      await writeAll(this.#file, Buffer.from([0]), sealedAt)
    }
    const bytes = Buffer.alloc(entryBytes)
    bytes.writeUInt32LE(state, 0)
    bytes.writeUInt32LE(crc, 4)
    await writeAll(this.#file, bytes, this.layout.tableAt + entry * entryBytes)
    this.#note(entry, state, crc)
    this.#checked[entry] = state
  }

  #note(entry: number, state: number, crc: number): void {
    const before = this.#table.getUint32(entry * entryBytes, true)
    this.#absent += before - state
    this.#table.setUint32(entry * entryBytes, state, true)
    this.#table.setUint32(entry * entryBytes + 4, crc, true)
  }

  async #holds(entry: number, axis: Axis, slot: number, into: Uint8Array): Promise<boolean> {
    if (!(await readAll(this.#file, into, sliverAt(this.layout, axis, slot)))) return false
    if (this.#checked[entry]) return true
    if (crc32(into) !== this.#table.getUint32(entry * entryBytes + 4, true)) return false
    this.#checked[entry] = 1
    return true
  }

  async #loadTable(sealed: boolean): Promise<void> {
    const stored = Buffer.alloc(this.#table.byteLength)
    if (!(await readAll(this.#file, stored, this.layout.tableAt))) {
      throw new BlobFileError('the table of slivers is cut short', false)
    }
    for (let entry = 0; entry < 2 * this.layout.slots; entry++) {
      const at = entry * entryBytes
      if (stored.readUInt32LE(at) === present)
        this.#note(entry, present, stored.readUInt32LE(at + 4))
    }
    this.#sealed = sealed && this.complete
    if (!sealed) await this.#dropTorn()
  }

  /** Without the seal, a crash may have kept the table and lost the data. */
  async #dropTorn(): Promise<void> {
    for (const axis of ['primary', 'secondary'] as const) {
      const into = Buffer.alloc(sliverBytesOf(this.layout, axis))
      for (let slot = 0; slot < this.layout.slots; slot++) await this.read(axis, slot, into)
    }
  }
}

async function readHead(
  file: FileHandle,
  slots: number,
): Promise<{ readonly bcs: Uint8Array; readonly sealed: boolean }> {
  const header = Buffer.alloc(headerBytes)
  const { size } = await file.stat()
  if (!(await readAll(file, header, 0))) throw new BlobFileError('the file is cut short', false)
  if (!header.subarray(0, 8).equals(magic)) {
    throw new BlobFileError(
      'not a blob file of format 1',
      !header.subarray(0, 8).equals(Buffer.alloc(8)),
    )
  }
  if (header.readUInt32LE(16) !== slots) throw new BlobFileError('another number of shards', false)
  const length = header.readUInt32LE(8)
  if (length > size) throw new BlobFileError('the file is cut short', false)
  const bcs = Buffer.alloc(length)
  if (!(await readAll(file, bcs, headerBytes)) || crc32(bcs) !== header.readUInt32LE(12)) {
    throw new BlobFileError('the metadata do not match their checksum', false)
  }
  return { bcs, sealed: isSealedHeader(header) }
}

function isSealedHeader(header: Buffer): boolean {
  return header.subarray(0, 8).equals(magic) && header.readUInt8(sealedAt) === present
}

function decodeOrRefuse(bcs: Uint8Array, decode: MetadataDecoder): BlobMetadata {
  try {
    return decode(bcs)
  } catch (error) {
    throw new BlobFileError('the metadata are not those of the blob', false, { cause: error })
  }
}

/** Writes all bytes: a single write may take fewer. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** Fills `into`; false when the file ends before. */
async function readAll(file: FileHandle, into: Uint8Array, position: number): Promise<boolean> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done)
    if (bytesRead === 0) return false
    done += bytesRead
  }
  return true
}
