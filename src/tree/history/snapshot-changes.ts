import type { Name } from '../../terms/name.ts'
import { diffMaps } from '../btree/diff-maps.ts'
import { NodeReader } from '../btree/node-reader.ts'
import { scan } from '../btree/read-map.ts'
import { inodeOfRoot } from '../format/root-format.ts'
import { directoryKind } from '../kinds/directory-kind.ts'
import type { DirectoryValue } from '../kinds/directory-kind.ts'
import { linksKind } from '../kinds/links-kind.ts'
import type { NodeSource } from '../node-source.ts'
import { Pace } from '../pace.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { RootRecord } from '../root-record.ts'
import { run } from '../steps.ts'
import type { TreeInode } from '../worktree/tree-inode.ts'
import { differing } from './differing.ts'
import { recordOf } from './linked-records.ts'
import { linkedNames } from './linked-names.ts'
import { MetDirectories } from './met-directories.ts'
import type { NamePath, PathChange } from './path-change.ts'
import { keyOf, PlacePairs, type Place } from './place-pairs.ts'
import { valueAt } from './same-path.ts'

/** What `snapshotChanges` is asked. */
export interface ChangesWish {
  /** All names of changed files that have several: where there are such, every directory is read for them. */
  readonly linkNames: boolean
}

/** A directory that is in both snapshots. */
interface Common {
  readonly from: NamePath
  readonly to: NamePath
  readonly before: PieceRef | undefined
  readonly after: PieceRef | undefined
  readonly ino: number
}

type Which = 'before' | 'after'

/**
 * What changed between two snapshots of one drive, path by path, in no order; undefined is an empty drive. What they
 * share is not read; nor what is in a directory that only moved. What can be told at once is not kept in memory. Throws
 * FormatError, and whatever the source throws.
 */
export async function* snapshotChanges(
  source: NodeSource,
  before: RootRecord | undefined,
  after: RootRecord | undefined,
  wish: ChangesWish,
): AsyncGenerator<PathChange> {
  const comparison = new Comparison(source, { before, after })
  const links = await comparison.changedLinks()
  yield* comparison.run()
  const names = wish.linkNames && after && links.size > 0
  const found = names ? await linkedNames(source, after, new Set(links.keys())) : undefined
  yield* comparison.linkChanges(links, found)
}

class Comparison {
  readonly #reader: NodeReader
  readonly #roots: Readonly<Record<Which, RootRecord | undefined>>
  readonly #met = { before: new MetDirectories(), after: new MetDirectories() }
  readonly #common: Common[] = []
  readonly #unopened = { before: new Map<number, Place>(), after: new Map<number, Place>() }
  readonly #pairs: PlacePairs
  /** Inodes of several names that were told as changed. */
  readonly #told = new Set<number>()
  /** Where directories moved to. */
  readonly #movedTo = new Set<string>()

  constructor(source: NodeSource, roots: Readonly<Record<Which, RootRecord | undefined>>) {
    this.#reader = new NodeReader(source)
    this.#roots = roots
    this.#pairs = new PlacePairs()
  }

  async *run(): AsyncGenerator<PathChange> {
    yield* await this.#beginAtRoot()
    for (;;) {
      for (let next = this.#common.pop(); next; next = this.#common.pop()) {
        yield* await this.#compare(next)
      }
      // What was added is looked into first: directories that moved into it need not be.
      const opened = this.#takeUnopened('after') ?? this.#takeUnopened('before')
      if (!opened) break
      yield* await this.#open(...opened)
    }
    for (const { before, after } of this.#pairs.paired())
      yield* await this.#pairChange(before, after)
  }

  /** Files of several names, in both snapshots, that differ. */
  async changedLinks(): Promise<Map<number, readonly [TreeInode, TreeInode]>> {
    const both: [TreeInode, TreeInode][] = []
    const { before, after } = this.#roots
    await run(
      diffMaps(this.#reader, linksKind, before?.links, after?.links, new Pace(), (_, a, b) => {
        if (a && b) both.push([a, b])
      }),
    )
    return new Map(both.map((pair) => [pair[0].ino, pair]))
  }

  async *linkChanges(
    links: ReadonlyMap<number, readonly [TreeInode, TreeInode]>,
    names: ReadonlyMap<number, readonly NamePath[]> | undefined,
  ): AsyncGenerator<PathChange> {
    for (const [ino, [before, after]] of links) {
      const how = await run(differing(this.#reader, before, after))
      if (!how) continue
      const told = { kind: 'changed', before, after, differing: how } as const
      if (!names) {
        if (!this.#told.has(ino)) yield { ...told, path: undefined }
        continue
      }
      for (const path of names.get(ino) ?? []) {
        if (!this.#pairs.hasCome(ino, path)) yield { ...told, path }
      }
    }
  }

  async #beginAtRoot(): Promise<PathChange[]> {
    const { before, after } = this.#roots
    const [old, now] = [before, after].map((root) => root && inodeOfRoot(root.directory))
    if (old) this.#met.before.meet(old)
    if (now) this.#met.after.meet(now)
    const { ino } = old ?? now ?? { ino: 0 }
    const nodes = { before: before?.directory.node, after: after?.directory.node }
    this.#common.push({ from: [], to: [], ...nodes, ino })
    return old && now ? this.#changed([], old, now) : []
  }

  async #compare({ from, to, before, after, ino }: Common): Promise<PathChange[]> {
    if (before && after && before.hash === after.hash) return []
    const told: [Name, DirectoryValue | undefined, DirectoryValue | undefined][] = []
    const tell = (key: string, a: DirectoryValue | undefined, b: DirectoryValue | undefined) =>
      told.push([key as Name, a, b])
    await run(diffMaps(this.#reader, directoryKind, before, after, new Pace(), tell))
    const isHere = keyOf(from) === keyOf(to)
    const changes: PathChange[] = []
    for (const [name, a, b] of told) {
      const [old, now] = [await this.#resolve('before', a), await this.#resolve('after', b)]
      const [oldPath, path] = [
        [...from, name],
        [...to, name],
      ]
      if (old && now && old.ino === now.ino) {
        changes.push(...(await this.#changed(path, old, now)))
        this.#compareBelow(oldPath, path, old, now)
        continue
      }
      if (old) {
        const place = { path: oldPath, parent: ino, inode: old, isAlone: isHere && !now }
        changes.push(...(await this.#place('before', place)))
      }
      if (now) {
        const place = { path, parent: ino, inode: now, isAlone: isHere && !old }
        changes.push(...(await this.#place('after', place)))
      }
    }
    return changes
  }

  #compareBelow(from: NamePath, to: NamePath, old: TreeInode, now: TreeInode): void {
    const [before, after] = [old.names?.stored?.node, now.names?.stored?.node]
    if (before || after) this.#common.push({ from, to, before, after, ino: now.ino })
  }

  /** A name that only one of the two has. */
  async #place(which: Which, place: Place): Promise<PathChange[]> {
    const { inode, isAlone } = place
    const other = which === 'before' ? 'after' : 'before'
    // Numbers are never given twice: from there on, the other snapshot has none.
    const isOnlyHere = inode.ino >= (this.#roots[other]?.nextIno ?? 0)
    if (inode.isDirectory) {
      const elsewhere = this.#unopened[other].get(inode.ino)
      if (elsewhere) {
        this.#unopened[other].delete(inode.ino)
        const [a, b] = which === 'before' ? [place, elsewhere] : [elsewhere, place]
        this.#compareBelow(a.path, b.path, a.inode, b.inode)
      } else this.#unopened[which].set(inode.ino, place)
    }
    if (isOnlyHere && isAlone) return [toldAlone(which, place)]
    this.#pairs.add(which, place)
    return []
  }

  #takeUnopened(which: Which): [Which, Place] | undefined {
    for (const [ino, place] of this.#unopened[which]) {
      this.#unopened[which].delete(ino)
      return [which, place]
    }
    return undefined
  }

  async #open(which: Which, { path, inode, isAlone }: Place): Promise<PathChange[]> {
    const node = inode.names?.stored?.node
    if (!node) return []
    const values: [Name, DirectoryValue][] = []
    const each = (key: string, value: DirectoryValue) => values.push([key as Name, value])
    await run(scan(this.#reader, directoryKind, node, new Pace(), each))
    const changes: PathChange[] = []
    for (const [name, value] of values) {
      const found = (await this.#resolve(which, value))!
      const place = { path: [...path, name], parent: inode.ino, inode: found, isAlone }
      changes.push(...(await this.#place(which, place)))
    }
    return changes
  }

  async #pairChange(before: Place | undefined, after: Place | undefined): Promise<PathChange[]> {
    if (!before) return [toldAlone('after', after!)]
    if (!after) return (await this.#isReplaced(before)) ? [] : [toldAlone('before', before)]
    const isMoved = before.inode.ino === after.inode.ino && !isSamePlace(before, after)
    if (!isMoved) return this.#changed(after.path, before.inode, after.inode)
    if (after.inode.linked) this.#told.add(after.inode.ino)
    if (after.inode.isDirectory) this.#movedTo.add(keyOf(after.path))
    const [from, { path, inode }] = [before.path, after]
    const how = await run(differing(this.#reader, before.inode, inode))
    return [{ kind: 'moved', from, path, before: before.inode, after: inode, differing: how }]
  }

  /** Something else came to its path with a directory that moved over those above it. */
  async #isReplaced({ path }: Place): Promise<boolean> {
    const isCovered = path.some((_, i) => this.#movedTo.has(keyOf(path.slice(0, i))))
    const { directory } = this.#roots.after ?? {}
    if (!isCovered || !directory) return false
    return (await run(valueAt(this.#reader, directory.node, path))) !== undefined
  }

  async #changed(path: NamePath, before: TreeInode, after: TreeInode): Promise<PathChange[]> {
    if (after.linked && before.ino === after.ino) this.#told.add(after.ino)
    const how = await run(differing(this.#reader, before, after))
    return how ? [{ kind: 'changed', path, before, after, differing: how }] : []
  }

  async #resolve(which: Which, value: DirectoryValue | undefined): Promise<TreeInode | undefined> {
    if (!value) return undefined
    const inode = await run(recordOf(this.#reader, this.#roots[which]?.links, value))
    this.#met[which].meet(inode)
    return inode
  }
}

function toldAlone(which: Which, { path, inode }: Place): PathChange {
  if (which === 'before') return { kind: 'removed', path, before: inode }
  return { kind: 'added', path, after: inode }
}

/** It is where it was, or the directory that it is in has moved. */
function isSamePlace(before: Place, after: Place): boolean {
  const isSameName = before.path.at(-1) === after.path.at(-1)
  if (isSameName && before.parent === after.parent) return true
  return keyOf(before.path) === keyOf(after.path)
}
