import { copyFileSync, fstatSync, ftruncateSync } from 'node:fs'

/** Names the file that standard error of a process in the background is appended to. */
export const logFileVariable = 'WALRUSFS_LOG_FILE'

const stderr = 2

/**
 * Keeps a file that standard error is appended to from growing for ever: where it would come to hold more than so many bytes, what it holds
 * goes to FILE.1, in the place of what was there. Never throws: with no room for the copy the file grows to twice the size, and then begins anew.
 */
export class BoundedLog {
  readonly #file: string
  readonly #maxBytes: number
  #bytes: number | undefined

  constructor(file: string, maxBytes: number) {
    this.#file = file
    this.#maxBytes = maxBytes
  }

  /** Makes room for the next bytes. */
  makeRoom(bytes: number): void {
    this.#bytes = (this.#bytes ?? sizeOf(stderr)) + bytes
    if (this.#bytes <= this.#maxBytes) return
    // Another process may have begun it anew.
    this.#bytes = sizeOf(stderr) + bytes
    if (this.#bytes <= this.#maxBytes || this.#bytes === bytes) return
    if (!this.#isCopied() && this.#bytes <= 2 * this.#maxBytes) return
    try {
      ftruncateSync(stderr)
      this.#bytes = bytes
    } catch {
      // It is no file that can be made shorter: it is not ours to keep small.
      this.#bytes = -Infinity
    }
  }

  #isCopied(): boolean {
    try {
      copyFileSync(this.#file, `${this.#file}.1`)
      return true
    } catch {
      return false
    }
  }
}

function sizeOf(descriptor: number): number {
  try {
    return fstatSync(descriptor).size
  } catch {
    return 0
  }
}
