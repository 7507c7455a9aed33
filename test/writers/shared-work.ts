import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { noise } from '../writeback/files.ts'

/** What a side made of a shared file while the sides did not see each other. */
interface Outcome {
  /** Undefined: it was removed. */
  readonly bytes: Buffer | undefined
  /** For people. */
  readonly how: string
}

/** The files that all sides change. */
export class SharedWork {
  readonly #names: readonly string[]
  readonly #chance: () => number
  /** As all saw them at the beginning of the window. */
  #before = new Map<string, Buffer>()
  #outcomes: Map<string, Outcome>[]
  #next = 0
  /** Names that more sides than one changed at once, so far. */
  conflicts = 0

  constructor(count: number, sides: number, chance: () => number) {
    this.#outcomes = Array.from({ length: sides }, () => new Map<string, Outcome>())
    this.#names = Array.from({ length: count }, (_, i) => `shared ${i}`)
    this.#chance = chance
  }

  /** A side changes a file that it has not changed in this window; false when none is left. */
  async step(side: number, directory: string): Promise<boolean> {
    const done = this.#outcomes[side]!
    const left = this.#names.filter((name) => !done.has(name))
    const name = left[Math.floor(this.#chance() * left.length)]
    if (name === undefined) return false
    const path = join(directory, name)
    const known = this.#before.get(name)
    const bytes = noise(1 + Math.floor(this.#chance() * 20_000), 7_000_000 + ++this.#next)
    const dice = this.#chance()
    if (!known || dice < 0.4) {
      await writeFile(path, bytes, { flush: true })
      done.set(name, { bytes, how: `${side} wrote it` })
    } else if (dice < 0.8) {
      await appendFile(path, bytes, { flush: true })
      done.set(name, { bytes: Buffer.concat([known, bytes]), how: `${side} appended to it` })
    } else {
      await rm(path)
      done.set(name, { bytes: undefined, how: `${side} removed it` })
    }
    return true
  }

  /** Compares with what all sides show now, and begins a new window. Conflict copies are removed. */
  async judge(directory: string): Promise<string[]> {
    const there = new Map<string, Buffer>()
    for (const name of await readdir(directory)) {
      there.set(name, await readFile(join(directory, name)))
    }
    const wrong = this.#names.flatMap((name) => this.#wrongWith(name, there))
    this.#before = new Map(this.#names.flatMap((name) => pair(name, there.get(name))))
    this.#outcomes = this.#outcomes.map(() => new Map())
    for (const name of there.keys()) {
      if (!this.#names.includes(name)) await rm(join(directory, name))
    }
    return wrong
  }

  #wrongWith(name: string, there: ReadonlyMap<string, Buffer>): string[] {
    const made = this.#outcomes.flatMap((done) => done.get(name) ?? [])
    const copies = [...there.keys()].filter((path) => path.startsWith(`${name} (conflict `))
    const found = [name, ...copies].flatMap((path) => pair(path, there.get(path)))
    const expected = this.#expected(name, made)
    const isThere = (bytes: Buffer) => found.some(([, version]) => version.equals(bytes))
    if (expected.length === found.length && expected.every(isThere)) return []
    const known = [...made, { bytes: this.#before.get(name), how: 'it was so before' }]
    const shown = found.map(([path, bytes]) => {
      const same = known.find((outcome) => outcome.bytes?.equals(bytes))
      return `${path} (${bytes.length} bytes: ${same?.how ?? 'nobody made it so'})`
    })
    const story = made.map(({ how, bytes }) => `${how} (${bytes?.length ?? 0} bytes)`).join(', ')
    return [`${name}: ${story}; there is ${shown.join(', ') || 'nothing'}`]
  }

  /** A deletion gives way to an edit. */
  #expected(name: string, made: readonly Outcome[]): Buffer[] {
    if (made.length === 0) return pair(name, this.#before.get(name)).map(([, bytes]) => bytes)
    if (made.length > 1) this.conflicts++
    return made.flatMap(({ bytes }) => bytes ?? [])
  }
}

function pair(name: string, bytes: Buffer | undefined): [string, Buffer][] {
  return bytes ? [[name, bytes]] : []
}
