import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Seen } from '../manifest/sightings.ts'
import type { Log } from '../runtime/log.ts'
import type { ObjectId } from '../terms/object-id.ts'

/** The highest sequence number that this machine has seen of a drive's manifest, in a file of its state directory. */
export class SeenManifest implements Seen {
  readonly #path: string
  readonly #manifest: ObjectId
  readonly #log: Log
  #sequence: bigint
  /** What the file says does not count: the next that is seen is written whatever it is. */
  #forgets: boolean

  /** With `forget` whatever is shown next is believed. A file that cannot be read counts as nothing seen. */
  constructor(path: string, manifest: ObjectId, forget: boolean, log: Log) {
    this.#path = path
    this.#manifest = manifest
    this.#log = log
    this.#forgets = forget
    this.#sequence = forget ? -1n : this.#read()
  }

  get sequence(): bigint {
    return this.#sequence
  }

  saw(sequence: bigint): void {
    this.#sequence = sequence
    // Another process may have seen more.
    const isKnown = !this.#forgets && this.#read() >= sequence
    this.#forgets = false
    if (isKnown) return
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      const next = `${this.#path}.${process.pid}`
      const text = JSON.stringify({ manifest: this.#manifest, sequence: String(sequence) })
      writeFileSync(next, text, { mode: 0o600, flush: true })
      renameSync(next, this.#path)
    } catch (error) {
      this.#log.debug('the sequence number could not be kept', { why: String(error) })
    }
  }

  #read(): bigint {
    try {
      const text = readFileSync(this.#path, 'utf8')
      const { manifest, sequence } = JSON.parse(text) as Record<string, unknown>
      return manifest === this.#manifest && typeof sequence === 'string' ? BigInt(sequence) : -1n
    } catch {
      return -1n
    }
  }
}
