import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import koffi from 'koffi'

const LOCK_EX = 2
const LOCK_NB = 4

/** An exclusive lock that its process holds until it ends, however it ends (flock(2)). */
export class FileLock {
  readonly #fd: number

  private constructor(fd: number) {
    this.#fd = fd
  }

  /** The lock at `path`, with our pid written into the file (0600); or the pid of whoever has it. */
  static take(path: string): FileLock | { readonly heldBy: string } {
    const fd = openSync(path, 'a+', 0o600)
    if (flock(fd, LOCK_EX | LOCK_NB) !== 0) {
      const heldBy = readFileSync(path, 'utf8').trim()
      closeSync(fd)
      return { heldBy }
    }
    ftruncateSync(fd)
    writeSync(fd, `${process.pid}\n`)
    return new FileLock(fd)
  }

  release(): void {
    closeSync(this.#fd)
  }
}

let native: ((fd: number, operation: number) => number) | undefined

function flock(fd: number, operation: number): number {
  native ??= koffi
    .load(process.platform === 'darwin' ? 'libSystem.dylib' : 'libc.so.6')
    .func('int flock(int fd, int operation)') as (fd: number, operation: number) => number
  return native(fd, operation)
}
