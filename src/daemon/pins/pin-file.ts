import { readFileSync, statSync } from 'node:fs'
import { replaceFile } from '../../runtime/replace-file.ts'
import type { ObjectId } from '../../terms/object-id.ts'

/** What is kept of a pin. */
export interface KeptPin {
  /** In the drive. */
  readonly path: string
  /** Of what was there when it was last looked at. */
  readonly ino: number | undefined
}

/** The pins of a drive, in a file of its state directory that is replaced as a whole. */
export class PinFile {
  readonly #path: string
  readonly #manifest: ObjectId
  #stamp: string | undefined

  constructor(path: string, manifest: ObjectId) {
    this.#path = path
    this.#manifest = manifest
  }

  /** Another process has written it since it was last read or written here. */
  get isChanged(): boolean {
    return this.#stampNow() !== this.#stamp
  }

  /** None where there is no file. Throws an Error that names the file where it cannot be read. */
  read(): KeptPin[] {
    this.#stamp = this.#stampNow()
    if (this.#stamp === undefined) return []
    try {
      const kept = JSON.parse(readFileSync(this.#path, 'utf8')) as Record<string, unknown>
      if (kept['manifest'] !== this.#manifest) return []
      return (kept['pins'] as unknown[]).map(pinOf)
    } catch (cause) {
      throw new Error(`the pins in ${this.#path} cannot be read: pin anew, or delete the file`, {
        cause,
      })
    }
  }

  /** On stable storage when it returns. Throws errors of the system calls. */
  write(pins: readonly KeptPin[]): void {
    const list = pins.map(({ path, ino }) => ({ path, ino }))
    replaceFile(this.#path, JSON.stringify({ manifest: this.#manifest, pins: list }))
    this.#stamp = this.#stampNow()
  }

  #stampNow(): string | undefined {
    try {
      const { ino, mtimeNs, size } = statSync(this.#path, { bigint: true })
      return [ino, mtimeNs, size].join(':')
    } catch {
      return undefined
    }
  }
}

function pinOf(value: unknown): KeptPin {
  const { path, ino } = value as Record<string, unknown>
  if (typeof path !== 'string') throw new TypeError('a pin without a path')
  return { path, ino: typeof ino === 'number' ? ino : undefined }
}
