import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { decodeRemembered, encodeRemembered } from '../manifest/remembered.ts'
import type { Memory, Remembered } from '../manifest/remembered.ts'
import type { Log } from '../runtime/log.ts'
import type { ObjectId } from '../terms/object-id.ts'

/** What this machine saw last of a drive's manifest, in a file of its state directory: what a start without the network begins with. */
export class RememberedFile implements Memory {
  readonly #path: string
  readonly #log: Log
  #last: Remembered | undefined

  /** A file that cannot be read, or is about another manifest, counts as none. */
  constructor(path: string, manifest: ObjectId, log: Log) {
    this.#path = path
    this.#log = log
    try {
      const kept = decodeRemembered(readFileSync(path, 'utf8'))
      if (kept.state.id === manifest) this.#last = kept
    } catch {
      // Nothing is remembered.
    }
  }

  get last(): Remembered | undefined {
    return this.#last
  }

  /** The network takes no larger blob. */
  largestBlob(maxBlobBytes: number): void {
    if (this.#last && this.#last.maxBlobBytes !== maxBlobBytes) {
      this.#write({ ...this.#last, maxBlobBytes })
    }
  }

  /** A mount that only reads does not look for its capability: the one that was known stays. */
  keep(seen: Omit<Remembered, 'maxBlobBytes'>): void {
    const writer = seen.writer ?? this.#last?.writer
    this.#write({ ...seen, writer, maxBlobBytes: this.#last?.maxBlobBytes })
  }

  #write(remembered: Remembered): void {
    this.#last = remembered
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      const next = `${this.#path}.${process.pid}`
      writeFileSync(next, encodeRemembered(remembered), { mode: 0o600 })
      renameSync(next, this.#path)
    } catch (error) {
      this.#log.debug('the manifest could not be remembered', { why: String(error) })
    }
  }
}
