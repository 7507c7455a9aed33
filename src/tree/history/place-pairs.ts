import type { TreeInode } from '../worktree/tree-inode.ts'
import type { NamePath } from './path-change.ts'

/** A name that one of two snapshots has and the other has not, or not for the same inode. */
export interface Place {
  readonly path: NamePath
  /** Number of the directory that it is in. */
  readonly parent: number
  readonly inode: TreeInode
  /** The other snapshot has nothing of that path. */
  readonly isAlone: boolean
}

/** Places of both snapshots that belong together: an inode that moved, or one that stands where another stood. */
export interface PlacePair {
  readonly before: Place | undefined
  readonly after: Place | undefined
}

/** Finds out which name of an inode became which. */
export class PlacePairs {
  readonly #gone = new Map<number, Place[]>()
  readonly #come = new Map<number, Place[]>()

  add(which: 'before' | 'after', place: Place): void {
    const places = which === 'before' ? this.#gone : this.#come
    const known = places.get(place.inode.ino)
    if (known) known.push(place)
    else places.set(place.inode.ino, [place])
  }

  /** Whether an inode has come to a path. */
  hasCome(ino: number, path: NamePath): boolean {
    const key = keyOf(path)
    return this.#come.get(ino)?.some((place) => keyOf(place.path) === key) ?? false
  }

  /** All places, in pairs where there are two. */
  *paired(): Generator<PlacePair> {
    const left = new Map<string, Place>()
    const come: Place[] = []
    const taken = new Set<string>()
    for (const [ino, places] of this.#come) {
      const { pairs, after } = pairsOf(this.#gone.get(ino) ?? [], places)
      for (const pair of pairs) {
        taken.add(keyOf(pair.after.path))
        yield pair
      }
      come.push(...after)
      // Those of no pair are left for what stands in their place.
      const used = new Set(pairs.map(({ before }) => before))
      const rest = (this.#gone.get(ino) ?? []).filter((place) => !used.has(place))
      for (const place of rest) left.set(keyOf(place.path), place)
    }
    for (const [ino, places] of this.#gone) {
      if (this.#come.has(ino)) continue
      for (const place of places) left.set(keyOf(place.path), place)
    }
    for (const after of come) {
      const key = keyOf(after.path)
      yield { before: left.get(key), after }
      left.delete(key)
    }
    for (const [key, before] of left) if (!taken.has(key)) yield { before, after: undefined }
  }
}

/** Names of one inode: those that are the same, or in a directory that moved, then those of one path, then in order. */
function pairsOf(
  gone: readonly Place[],
  come: readonly Place[],
): { readonly pairs: readonly { before: Place; after: Place }[]; readonly after: Place[] } {
  const pairs: { before: Place; after: Place }[] = []
  let before = gone.toSorted(byPath)
  const after = new Set(come.toSorted(byPath))
  for (const keyOfRule of [(place: Place) => `${place.parent}/${place.path.at(-1)}`, pathKey]) {
    const byKey = new Map(Array.from(after, (place) => [keyOfRule(place), place]))
    before = before.filter((place) => {
      const match = byKey.get(keyOfRule(place))
      if (!match) return true
      byKey.delete(keyOfRule(place))
      after.delete(match)
      pairs.push({ before: place, after: match })
      return false
    })
  }
  for (const place of before) {
    const [match] = after
    if (!match) break
    after.delete(match)
    pairs.push({ before: place, after: match })
  }
  return { pairs, after: [...after] }
}

function pathKey({ path }: Place): string {
  return keyOf(path)
}

function byPath(a: Place, b: Place): number {
  return keyOf(a.path) < keyOf(b.path) ? -1 : 1
}

/** A path as a string of bytes: names have no `/`. */
export function keyOf(path: NamePath): string {
  return path.join('/')
}
