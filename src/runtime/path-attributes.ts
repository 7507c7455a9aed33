import koffi from 'koffi'

/** Seconds since 1970, and nanoseconds. */
export interface FileTime {
  readonly sec: number
  readonly nsec: number
}

interface Calls {
  readonly utimensat: (
    directory: number,
    path: Uint8Array,
    times: Uint8Array,
    flags: number,
  ) => number
  readonly lsetxattr: (
    path: Uint8Array,
    name: Uint8Array,
    value: Uint8Array,
    size: number,
    flags: number,
  ) => number
}

const AT_FDCWD = -100
const AT_SYMLINK_NOFOLLOW = 0x100

let calls: Calls | undefined

/** Sets both times of a path, to the nanosecond; of a symlink, its own. False where that cannot be done. */
export function setPathTimes(path: Uint8Array, atime: FileTime, mtime: FileTime): boolean {
  calls ??= load()
  const times = Buffer.alloc(32)
  for (const [i, { sec, nsec }] of [atime, mtime].entries()) {
    times.writeBigInt64LE(BigInt(sec), i * 16)
    times.writeBigInt64LE(BigInt(nsec), i * 16 + 8)
  }
  return calls.utimensat(AT_FDCWD, terminated(path), times, AT_SYMLINK_NOFOLLOW) === 0
}

/** Sets an extended attribute of a path; of a symlink, its own. False where the file system or the kernel refuses it. */
export function setPathXattr(path: Uint8Array, name: Uint8Array, value: Uint8Array): boolean {
  calls ??= load()
  return calls.lsetxattr(terminated(path), terminated(name), value, value.length, 0) === 0
}

function terminated(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, Buffer.of(0)])
}

function load(): Calls {
  const none = { utimensat: () => -1, lsetxattr: () => -1 }
  if (process.platform !== 'linux') return none
  try {
    const libc = koffi.load(null)
    return {
      utimensat: libc.func(
        'int utimensat(int dirfd, const uint8_t *path, const uint8_t *times, int flags)',
      ) as Calls['utimensat'],
      lsetxattr: libc.func(
        'int lsetxattr(const uint8_t *path, const uint8_t *name, const uint8_t *value, size_t size, int flags)',
      ) as Calls['lsetxattr'],
    }
  } catch {
    return none
  }
}
