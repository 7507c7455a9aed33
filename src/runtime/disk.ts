import fs from 'node:fs'
import { promisify } from 'node:util'
import { adviseFile, FileAdvice } from './file-advice.ts'

/** An open file. */
export type Descriptor = number

/** What is to be done with a file: read it; write (and read) the one that is there; make a new one (EEXIST where there is one). */
export type OpenFor = 'read' | 'write' | 'create'

/**
 * The local file system as journal, staging and cache need it, injected so that tests can fill it, fail it, tear it and
 * take its power away. Errors are those of the system calls, with `code`. Calls without `Later` block the caller
 * for as long as the page cache does. Nothing is on stable storage before its sync: neither bytes nor names.
 */
export interface Disk {
  /** New files belong to the owner alone (0600). */
  open(path: string, purpose: OpenFor): Descriptor
  close(file: Descriptor): void
  /** One pread: the number of bytes read, 0 at the end of the file, maybe less than asked for. */
  read(file: Descriptor, into: Uint8Array, position: number): number
  /** One pwrite: the number of bytes written, maybe less than given. */
  write(file: Descriptor, bytes: Uint8Array, position: number): number
  /** `read` in another thread; the buffer is lent until the promise settles. */
  readLater(file: Descriptor, into: Uint8Array, position: number): Promise<number>
  /** These bytes are read soon: the system may fetch them meanwhile. Costs little and never fails. */
  willNeed(file: Descriptor, position: number, bytes: number): void
  /** `write` in another thread; the bytes are lent until the promise settles. */
  writeLater(file: Descriptor, bytes: Uint8Array, position: number): Promise<number>
  /** Bytes in the file. */
  size(file: Descriptor): number
  /** Is another once anybody has changed the file, its name or its owner. */
  stamp(file: Descriptor): string
  truncate(file: Descriptor, bytes: number): void
  /** The file's bytes and length on stable storage (fdatasync), in another thread. */
  datasync(file: Descriptor): Promise<void>
  /** Names made, moved and taken away in a directory on stable storage. */
  syncDirectory(path: string): Promise<void>
  /** Names in a directory; none where there is no such directory. */
  list(path: string): string[]
  /** Makes a directory and those above it, for the owner alone (0700); one that is there is no error. */
  makeDirectory(path: string): void
  rename(from: string, to: string): void
  remove(path: string): void
  /** Bytes that this user may still write there. */
  freeBytes(path: string): number
}

const openFlags = {
  read: fs.constants.O_RDONLY,
  write: fs.constants.O_RDWR,
  create: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL,
} as const satisfies Record<OpenFor, number>

const fdatasync = promisify(fs.fdatasync)
const fsReadLater = promisify(fs.read)
const fsWriteLater = promisify(fs.write)

/** The machine's own disk. */
export const localDisk: Disk = {
  open: (path, purpose) => fs.openSync(path, openFlags[purpose], 0o600),
  close: (file) => fs.closeSync(file),
  read: (file, into, position) => fs.readSync(file, into, 0, into.length, position),
  write: (file, bytes, position) => fs.writeSync(file, bytes, 0, bytes.length, position),
  readLater: async (file, into, position) =>
    (await fsReadLater(file, into, 0, into.length, position)).bytesRead,
  willNeed: (file, position, bytes) => void adviseFile(file, position, bytes, FileAdvice.willNeed),
  writeLater: async (file, bytes, position) =>
    (await fsWriteLater(file, bytes, 0, bytes.length, position)).bytesWritten,
  size: (file) => fs.fstatSync(file).size,
  stamp: (file) => {
    const { dev, ino, size, mtimeNs, ctimeNs } = fs.fstatSync(file, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(':')
  },
  truncate: (file, bytes) => fs.ftruncateSync(file, bytes),
  datasync: (file) => fdatasync(file),
  syncDirectory: async (path) => {
    const directory = await fs.promises.open(path, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY)
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  },
  list: (path) => {
    try {
      return fs.readdirSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  },
  makeDirectory: (path) => void fs.mkdirSync(path, { recursive: true, mode: 0o700 }),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.unlinkSync(path),
  freeBytes: (path) => {
    const { bavail, bsize } = fs.statfsSync(path)
    return bavail * bsize
  },
}

/** Writes all of the bytes, however little the system takes at a time. */
export function writeAll(disk: Disk, file: Descriptor, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    const rest = done === 0 ? bytes : bytes.subarray(done)
    done += requireProgress(disk.write(file, rest, position + done))
  }
}

/** {@link writeAll} in another thread. */
export async function writeAllLater(
  disk: Disk,
  file: Descriptor,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += requireProgress(await disk.writeLater(file, bytes.subarray(done), position + done))
  }
}

/** Reads until the buffer is full or the file ends; returns the number of bytes read. */
export function readUpTo(disk: Disk, file: Descriptor, into: Uint8Array, position: number): number {
  let done = 0
  while (done < into.length) {
    const rest = done === 0 ? into : into.subarray(done)
    const count = disk.read(file, rest, position + done)
    if (count === 0) break
    done += count
  }
  return done
}

/** {@link readUpTo} in another thread. */
export async function readUpToLater(
  disk: Disk,
  file: Descriptor,
  into: Uint8Array,
  position: number,
): Promise<number> {
  let done = 0
  while (done < into.length) {
    const count = await disk.readLater(file, into.subarray(done), position + done)
    if (count === 0) break
    done += count
  }
  return done
}

/** A write of nothing would be tried for ever. */
function requireProgress(count: number): number {
  if (count > 0) return count
  throw Object.assign(new Error('the disk takes no bytes'), { code: 'EIO' })
}
