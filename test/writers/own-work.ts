import {
  appendFile,
  chmod,
  mkdir,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { noise } from '../writeback/files.ts'

/** What one side has in a directory that the other one does not touch, done on the drive and on the host's disk alike. */
export class OwnWork {
  readonly #places: readonly string[]
  readonly #chance: () => number
  readonly #files: string[] = []
  readonly #directories = ['.']
  #next = 0

  constructor(onDrive: string, onHost: string, chance: () => number) {
    this.#places = [onDrive, onHost]
    this.#chance = chance
  }

  /** Something at random; on stable storage where it has bytes. */
  async step(): Promise<void> {
    const dice = this.#chance()
    const file = this.#among(this.#files)
    if (file === undefined || dice < 0.35) return this.#make()
    const bytes = noise(1 + Math.floor(this.#chance() * 30_000), ++this.#next)
    if (dice < 0.55) return this.#both((at) => appendFile(at(file), bytes, { flush: true }))
    if (dice < 0.65) return this.#both((at) => writeFile(at(file), bytes, { flush: true }))
    if (dice < 0.7) return this.#both((at) => truncate(at(file), bytes.length))
    if (dice < 0.75) return this.#both((at) => chmod(at(file), this.#next % 2 ? 0o640 : 0o755))
    if (dice < 0.8) return this.#makeDirectory()
    if (dice < 0.85) return this.#both((at) => symlink(file, at(`link ${this.#next}`)))
    if (dice < 0.93) return this.#rename(file)
    this.#files.splice(this.#files.indexOf(file), 1)
    return this.#both((at) => rm(at(file)))
  }

  async #make(): Promise<void> {
    const name = join(this.#among(this.#directories)!, `file ${++this.#next}`)
    const bytes = noise(Math.floor(this.#chance() ** 4 * 400_000), this.#next)
    await this.#both((at) => writeFile(at(name), bytes, { flush: true }))
    this.#files.push(name)
  }

  async #makeDirectory(): Promise<void> {
    const name = join(this.#among(this.#directories)!, `directory ${++this.#next}`)
    await this.#both((at) => mkdir(at(name)))
    this.#directories.push(name)
  }

  async #rename(file: string): Promise<void> {
    const to = join(this.#among(this.#directories)!, `file ${++this.#next}`)
    await this.#both((at) => rename(at(file), at(to)))
    this.#files[this.#files.indexOf(file)] = to
  }

  async #both(work: (at: (path: string) => string) => Promise<unknown>): Promise<void> {
    for (const place of this.#places) await work((path) => join(place, path))
  }

  #among<T>(all: readonly T[]): T | undefined {
    return all[Math.floor(this.#chance() * all.length)]
  }
}
