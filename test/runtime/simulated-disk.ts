import { dirname, normalize } from 'node:path'
import type { Descriptor, Disk, OpenFor } from '../../src/runtime/disk.ts'

/** What a disk does besides working: called before each operation; a code makes it fail. */
export type Fault = (operation: keyof Disk, path: string) => string | undefined

/** Random numbers in [0, 1). */
export type Chance = () => number

interface Write {
  readonly position: number
  readonly bytes: Buffer
}

interface File {
  contents: Contents
  /** As of the last datasync. */
  stable: Buffer
  /** Since then, in order: writes, and lengths set. */
  pending: (Write | { readonly length: number })[]
  changes: number
}

interface NameChange {
  readonly path: string
  /** Undefined: taken away. */
  readonly file: File | undefined
  /** The name it had, where it was moved. */
  readonly from?: string
}

/** Bytes that grow. */
class Contents {
  #buffer: Buffer
  length: number

  constructor(bytes: Buffer) {
    this.#buffer = bytes
    this.length = bytes.length
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.length)
  }

  put({ position, bytes }: Write): void {
    this.resize(Math.max(this.length, position + bytes.length))
    bytes.copy(this.#buffer, position)
  }

  resize(length: number): void {
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#buffer.length))
      this.bytes.copy(larger)
      this.#buffer = larger
    }
    if (length < this.length) this.#buffer.fill(0, length, this.length)
    this.length = length
  }
}

/** A run of bytes that reaches the medium or not, as a whole. */
const sectorBytes = 512

/** The power is gone: no operation works any more. */
export class PowerLoss extends Error {
  override readonly name = 'PowerLoss'
}

/**
 * A disk in memory that knows what is on stable storage. `afterPowerLoss` gives the disk as a machine might find it
 * after a restart: of what was not synced, any part.
 */
export class SimulatedDisk implements Disk {
  /** Bytes that all files together may have. */
  capacity = Infinity
  /** The most that one write takes. */
  writeLimit = Infinity
  fault: Fault = () => undefined
  /** Operations so far. */
  operations = 0
  /** The operation at which the power goes; those before it work. */
  powerLossAt = Infinity
  datasyncs = 0
  /** What was said to be read soon. */
  readonly advised: { readonly path: string; readonly position: number; readonly bytes: number }[] =
    []
  readonly #names: Map<string, File>
  readonly #stableNames: Map<string, File>
  #nameChanges: NameChange[] = []
  readonly #open = new Map<Descriptor, { file: File; path: string }>()
  #nextDescriptor = 3
  readonly #numbers = new WeakMap<File, number>()
  #lastNumber = 0

  constructor(files: ReadonlyMap<string, Buffer> = new Map()) {
    this.#names = new Map([...files].map(([path, bytes]) => [path, newFile(bytes)]))
    this.#stableNames = new Map(this.#names)
  }

  /** Paths and bytes as a program sees them. */
  get files(): Map<string, Buffer> {
    return new Map([...this.#names].map(([path, file]) => [path, Buffer.from(file.contents.bytes)]))
  }

  /** A file that is there. */
  put(path: string, bytes: Buffer): void {
    this.#change({ path: normalize(path), file: newFile(bytes) })
  }

  get openDescriptors(): number {
    return this.#open.size
  }

  /** The same machine after the program was killed. */
  afterKill(): SimulatedDisk {
    const disk = new SimulatedDisk()
    for (const [path, file] of this.#names) disk.#names.set(path, file)
    for (const [path, file] of this.#stableNames) disk.#stableNames.set(path, file)
    disk.#nameChanges = [...this.#nameChanges]
    return disk
  }

  /** The machine after a restart. */
  afterPowerLoss(chance: Chance): SimulatedDisk {
    const names = new Map(this.#stableNames)
    // As a journaling file system does: changes of names take effect in order.
    const kept = Math.floor(chance() * (this.#nameChanges.length + 1))
    for (const change of this.#nameChanges.slice(0, kept)) setName(names, change)
    return new SimulatedDisk(
      new Map([...names].map(([path, file]) => [path, afterPowerLoss(file, chance)])),
    )
  }

  open(path: string, purpose: OpenFor): Descriptor {
    this.#step('open', path)
    let file = this.#names.get(normalize(path))
    if (purpose === 'create') {
      if (file) throw systemError('EEXIST', path)
      file = newFile(Buffer.alloc(0))
      this.#change({ path: normalize(path), file })
    }
    if (!file) throw systemError('ENOENT', path)
    this.#open.set(this.#nextDescriptor, { file, path })
    return this.#nextDescriptor++
  }

  close(descriptor: Descriptor): void {
    if (!this.#open.delete(descriptor)) throw systemError('EBADF', `close ${descriptor}`)
  }

  read(descriptor: Descriptor, into: Uint8Array, position: number): number {
    const { file, path } = this.#of(descriptor)
    this.#step('read', path)
    return file.contents.bytes.copy(into, 0, Math.min(position, file.contents.length))
  }

  write(descriptor: Descriptor, bytes: Uint8Array, position: number): number {
    const { file, path } = this.#of(descriptor)
    this.#step('write', path)
    const growth = Math.max(0, position + bytes.length - file.contents.length)
    const room = this.capacity - this.#usedBytes()
    const lacking = Math.max(0, growth - room)
    const count = Math.min(bytes.length - lacking, this.writeLimit)
    if (count <= 0) throw systemError('ENOSPC', path)
    const write = { position, bytes: Buffer.from(bytes.subarray(0, count)) }
    file.contents.put(write)
    file.pending.push(write)
    file.changes++
    return count
  }

  async readLater(descriptor: Descriptor, into: Uint8Array, position: number): Promise<number> {
    await new Promise(setImmediate)
    return this.read(descriptor, into, position)
  }

  async writeLater(descriptor: Descriptor, bytes: Uint8Array, position: number): Promise<number> {
    await new Promise(setImmediate)
    return this.write(descriptor, bytes, position)
  }

  willNeed(descriptor: Descriptor, position: number, bytes: number): void {
    const { path } = this.#of(descriptor)
    this.advised.push({ path, position, bytes })
  }

  size(descriptor: Descriptor): number {
    return this.#of(descriptor).file.contents.length
  }

  stamp(descriptor: Descriptor): string {
    const { file, path } = this.#of(descriptor)
    this.#step('stamp', path)
    const number = this.#numbers.get(file) ?? ++this.#lastNumber
    this.#numbers.set(file, number)
    return `${number}:${file.changes}`
  }

  truncate(descriptor: Descriptor, bytes: number): void {
    const { file, path } = this.#of(descriptor)
    this.#step('truncate', path)
    file.contents.resize(bytes)
    file.pending.push({ length: bytes })
    file.changes++
  }

  async datasync(descriptor: Descriptor): Promise<void> {
    const { file, path } = this.#of(descriptor)
    this.datasyncs++
    this.#step('datasync', path)
    const [bytes, count] = [Buffer.from(file.contents.bytes), file.pending.length]
    await this.#passing(path)
    this.#of(descriptor)
    file.stable = bytes
    file.pending.splice(0, count)
  }

  async syncDirectory(path: string): Promise<void> {
    this.#step('syncDirectory', path)
    const changes = this.#nameChanges
    await this.#passing(path)
    const settled = changes.filter((change) => dirname(change.path) === normalize(path))
    for (const change of settled) setName(this.#stableNames, change)
    this.#nameChanges = this.#nameChanges.filter((change) => !settled.includes(change))
  }

  list(path: string): string[] {
    this.#step('list', path)
    const prefix = `${normalize(path)}/`
    const below = [...this.#names.keys()].filter((name) => name.startsWith(prefix))
    return [...new Set(below.map((name) => name.slice(prefix.length).split('/')[0]!))]
  }

  makeDirectory(path: string): void {
    this.#step('makeDirectory', path)
  }

  rename(from: string, to: string): void {
    this.#step('rename', from)
    const file = this.#names.get(normalize(from))
    if (!file) throw systemError('ENOENT', from)
    this.#change({ path: normalize(to), file, from: normalize(from) })
  }

  remove(path: string): void {
    this.#step('remove', path)
    if (!this.#names.has(normalize(path))) throw systemError('ENOENT', path)
    this.#change({ path: normalize(path), file: undefined })
  }

  freeBytes(path: string): number {
    this.#step('freeBytes', path)
    return this.capacity === Infinity ? Number.MAX_SAFE_INTEGER : this.capacity - this.#usedBytes()
  }

  /** Time in which the power may go. */
  async #passing(path: string): Promise<void> {
    await new Promise(setImmediate)
    if (this.operations > this.powerLossAt) throw new PowerLoss(path)
  }

  #step(operation: keyof Disk, path: string): void {
    if (this.operations++ >= this.powerLossAt) throw new PowerLoss(`${operation} ${path}`)
    const code = this.fault(operation, path)
    if (code) throw systemError(code, path)
  }

  #change(change: NameChange): void {
    setName(this.#names, change)
    this.#nameChanges.push(change)
  }

  #of(descriptor: Descriptor): { file: File; path: string } {
    const open = this.#open.get(descriptor)
    if (!open) throw systemError('EBADF', `descriptor ${descriptor}`)
    return open
  }

  #usedBytes(): number {
    let sum = 0
    for (const file of new Set(this.#names.values())) sum += file.contents.length
    return sum
  }
}

function newFile(bytes: Buffer): File {
  const contents = new Contents(Buffer.from(bytes))
  return { contents, stable: Buffer.from(bytes), pending: [], changes: 0 }
}

function afterPowerLoss(file: File, chance: Chance): Buffer {
  const contents = new Contents(Buffer.from(file.stable))
  for (const change of file.pending) {
    if ('length' in change) {
      if (chance() < 0.5) contents.resize(change.length)
      continue
    }
    for (const sector of sectors(change)) {
      const fate = chance()
      if (fate < 0.6) contents.put(sector)
      // The length may be known to the file system before the bytes are there.
      else if (fate < 0.8) {
        contents.resize(Math.max(contents.length, sector.position + sector.bytes.length))
      }
    }
  }
  return Buffer.from(contents.bytes)
}

function* sectors({ position, bytes }: Write): Iterable<Write> {
  for (let at = position; at < position + bytes.length;) {
    const end = Math.min(position + bytes.length, (Math.floor(at / sectorBytes) + 1) * sectorBytes)
    yield { position: at, bytes: bytes.subarray(at - position, end - position) }
    at = end
  }
}

function setName(names: Map<string, File>, { path, file, from }: NameChange): void {
  if (from !== undefined) names.delete(from)
  if (file) names.set(path, file)
  else names.delete(path)
}

function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code })
}
