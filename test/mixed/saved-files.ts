import { rename } from 'node:fs/promises'
import type { Act, Change } from './act.ts'
import { readFile } from './acts.ts'
import { KnownContent, seedHeadBytes } from './known-content.ts'
import type { Known } from './known-tree.ts'
import type { WorkPlace } from './work-place.ts'
import { writeRun } from './write-file.ts'

const mode = 0o644
const mostBytes = 60_000

/** Small files that are saved as editors do: a new file takes the place of the old one. Each says itself what it must hold. */
export class SavedFiles {
  readonly #place: WorkPlace
  readonly #files: number

  constructor(place: WorkPlace, files: number) {
    this.#place = place
    this.#files = files
  }

  next(): Act {
    const { tree, among, odds, between } = this.#place
    const path = among(tree.paths('file'))
    if (path !== undefined && odds(0.4)) return readFile(this.#place, path)
    return this.#save(`saved ${between(1, this.#files)}`)
  }

  #save(path: string): Act {
    const { tree, chance, seed, odds, at } = this.#place
    const content = KnownContent.selfTold(
      seed(),
      seedHeadBytes + Math.floor(chance() * (odds(0.85) ? 4000 : mostBytes)),
    )
    const after: Known = { type: 'file', content, mode }
    const beside = `.${path}.new`
    const change: Change = { path, before: tree.get(path), after, how: 'whole' }
    const written: Change = { path: beside, before: undefined, after, how: 'rewritten' }
    const synced = odds(0.5) ? written : undefined
    const run = async () => {
      const to = content.size
      const bytes = await writeRun(at(beside), 'w', content, { from: 0, to }, synced)
      await rename(at(beside), at(path))
      return bytes
    }
    return { kind: 'save', changes: [change], leavings: [beside], run }
  }
}
