import { join } from 'node:path'
import { KnownTree } from './known-tree.ts'

/** Where a worker works, what it knows of it, and what is random. */
export class WorkPlace {
  readonly tree = new KnownTree()
  readonly top: string
  /** In [0, 1). */
  readonly chance: () => number
  #next = 0

  constructor(top: string, chance: () => number) {
    this.top = top
    this.chance = chance
  }

  readonly at = (path: string): string => join(this.top, path)

  readonly among = <T>(all: readonly T[]): T | undefined => {
    return all[Math.floor(this.chance() * all.length)]
  }

  /** A whole number in [from, to]. */
  readonly between = (from: number, to: number): number => {
    return from + Math.floor(this.chance() * (to - from + 1))
  }

  readonly odds = (share: number): boolean => this.chance() < share

  /** A seed that no other file has. */
  readonly seed = (): number => Math.floor(this.chance() * 2 ** 40)

  /** A name that was not there before, in some directory. */
  readonly newName = (
    what: string,
    directories = ['', ...this.tree.paths('directory')],
  ): string => {
    const name = `${what} ${++this.#next}`
    const parent = this.among(directories) ?? ''
    return parent === '' ? name : `${parent}/${name}`
  }
}
