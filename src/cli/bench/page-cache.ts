import { closeSync, fsyncSync, openSync } from 'node:fs'
import koffi from 'koffi'

/** posix_fadvise(2) of linux/fadvise.h. */
const POSIX_FADV_RANDOM = 1
const POSIX_FADV_DONTNEED = 4

type Advise = (fd: number, offset: number, length: number, advice: number) => number

let advise: Advise | undefined

function fadvise(fd: number, advice: number): boolean {
  if (process.platform !== 'linux') return false
  advise ??= koffi
    .load(null)
    .func('int posix_fadvise(int fd, int64_t offset, int64_t length, int advice)') as Advise
  return advise(fd, 0, 0, advice) === 0
}

/**
 * Makes the kernel forget a file's pages, so that the next read asks the file system; takes no rights. Dirty pages are
 * written out first. False where the system cannot do that.
 */
export function forgetPages(path: string): boolean {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
    return fadvise(fd, POSIX_FADV_DONTNEED)
  } finally {
    closeSync(fd)
  }
}

/** Tells the kernel not to read ahead through this descriptor. */
export function expectRandomReads(fd: number): void {
  fadvise(fd, POSIX_FADV_RANDOM)
}
