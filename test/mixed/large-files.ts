import { copyFile, open, truncate, unlink } from 'node:fs/promises'
import type { Act, Change } from './act.ts'
import { changeWhole, readFile } from './acts.ts'
import { KnownContent } from './known-content.ts'
import type { Known } from './known-tree.ts'
import { compareRange, pastPages } from './look-at-file.ts'
import type { WorkPlace } from './work-place.ts'
import { writeRun } from './write-file.ts'

type KnownFile = Extract<Known, { type: 'file' }>

/** How large, and all of them together. */
export interface LargeLimits {
  readonly leastBytes: number
  readonly mostBytes: number
  readonly allBytes: number
}

/** Reads of one file, here and there. */
const rangesAtOnce = 12
const mode = 0o644

/** Large files: written in one go, read here and there, changed at their end and in the middle. */
export class LargeFiles {
  readonly #place: WorkPlace
  readonly #limits: LargeLimits

  constructor(place: WorkPlace, limits: LargeLimits) {
    this.#place = place
    this.#limits = limits
  }

  /** What to do next. */
  next(): Act {
    const { tree, among, chance } = this.#place
    const path = among(tree.paths('file'))
    if (path === undefined) return this.#stream()
    const left = this.#limits.allBytes - tree.bytes
    if (left < 0) return this.#remove(path)
    const dice = chance()
    if (dice < 0.5) return this.#readRanges(path)
    if (dice < 0.65) return readFile(this.#place, path)
    if (dice < 0.75) return this.#overwrite('append large', path, 'a')
    if (dice < 0.82) return this.#overwrite('patch large', path, 'r+')
    if (dice < 0.85) return this.#truncate(path)
    if (dice < 0.88) return this.#copy(path)
    return this.#stream()
  }

  #stream(): Act {
    const { chance, seed, odds, at, newName } = this.#place
    const { leastBytes, mostBytes } = this.#limits
    const size = Math.floor(leastBytes * (mostBytes / leastBytes) ** chance())
    const path = newName('large')
    const content = KnownContent.of(seed(), size)
    const after: Known = { type: 'file', content, mode }
    const change: Change = { path, before: undefined, after, how: 'rewritten' }
    const synced = odds(0.4) ? change : undefined
    const run = () => writeRun(at(path), 'wx', content, { from: 0, to: size }, synced)
    return { kind: 'write large', changes: [change], run }
  }

  #overwrite(kind: string, path: string, flags: 'a' | 'r+'): Act {
    const { between, seed, odds, at } = this.#place
    const before = this.#file(path)
    const { size } = before.content
    const from = flags === 'a' ? size : between(0, size)
    const length = between(1, 2_000_000)
    const content = before.content.written(from, length, seed())
    const change: Change = { path, before, after: { ...before, content }, how: 'grown' }
    const synced = odds(0.4) ? change : undefined
    const run = () => writeRun(at(path), flags, content, { from, to: from + length }, synced)
    return { kind, changes: [change], run }
  }

  #truncate(path: string): Act {
    const before = this.#file(path)
    const size = this.#place.between(0, before.content.size)
    const after: Known = { ...before, content: before.content.truncated(size) }
    const full = this.#place.at(path)
    return changeWhole('truncate large', this.#place, path, after, () => truncate(full, size))
  }

  #copy(from: string): Act {
    const { at, newName } = this.#place
    const path = newName('copy')
    const after = this.#file(from)
    const change: Change = { path, before: undefined, after, how: 'rewritten' }
    const run = async () => {
      await copyFile(at(from), at(path))
      return after.content.size
    }
    return { kind: 'copy large', changes: [change], run }
  }

  #remove(path: string): Act {
    const full = this.#place.at(path)
    return changeWhole('remove large', this.#place, path, undefined, () => unlink(full))
  }

  #readRanges(path: string): Act {
    const { at, between, odds } = this.#place
    const { content } = this.#file(path)
    const ranges = Array.from({ length: rangesAtOnce }, () => {
      return { from: between(0, content.size), length: between(1, odds(0.7) ? 65_536 : 1 << 20) }
    })
    const flags = odds(0.7) ? pastPages : 'r'
    const run = async () => {
      const file = await open(at(path), flags)
      let bytes = 0
      try {
        for (const { from, length } of ranges)
          bytes += await compareRange(file, at(path), content, from, length)
      } finally {
        await file.close()
      }
      return bytes
    }
    return { kind: 'read ranges', about: path, changes: [], run }
  }

  #file(path: string): KnownFile {
    return this.#place.tree.get(path) as KnownFile
  }
}
