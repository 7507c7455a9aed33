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
  #keyId: string | undefined
  /** What the file says does not count: the next that is seen is written whatever it is. */
  #forgets: boolean

  /** With `forget` whatever is shown next is believed. A file that cannot be read counts as nothing seen. */
  constructor(path: string, manifest: ObjectId, forget: boolean, log: Log) {
    this.#path = path
    this.#manifest = manifest
    this.#log = log
    this.#forgets = forget
    const { sequence, keyId } = this.#read()
    this.#sequence = forget ? -1n : sequence
    this.#keyId = keyId
  }

  /** Id of the key that the drive was sealed with when it was first opened here; undefined: it was not, or not yet. */
  get keyId(): string | undefined {
    return this.#keyId
  }

  /** The drive is sealed with this key: no other will do. */
  sealedWith(keyId: string): void {
    this.#keyId = keyId
    this.#write()
  }

  get sequence(): bigint {
    return this.#sequence
  }

  saw(sequence: bigint): void {
    this.#sequence = sequence
    // Another process may have seen more.
    const known = this.#read()
    const isKnown = !this.#forgets && known.sequence >= sequence
    this.#forgets = false
    this.#keyId ??= known.keyId
    if (!isKnown) this.#write()
  }

  #write(): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      const next = `${this.#path}.${process.pid}`
      const sequence = String(this.#sequence)
      const sealed = this.#keyId === undefined ? {} : { sealed: this.#keyId }
      const text = JSON.stringify({ manifest: this.#manifest, sequence, ...sealed })
      writeFileSync(next, text, { mode: 0o600, flush: true })
      renameSync(next, this.#path)
    } catch (error) {
      this.#log.debug('the sequence number could not be kept', { why: String(error) })
    }
  }

  #read(): { readonly sequence: bigint; readonly keyId: string | undefined } {
    try {
      const text = readFileSync(this.#path, 'utf8')
      const { manifest, sequence, sealed } = JSON.parse(text) as Record<string, unknown>
      if (manifest !== this.#manifest) return nothing
      const number = typeof sequence === 'string' ? BigInt(sequence) : -1n
      return { sequence: number, keyId: typeof sealed === 'string' ? sealed : undefined }
    } catch {
      return nothing
    }
  }
}

const nothing = { sequence: -1n, keyId: undefined }
