import { closeSync, openSync } from 'node:fs'
import koffi from 'koffi'

/** System calls that Node has no function for, as the programs that use a mount call them. */

const libc = koffi.load(null)
const declare = (declaration: string) => libc.func(declaration) as (...given: unknown[]) => number

const calls = {
  renameat2: declare('int renameat2(int, const char *, int, const char *, unsigned int)'),
  setxattr: declare('int setxattr(const char *, const char *, const void *, size_t, int)'),
  getxattr: declare('int64_t getxattr(const char *, const char *, void *, size_t)'),
  listxattr: declare('int64_t listxattr(const char *, void *, size_t)'),
  removexattr: declare('int removexattr(const char *, const char *)'),
  flock: declare('int flock(int, int)'),
  fcntl: declare('int fcntl(int, int, void *)'),
  fallocate: declare('int fallocate(int, int, int64_t, int64_t)'),
  lseek: declare('int64_t lseek(int, int64_t, int)'),
  copyFileRange: declare('int64_t copy_file_range(int, void *, int, void *, size_t, unsigned int)'),
  linkat: declare('int linkat(int, const char *, int, const char *, int)'),
  mknod: declare('int mknod(const char *, unsigned int, uint64_t)'),
  mmap: libc.func('uintptr_t mmap(void *, size_t, int, int, int, int64_t)') as (
    ...given: unknown[]
  ) => number,
  msync: declare('int msync(uintptr_t, size_t, int)'),
  munmap: declare('int munmap(uintptr_t, size_t)'),
  memcpy: libc.func('void *memcpy(uintptr_t, const void *, size_t)'),
  memcpyOut: libc.func('memcpy', 'void *', ['void *', 'uintptr_t', 'size_t']),
  utimensat: declare('int utimensat(int, const char *, void *, int)'),
  ioctl: declare('int ioctl(int, unsigned long, void *)'),
}

/** What a call returned, or `-E…` by name: a test compares with either. */
export type Outcome = number | string

const AT_FDCWD = -100
const names = new Map(
  Object.entries(koffi.os.errno)
    .filter(([name]) => name !== 'EWOULDBLOCK')
    .map(([name, number]) => [number, name]),
)

function outcome(result: number): Outcome {
  return result < 0 ? (names.get(koffi.errno()) ?? `errno ${koffi.errno()}`) : result
}

export const renameFlags = (from: string, to: string, flags: number): Outcome =>
  outcome(calls.renameat2(AT_FDCWD, from, AT_FDCWD, to, flags))

export const setxattr = (path: string, name: string, value: Uint8Array, flags = 0): Outcome =>
  outcome(calls.setxattr(path, name, value, value.length, flags))

export function getxattr(path: string, name: string, size: number): Buffer | Outcome {
  const value = Buffer.alloc(Math.max(size, 1))
  const length = outcome(calls.getxattr(path, name, value, size))
  return typeof length === 'number' && size > 0 ? value.subarray(0, length) : length
}

export function listxattr(path: string, size: number): readonly string[] | Outcome {
  const list = Buffer.alloc(Math.max(size, 1))
  const length = outcome(calls.listxattr(path, list, size))
  if (typeof length !== 'number' || size === 0) return length
  return list.toString('latin1', 0, length).split('\0').slice(0, -1).sort()
}

export const removexattr = (path: string, name: string): Outcome =>
  outcome(calls.removexattr(path, name))

/** Operations of flock(2). */
export const Flock = { shared: 1, exclusive: 2, nonBlocking: 4, unlock: 8 } as const
export const flock = (fd: number, operation: number): Outcome => outcome(calls.flock(fd, operation))

/** Commands of fcntl(2) for locks. */
export const Lock = { get: 5, set: 6, wait: 7, ofdSet: 37, ofdWait: 38 } as const

/** struct flock: F_RDLCK 0, F_WRLCK 1, F_UNLCK 2. Returns the outcome and what the struct holds afterwards. */
export function fcntlLock(
  fd: number,
  command: number,
  type: number,
  start: number,
  length: number,
) {
  const lock = Buffer.alloc(32)
  lock.writeInt16LE(type, 0)
  lock.writeBigInt64LE(BigInt(start), 8)
  lock.writeBigInt64LE(BigInt(length), 16)
  const result = outcome(calls.fcntl(fd, command, lock))
  return {
    result,
    type: lock.readInt16LE(0),
    start: Number(lock.readBigInt64LE(8)),
    length: Number(lock.readBigInt64LE(16)),
    pid: lock.readInt32LE(24),
  }
}

export const fallocate = (fd: number, mode: number, offset: number, length: number): Outcome =>
  outcome(calls.fallocate(fd, mode, offset, length))

/** SEEK_DATA 3, SEEK_HOLE 4 */
export const seek = (fd: number, offset: number, whence: number): Outcome =>
  outcome(calls.lseek(fd, offset, whence))

export function copyRange(
  from: number,
  at: number,
  to: number,
  toAt: number,
  length: number,
): Outcome {
  const [source, target] = [offsetOf(at), offsetOf(toAt)]
  return outcome(calls.copyFileRange(from, source, to, target, length, 0))
}

/** Gives an unnamed file (O_TMPFILE) a name. */
export const linkDescriptor = (fd: number, path: string): Outcome =>
  outcome(calls.linkat(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, path, 0x400))

export const mknod = (path: string, mode: number, device = 0): Outcome =>
  outcome(calls.mknod(path, mode, device))

/** Sets atime and mtime to seconds and nanoseconds. */
export function setTimes(path: string, times: readonly [number, number, number, number]): Outcome {
  const buffer = Buffer.alloc(32)
  times.forEach((value, at) => buffer.writeBigInt64LE(BigInt(value), at * 8))
  return outcome(calls.utimensat(AT_FDCWD, path, buffer, 0))
}

/** FIGETBSZ-like calls that no network drive has. */
export function ioctl(path: string, command: number): Outcome {
  const fd = openSync(path, 'r')
  try {
    return outcome(calls.ioctl(fd, command, Buffer.alloc(64)))
  } finally {
    closeSync(fd)
  }
}

/** A shared mapping of a file. */
export class Mapping {
  readonly #address: number
  readonly #length: number

  constructor(fd: number, length: number) {
    const [readWrite, shared] = [3, 1]
    this.#address = Number(calls.mmap(null, length, readWrite, shared, fd, 0))
    this.#length = length
  }

  write(offset: number, bytes: Uint8Array): void {
    calls.memcpy(this.#address + offset, bytes, bytes.length)
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length)
    calls.memcpyOut(bytes, this.#address + offset, length)
    return bytes
  }

  /** MS_SYNC */
  sync(): Outcome {
    return outcome(calls.msync(this.#address, this.#length, 4))
  }

  close(): void {
    calls.munmap(this.#address, this.#length)
  }
}

function offsetOf(value: number): Buffer {
  const buffer = Buffer.alloc(8)
  buffer.writeBigInt64LE(BigInt(value))
  return buffer
}
