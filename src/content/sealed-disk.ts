import { createCipheriv, randomBytes, type Cipher } from 'node:crypto'
import { derived } from '../crypto/drive-keys.ts'
import { type Descriptor, type Disk, readUpTo, writeAll } from '../runtime/disk.ts'
import { freeBytes } from '../runtime/free-bytes.ts'

const saltBytes = 32
const blockBytes = 16
const label = 'walrusfs staging file 1'

/**
 * A disk whose files are sealed: each begins with 32 random bytes, and what follows is AES-256-CTR under a key that follows from
 * them and from `key`, position by position. For files that are only appended to: bytes written twice in one place would give
 * both away to who sees the file before and after. Whoever changes a file changes what is read: that is for others to check.
 */
export class SealedDisk implements Disk {
  readonly #disk: Disk
  readonly #key: Uint8Array
  readonly #files = new Map<Descriptor, SealedFile>()

  constructor(disk: Disk, key: Uint8Array) {
    this.#disk = disk
    this.#key = key
  }

  open(path: string, purpose: Parameters<Disk['open']>[1]): Descriptor {
    const file = this.#disk.open(path, purpose)
    if (purpose !== 'create') return file
    const salt = randomBytes(saltBytes)
    try {
      writeAll(this.#disk, file, salt, 0)
    } catch (error) {
      this.#disk.close(file)
      this.#disk.remove(path)
      throw error
    }
    this.#files.set(file, this.#fileOf(salt))
    return file
  }

  close(file: Descriptor): void {
    this.#files.delete(file)
    this.#disk.close(file)
  }

  read(file: Descriptor, into: Uint8Array, position: number): number {
    const count = this.#disk.read(file, into, saltBytes + position)
    if (count > 0) this.#open(file, into.subarray(0, count), position)
    return count
  }

  write(file: Descriptor, bytes: Uint8Array, position: number): number {
    const sealed = this.#known(file).turned('write', bytes, position)
    try {
      return this.#disk.write(file, sealed, saltBytes + position)
    } finally {
      freeBytes(sealed)
    }
  }

  async readLater(file: Descriptor, into: Uint8Array, position: number): Promise<number> {
    const count = await this.#disk.readLater(file, into, saltBytes + position)
    if (count > 0) this.#open(file, into.subarray(0, count), position)
    return count
  }

  async writeLater(file: Descriptor, bytes: Uint8Array, position: number): Promise<number> {
    const sealed = this.#known(file).turned('write', bytes, position)
    try {
      return await this.#disk.writeLater(file, sealed, saltBytes + position)
    } finally {
      freeBytes(sealed)
    }
  }

  willNeed(file: Descriptor, position: number, bytes: number): void {
    this.#disk.willNeed(file, saltBytes + position, bytes)
  }

  /** Without its head. */
  size(file: Descriptor): number {
    return Math.max(0, this.#disk.size(file) - saltBytes)
  }

  stamp(file: Descriptor): string {
    return this.#disk.stamp(file)
  }

  truncate(file: Descriptor, bytes: number): void {
    this.#disk.truncate(file, saltBytes + bytes)
  }

  datasync(file: Descriptor): Promise<void> {
    return this.#disk.datasync(file)
  }

  syncDirectory(path: string): Promise<void> {
    return this.#disk.syncDirectory(path)
  }

  list(path: string): string[] {
    return this.#disk.list(path)
  }

  makeDirectory(path: string): void {
    this.#disk.makeDirectory(path)
  }

  rename(from: string, to: string): void {
    this.#disk.rename(from, to)
  }

  remove(path: string): void {
    this.#disk.remove(path)
  }

  freeBytes(path: string): number {
    return this.#disk.freeBytes(path)
  }

  /** Opens sealed bytes in their place. */
  #open(file: Descriptor, sealed: Uint8Array, position: number): void {
    const plain = this.#known(file).turned('read', sealed, position)
    sealed.set(plain)
    freeBytes(plain)
  }

  #known(file: Descriptor): SealedFile {
    const known = this.#files.get(file)
    if (known) return known
    const salt = new Uint8Array(saltBytes)
    if (readUpTo(this.#disk, file, salt, 0) < saltBytes) {
      throw Object.assign(new Error('a sealed file has lost its head'), { code: 'EIO' })
    }
    const found = this.#fileOf(salt)
    this.#files.set(file, found)
    return found
  }

  #fileOf(salt: Uint8Array): SealedFile {
    return new SealedFile(derived(this.#key, label, 32, salt))
  }
}

interface Stream {
  readonly cipher: Cipher
  /** Where it has come to. */
  position: number
}

/** The keystream of one open file. What goes on where the last call ended needs no new cipher: that takes ten times as long as a small write. */
class SealedFile {
  readonly #key: Uint8Array
  readonly #streams: { read?: Stream; write?: Stream } = {}

  constructor(key: Uint8Array) {
    this.#key = key
  }

  /** Seals or opens: the same with this cipher. */
  turned(purpose: 'read' | 'write', bytes: Uint8Array, position: number): Buffer {
    let stream = this.#streams[purpose]
    if (stream?.position !== position) {
      stream = { cipher: this.#cipherAt(position), position }
      this.#streams[purpose] = stream
    }
    stream.position += bytes.length
    return stream.cipher.update(bytes)
  }

  #cipherAt(position: number): Cipher {
    const counter = Buffer.alloc(blockBytes)
    counter.writeBigUInt64BE(BigInt(Math.floor(position / blockBytes)), 8)
    const cipher = createCipheriv('aes-256-ctr', this.#key, counter)
    cipher.update(Buffer.alloc(position % blockBytes))
    return cipher
  }
}
