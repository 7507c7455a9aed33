import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../runtime/clock.ts'
import type { Descriptor, Disk } from '../runtime/disk.ts'

export interface WholeShelfParts {
  readonly disk: Disk
  readonly clock: Clock
  readonly directory: string
  /** What all whole files may have together, of all processes that share the directory. */
  readonly maxBytes: number
  /** Whether a process is still there. @default asks the system */
  readonly isAlive?: (pid: number) => boolean
}

/** A whole file in use: it is not evicted until it is released. */
export interface WholeFile {
  /** Open for reading, until the release. */
  readonly descriptor: Descriptor
  readonly release: () => void
}

/** A file on the shelf, ours or another process's. */
interface Shelved {
  readonly name: string
  readonly key: string
  /** On the disk; holes cost nothing. */
  readonly bytes: number
  readonly isOurs: boolean
  /** {@link Disk.stamp} when it was complete; undefined of others' and while it is written. */
  stamp: string | undefined
  users: number
  usedMs: number
}

/** Milliseconds when it was made, process, instance, bytes, key. */
const pattern = /^(\d{13})-(\d+)-([0-9a-f]{8})-(\d+)-([A-Za-z0-9_-]{43})\.whole(?:\.new)?$/
/** Instances of this process: its number alone may have been another's before. */
const instances = new Set<string>()

/**
 * Whole plain files, each at its own offsets, for a kernel that reads them by itself. Bounded in bytes, least recently used first
 * out. A file is used only by the instance that wrote it, and only while nobody has touched it since: what a process left behind
 * is never read, and deleted by the next one.
 */
export class WholeShelf {
  readonly #parts: WholeShelfParts
  readonly #isAlive: (pid: number) => boolean
  readonly #instance = randomBytes(4).toString('hex')
  readonly #files = new Map<string, Shelved>()
  readonly #byKey = new Map<string, Shelved>()
  #bytes = 0

  constructor(parts: WholeShelfParts) {
    this.#parts = parts
    this.#isAlive = parts.isAlive ?? isAlive
    instances.add(this.#instance)
  }

  get directory(): string {
    return this.#parts.directory
  }

  /** Of all files that are there, and of those in the making all that they will have. */
  get bytes(): number {
    return this.#bytes
  }

  /** So many bytes a single file may have: a quarter of the shelf. */
  get largestBytes(): number {
    return Math.floor(this.#parts.maxBytes / 4)
  }

  /** So many are above the shelf's own limit. */
  get excess(): number {
    return this.#bytes - this.#parts.maxBytes
  }

  /** It is there, or being written. */
  has(key: string): boolean {
    return this.#byKey.has(key)
  }

  /** Opens a complete file of ours. Undefined where there is none, and where somebody has changed or deleted it. */
  open(key: string): WholeFile | undefined {
    const { disk, clock } = this.#parts
    const file = this.#byKey.get(key)
    if (file?.stamp === undefined) return undefined
    const descriptor = this.#descriptorOf(file)
    if (descriptor === undefined) return undefined
    file.users++
    file.usedMs = clock.now()
    const release = (): void => {
      file.users--
      disk.close(descriptor)
    }
    return { descriptor, release: once(release) }
  }

  /**
   * Writes a file of `length` bytes, `bytes` of which are no holes. `fill` puts them and says whether they are all there. Whether it
   * is on the shelf now. `makeRoom` is called when its bytes are counted. Throws errors of the system calls; nothing is left of it then.
   */
  async write(
    key: string,
    { length, bytes }: { readonly length: number; readonly bytes: number },
    makeRoom: () => Promise<void>,
    fill: (file: Descriptor) => Promise<boolean>,
  ): Promise<boolean> {
    if (this.has(key) || bytes > this.largestBytes) return false
    const { clock } = this.#parts
    const made = String(clock.now()).padStart(13, '0')
    const name = `${made}-${process.pid}-${this.#instance}-${bytes}-${key}.whole`
    const file = { name, key, bytes, isOurs: true, stamp: undefined, users: 1, usedMs: clock.now() }
    this.#add(file)
    try {
      await makeRoom()
      const isWhole = this.excess <= 0 && (await this.#write(file, length, fill))
      if (!isWhole) this.remove(file)
      return isWhole
    } catch (error) {
      this.remove(file)
      throw error
    } finally {
      file.users--
    }
  }

  /** The file that goes first; undefined when all that are left are in use. */
  oldest(): Shelved | undefined {
    let first: Shelved | undefined
    for (const file of this.#files.values()) {
      if (file.users === 0 && (!first || file.usedMs < first.usedMs)) first = file
    }
    return first
  }

  remove(file: Shelved): void {
    this.#drop(file)
    for (const path of [this.#pathOf(file), `${this.#pathOf(file)}.new`]) this.#delete(path)
  }

  /** Looks what other processes have, and deletes what dead ones have left. */
  refresh(): void {
    const { disk, directory } = this.#parts
    const names = new Set<string>()
    for (const found of disk.list(directory)) {
      const [, madeMs, pid, instance, bytes, key] = pattern.exec(found) ?? []
      if (key === undefined) continue
      const name = found.replace(/\.new$/, '')
      if (!this.#isUsed(Number(pid), instance!)) this.#delete(join(directory, found))
      else {
        names.add(name)
        if (!this.#files.has(name) && instance !== this.#instance)
          this.#add(othersFile(name, key, Number(bytes), Number(madeMs)))
      }
    }
    for (const file of this.#files.values()) {
      if (!names.has(file.name) && file.users === 0) this.#drop(file)
    }
  }

  /** Deletes what this instance has written. */
  close(): void {
    for (const file of this.#files.values()) if (file.isOurs) this.remove(file)
    instances.delete(this.#instance)
  }

  async #write(
    file: Shelved,
    length: number,
    fill: (descriptor: Descriptor) => Promise<boolean>,
  ): Promise<boolean> {
    const { disk, directory } = this.#parts
    disk.makeDirectory(directory)
    const path = this.#pathOf(file)
    const descriptor = disk.open(`${path}.new`, 'create')
    try {
      disk.truncate(descriptor, length)
      if (!(await fill(descriptor))) return false
      // Not for a power loss, which nothing here survives: a disk that does not take the bytes says so only now.
      await disk.datasync(descriptor)
      disk.rename(`${path}.new`, path)
      file.stamp = disk.stamp(descriptor)
      return true
    } finally {
      disk.close(descriptor)
    }
  }

  #descriptorOf(file: Shelved): Descriptor | undefined {
    const { disk } = this.#parts
    try {
      const descriptor = disk.open(this.#pathOf(file), 'read')
      if (disk.stamp(descriptor) === file.stamp) return descriptor
      disk.close(descriptor)
      this.remove(file)
    } catch {
      this.#drop(file)
    }
    return undefined
  }

  #isUsed(pid: number, instance: string): boolean {
    return pid === process.pid ? instances.has(instance) : this.#isAlive(pid)
  }

  #pathOf({ name }: Shelved): string {
    return join(this.#parts.directory, name)
  }

  #add(file: Shelved): void {
    this.#files.set(file.name, file)
    if (file.isOurs) this.#byKey.set(file.key, file)
    this.#bytes += file.bytes
  }

  #drop(file: Shelved): void {
    if (!this.#files.delete(file.name)) return
    if (this.#byKey.get(file.key) === file) this.#byKey.delete(file.key)
    this.#bytes -= file.bytes
  }

  #delete(path: string): void {
    try {
      this.#parts.disk.remove(path)
    } catch {
      // Gone already.
    }
  }
}

function othersFile(name: string, key: string, bytes: number, usedMs: number): Shelved {
  return { name, key, bytes, isOurs: false, stamp: undefined, users: 0, usedMs }
}

function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) work()
    isDone = true
  }
}

/** EPERM: it is there, and another user's. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
