import { closeSync, fsyncSync, openSync } from 'node:fs'
import { adviseFile, FileAdvice } from '../../runtime/file-advice.ts'

/**
 * Makes the kernel forget a file's pages, so that the next read asks the file system; takes no rights. Dirty pages are
 * written out first. False where the system cannot do that.
 */
export function forgetPages(path: string): boolean {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
    return adviseFile(fd, 0, 0, FileAdvice.dontNeed)
  } finally {
    closeSync(fd)
  }
}

/** Tells the kernel not to read ahead through this descriptor. */
export function expectRandomReads(fd: number): void {
  adviseFile(fd, 0, 0, FileAdvice.random)
}
