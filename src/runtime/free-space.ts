import { FsError } from '../terms/errno.ts'
import type { Clock } from './clock.ts'
import type { Disk } from './disk.ts'

/** How long an answer of the disk is believed, for other programs write there, too. */
const believedMs = 1000

/**
 * Keeps the last bytes of a disk free: refuses a write before the disk itself would, so that what must still be written
 * (a journal behind its staging) finds room. Asks the disk once a second or when what it knew is used up.
 */
export class FreeSpace {
  readonly #disk: Disk
  readonly #path: string
  readonly #reserveBytes: number
  readonly #clock: Clock
  #left = 0
  #askedAt = -Infinity

  constructor(disk: Disk, path: string, reserveBytes: number, clock: Clock) {
    this.#disk = disk
    this.#path = path
    this.#reserveBytes = reserveBytes
    this.#clock = clock
  }

  /**
   * Throws FsError ENOSPC when writing so many bytes would go into the reserve. `unwritten` have been required before and
   * are not on the disk yet.
   */
  require(bytes: number, unwritten = 0): void {
    if (bytes > this.#left || this.#clock.now() - this.#askedAt >= believedMs) this.#ask(unwritten)
    if (bytes > this.#left) throw new FsError('ENOSPC', `the disk of ${this.#path} is full`)
    this.#left -= bytes
  }

  #ask(unwritten: number): void {
    this.#askedAt = this.#clock.now()
    try {
      this.#left = this.#disk.freeBytes(this.#path) - this.#reserveBytes - unwritten
    } catch {
      // A disk that cannot say what is free will say so when it is written to.
      this.#left = Infinity
    }
  }
}
