import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { type Descriptor, type Disk, readUpTo, readUpToLater } from '../runtime/disk.ts'
import type { HashIndex } from './hash-index.ts'
import type { SlabEntry } from './slab-format.ts'
import { scanSlab } from './slab-scan.ts'

/** Pieces that came once, and pieces that came to be used again. */
export type Generation = 'fresh' | 'kept'

/** One file of pieces. */
export interface Slab {
  /** In this process. */
  readonly number: number
  readonly name: string
  readonly path: string
  readonly generation: Generation
  /** Orders slabs by age. */
  readonly madeMs: number
  /** Written by this process. */
  readonly own: boolean
  bytes: number
  /** Frames up to here are known; undefined when no more will come. */
  end: number | undefined
}

export const slabName = /^(fresh|kept)-(\d{13})-\d+-[0-9a-z]+\.slab$/

/**
 * The slabs in a directory that several processes share: each writes its own, all read all. A slab may vanish at any time.
 * Knows which are there and puts what they hold into the index.
 */
export class SlabShelf {
  readonly #disk: Disk
  readonly #directory: string
  readonly #index: HashIndex
  readonly #slabs = new Map<number, Slab>()
  readonly #names = new Map<string, Slab>()
  readonly #open: LRUCache<number, Descriptor>
  #numbers = 0
  #bytes = 0

  constructor(disk: Disk, directory: string, index: HashIndex, openFiles: number) {
    this.#disk = disk
    this.#directory = directory
    this.#index = index
    this.#open = new LRUCache({ max: openFiles, dispose: (file) => disk.close(file) })
  }

  get bytes(): number {
    return this.#bytes
  }

  get slabs(): Iterable<Slab> {
    return this.#slabs.values()
  }

  get(number: number): Slab | undefined {
    return this.#slabs.get(number)
  }

  /** Makes a slab for this process to write. Throws errors of the system calls. */
  create(generation: Generation, nowMs: number): Slab {
    const random = Math.floor(Math.random() * 36 ** 6).toString(36)
    const name = `${generation}-${String(nowMs).padStart(13, '0')}-${process.pid}-${random}.slab`
    const path = join(this.#directory, name)
    const file = this.#disk.open(path, 'create')
    const slab = this.#add(name, generation, nowMs, true)
    this.#open.set(slab.number, file)
    return slab
  }

  /** Fills the buffer from a slab; false when it is too short or gone. */
  read(slab: Slab, into: Uint8Array, position: number): boolean {
    try {
      return readUpTo(this.#disk, this.#file(slab), into, position) === into.length
    } catch {
      this.drop(slab)
      return false
    }
  }

  /** These bytes are read soon. */
  willNeed(slab: Slab, position: number, bytes: number): void {
    try {
      this.#disk.willNeed(this.#file(slab), position, bytes)
    } catch {
      this.drop(slab)
    }
  }

  /** {@link read} in another thread. */
  async readLater(slab: Slab, into: Buffer, position: number): Promise<boolean> {
    try {
      // A descriptor of its own: the shelf may close its one meanwhile.
      const file = this.#disk.open(slab.path, 'read')
      try {
        return (await readUpToLater(this.#disk, file, into, position)) === into.length
      } finally {
        this.#disk.close(file)
      }
    } catch {
      this.drop(slab)
      return false
    }
  }

  /** A slab of this process has grown. */
  grown(slab: Slab, bytes: number): void {
    if (!this.#slabs.has(slab.number)) return
    this.#bytes += bytes - slab.bytes
    slab.bytes = bytes
  }

  /** Forgets a slab: what the index says of it does not count any more. */
  drop(slab: Slab): void {
    if (!this.#slabs.delete(slab.number)) return
    this.#names.delete(slab.name)
    this.#open.delete(slab.number)
    this.#bytes -= slab.bytes
  }

  /** Deletes a slab. */
  remove(slab: Slab): void {
    this.drop(slab)
    try {
      this.#disk.remove(slab.path)
    } catch {
      // Another process was faster, or nothing can be deleted there; it is not used any more.
    }
  }

  /** Looks what other processes have made, written and deleted since. */
  async refresh(): Promise<void> {
    const names = new Set(this.#disk.list(this.#directory))
    for (const slab of this.#slabs.values()) {
      if (!names.has(slab.name)) this.drop(slab)
    }
    for (const name of names) {
      const known = this.#names.get(name)
      if (known ? known.own || known.end === undefined : !slabName.test(name)) continue
      await this.#scan(known ?? this.#found(name))
    }
  }

  close(): void {
    this.#open.clear()
  }

  #found(name: string): Slab {
    const [, generation, madeMs] = slabName.exec(name)!
    return this.#add(name, generation as Generation, Number(madeMs), false)
  }

  #add(name: string, generation: Generation, madeMs: number, own: boolean): Slab {
    const number = ++this.#numbers
    const path = join(this.#directory, name)
    const slab = { number, name, path, generation, madeMs, own, bytes: 0, end: 0 }
    this.#slabs.set(number, slab)
    this.#names.set(name, slab)
    return slab
  }

  async #scan(slab: Slab): Promise<void> {
    try {
      const file = this.#disk.open(slab.path, 'read')
      try {
        const size = this.#disk.size(file)
        if (size === slab.bytes && slab.bytes > 0) return
        const { entries, end } = await scanSlab(this.#disk, file, slab.end)
        this.grown(slab, size)
        slab.end = end
        this.#enter(slab, entries)
      } finally {
        this.#disk.close(file)
      }
    } catch {
      this.drop(slab)
    }
  }

  #enter(slab: Slab, entries: readonly SlabEntry[]): void {
    for (const { hash, position, length } of entries) {
      const slot = this.#index.find(hash)
      const known = slot !== undefined && this.#slabs.has(this.#index.slabAt(slot))
      if (!known) this.#index.put(hash, { slab: slab.number, position, length })
    }
  }

  #file(slab: Slab): Descriptor {
    let file = this.#open.get(slab.number)
    if (file === undefined) {
      file = this.#disk.open(slab.path, slab.own ? 'write' : 'read')
      this.#open.set(slab.number, file)
    }
    return file
  }
}
