import { chmod, mkdir, symlink, truncate, unlink } from 'node:fs/promises'
import type { Act, Change } from './act.ts'
import { changeWhole, find, list, move, readFile, removeTree } from './acts.ts'
import { KnownContent } from './known-content.ts'
import { directory, type Known } from './known-tree.ts'
import type { WorkPlace } from './work-place.ts'
import { writeRun } from './write-file.ts'

type KnownFile = Extract<Known, { type: 'file' }>

/** How many, and how large. */
export interface SmallLimits {
  readonly files: number
  readonly directories: number
  /** Most are far smaller. */
  readonly mostBytes: number
}

const fsyncShare = 0.3
const defaultMode = 0o644

/** Small files and the directories that they lie in, changed in every way. */
export class SmallFiles {
  readonly #place: WorkPlace
  readonly #limits: SmallLimits

  constructor(place: WorkPlace, limits: SmallLimits) {
    this.#place = place
    this.#limits = limits
  }

  /** What to do next. */
  next(): Act {
    const { tree, chance, among } = this.#place
    const files = tree.paths('file')
    const path = among(files)
    const share = files.length / this.#limits.files
    if (path === undefined || chance() < 0.25 * (1 - share)) return this.#create()
    if (share >= 1) return this.#remove(path)
    const acts: readonly [weight: number, act: () => Act][] = [
      [34, () => readFile(this.#place, path)],
      [8, () => this.#append(path)],
      [8, () => this.#rewrite(path)],
      [7, () => this.#patch(path)],
      [5, () => this.#truncate(path)],
      [6, () => this.#rename(path)],
      [4, () => this.#remove(path)],
      [4, () => this.#chmod(path)],
      [5, () => this.#makeDirectory()],
      [4, () => this.#moveDirectory()],
      [2, () => this.#removeDirectory()],
      [3, () => this.#link(path)],
      [7, () => list(this.#place)],
      [3, () => find(this.#place)],
    ]
    let dice = chance() * acts.reduce((sum, [weight]) => sum + weight, 0)
    return acts.find(([weight]) => (dice -= weight) < 0)![1]()
  }

  #create(): Act {
    return this.#written('create', this.#place.newName('file'), undefined, 'wx')
  }

  #rewrite(path: string): Act {
    return this.#written('rewrite', path, this.#file(path), 'w')
  }

  #written(kind: string, path: string, before: KnownFile | undefined, flags: 'w' | 'wx'): Act {
    const { chance, seed, odds, at } = this.#place
    const size = Math.floor(chance() ** 4 * this.#limits.mostBytes)
    const content = KnownContent.of(seed(), size)
    const after: Known = { type: 'file', content, mode: before?.mode ?? defaultMode }
    const change: Change = { path, before, after, how: 'rewritten' }
    const synced = odds(fsyncShare) ? change : undefined
    const run = () => writeRun(at(path), flags, content, { from: 0, to: size }, synced)
    return { kind, changes: [change], run }
  }

  #append(path: string): Act {
    return this.#overwritten('append', path, this.#file(path).content.size, 'a')
  }

  #patch(path: string): Act {
    const { size } = this.#file(path).content
    return this.#overwritten('patch', path, this.#place.between(0, size), 'r+')
  }

  #overwritten(kind: string, path: string, from: number, flags: 'a' | 'r+'): Act {
    const { between, seed, odds, at } = this.#place
    const before = this.#file(path)
    const length = between(1, odds(0.8) ? 4000 : 60_000)
    const content = before.content.written(from, length, seed())
    const change: Change = { path, before, after: { ...before, content }, how: 'grown' }
    const synced = odds(fsyncShare) ? change : undefined
    const run = () => writeRun(at(path), flags, content, { from, to: from + length }, synced)
    return { kind, changes: [change], run }
  }

  #truncate(path: string): Act {
    const before = this.#file(path)
    const size = this.#place.between(0, Math.floor(before.content.size * 1.2))
    const after: Known = { ...before, content: before.content.truncated(size) }
    const full = this.#place.at(path)
    return changeWhole('truncate', this.#place, path, after, () => truncate(full, size))
  }

  #chmod(path: string): Act {
    const mode = this.#place.odds(0.5) ? 0o640 : 0o755
    const after = { ...this.#file(path), mode }
    return changeWhole('chmod', this.#place, path, after, () => chmod(this.#place.at(path), mode))
  }

  #remove(path: string): Act {
    return changeWhole('remove', this.#place, path, undefined, () => unlink(this.#place.at(path)))
  }

  #rename(from: string): Act {
    const { tree, among, odds, newName } = this.#place
    const other = among(tree.paths('file').filter((path) => path !== from))
    if (other !== undefined && odds(0.3)) return move('rename over', this.#place, from, other)
    return move('rename', this.#place, from, newName('file'))
  }

  #makeDirectory(): Act {
    const { tree, newName, at } = this.#place
    if (tree.paths('directory').length >= this.#limits.directories) return this.#removeDirectory()
    const path = newName('directory')
    return changeWhole('make directory', this.#place, path, directory, () => mkdir(at(path)))
  }

  /** Into another directory that does not lie in it. */
  #moveDirectory(): Act {
    const { tree, among, newName } = this.#place
    const from = among(tree.paths('directory'))
    if (from === undefined) return this.#makeDirectory()
    const others = tree.paths('directory').filter((path) => !`${path}/`.startsWith(`${from}/`))
    return move('move directory', this.#place, from, newName('moved', ['', ...others]))
  }

  #removeDirectory(): Act {
    const path = this.#place.among(this.#place.tree.paths('directory'))
    return path === undefined ? list(this.#place) : removeTree(this.#place, path)
  }

  #link(target: string): Act {
    const { tree, at, newName } = this.#place
    const [first, ...links] = tree.paths('link')
    if (first !== undefined && links.length >= this.#limits.directories)
      return changeWhole('remove link', this.#place, first, undefined, () => unlink(at(first)))
    const path = newName('link')
    const link: Known = { type: 'link', target }
    return changeWhole('link', this.#place, path, link, () => symlink(target, at(path)))
  }

  #file(path: string): KnownFile {
    return this.#place.tree.get(path) as KnownFile
  }
}
