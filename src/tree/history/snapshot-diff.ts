import type { Name } from '../../terms/name.ts'
import { diffMaps } from '../btree/diff-maps.ts'
import { NodeReader } from '../btree/node-reader.ts'
import { inodeOfRoot } from '../format/root-format.ts'
import type { Inode } from '../inode.ts'
import { directoryKind } from '../kinds/directory-kind.ts'
import type { DirectoryValue } from '../kinds/directory-kind.ts'
import { linksKind } from '../kinds/links-kind.ts'
import type { NodeSource } from '../node-source.ts'
import { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import { isSameButTimes, isSameTimes } from '../rebase/same-inode.ts'
import type { RootRecord } from '../root-record.ts'
import { run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import { recordOf } from './linked-records.ts'
import { MetDirectories } from './met-directories.ts'

/** One thing that differs between two snapshots; one that moved is told where it was and where it is, by one number. */
export interface Difference {
  /** Undefined for a file with several names that changed while its names stayed: it is known by its number only. */
  readonly path: readonly Name[] | undefined
  readonly before: Inode | undefined
  readonly after: Inode | undefined
}

/** A directory of either snapshot, or of both, that is still to be compared. */
interface Pending {
  readonly path: readonly Name[]
  readonly before: PieceRef | undefined
  readonly after: PieceRef | undefined
}

/**
 * All that differs between two snapshots, each directory before what is in it. What they share is not read. A directory
 * whose names alone changed is not told itself.
 */
export async function* diffSnapshots(
  source: NodeSource,
  before: RootRecord | undefined,
  after: RootRecord,
): AsyncGenerator<Difference> {
  const comparison = new Comparison(source, before, after)
  yield* await comparison.links()
  const pending: Pending[] = [
    { path: [], before: before?.directory.node, after: after.directory.node },
  ]
  const root = difference([], before && inodeOfRoot(before.directory), inodeOfRoot(after.directory))
  if (root) yield root
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { differences, below } = await comparison.directory(next)
    yield* differences
    for (const map of below.reverse()) pending.push(map)
  }
}

class Comparison {
  readonly #reader: NodeReader
  readonly #before: RootRecord | undefined
  readonly #after: RootRecord
  readonly #met = { before: new MetDirectories(), after: new MetDirectories() }

  constructor(source: NodeSource, before: RootRecord | undefined, after: RootRecord) {
    this.#reader = new NodeReader(source)
    this.#before = before
    this.#after = after
  }

  /** Files of several names that changed and are in both. */
  async links(): Promise<Difference[]> {
    const found: Difference[] = []
    const tell = (_key: string, before: TreeInode | undefined, after: TreeInode | undefined) => {
      if (before && after) found.push({ path: undefined, before, after })
    }
    const [before, after] = [this.#before?.links, this.#after.links]
    await run(diffMaps(this.#reader, linksKind, before, after, new Pace(), tell))
    return found
  }

  async directory({
    path,
    before,
    after,
  }: Pending): Promise<{ differences: Difference[]; below: Pending[] }> {
    const found: [Name, DirectoryValue | undefined, DirectoryValue | undefined][] = []
    const tell = (key: string, a: DirectoryValue | undefined, b: DirectoryValue | undefined) =>
      found.push([key as Name, a, b])
    await run(diffMaps(this.#reader, directoryKind, before, after, new Pace(), tell))
    const differences: Difference[] = []
    const below: Pending[] = []
    for (const [name, a, b] of found) {
      const [old, now] = await run(this.#resolve(a, b))
      const here = [...path, name]
      const told = difference(here, old, now)
      if (told) differences.push(told)
      const [oldNode, newNode] = [old?.names?.stored?.node, now?.names?.stored?.node]
      if (oldNode || newNode) below.push({ path: here, before: oldNode, after: newNode })
    }
    return { differences, below }
  }

  *#resolve(
    a: DirectoryValue | undefined,
    b: DirectoryValue | undefined,
  ): Steps<[TreeInode | undefined, TreeInode | undefined]> {
    const old = a && (yield* recordOf(this.#reader, this.#before?.links, a))
    const now = b && (yield* recordOf(this.#reader, this.#after.links, b))
    if (old) this.#met.before.meet(old)
    if (now) this.#met.after.meet(now)
    return [old, now]
  }
}

function difference(
  path: readonly Name[],
  before: TreeInode | undefined,
  after: TreeInode | undefined,
): Difference | undefined {
  if (before && after && before.ino === after.ino) {
    const isNamesOnly = before.isDirectory && isSameButTimes(before, after)
    if (isNamesOnly || (isSameButTimes(before, after) && isSameTimes(before, after))) {
      return undefined
    }
  }
  return { path, before, after }
}
