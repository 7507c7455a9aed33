import type { Name } from '../../terms/name.ts'
import { find, scan } from '../btree/read-map.ts'
import type { NodeReader } from '../btree/node-reader.ts'
import type { ExtentMap } from '../extent-map.ts'
import { damaged } from '../format-error.ts'
import { FileType } from '../inode.ts'
import { directoryKind, LinkedName } from '../kinds/directory-kind.ts'
import type { DirectoryValue } from '../kinds/directory-kind.ts'
import { integerKey } from '../kinds/integer-key.ts'
import { linksKind } from '../kinds/links-kind.ts'
import { Pace } from '../pace.ts'
import { run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import type { DirectoryNames, StoredDirectory } from './directory-names.ts'
import type { Evictor } from './evictor.ts'
import { scanExtents } from './scan-extents.ts'
import type { TreeInode } from './tree-inode.ts'
import type { TreeState } from './tree-state.ts'

/** Brings what is committed into memory when it is asked for. What was changed since is never overwritten. */
export class Loader {
  readonly #state: TreeState
  readonly #reader: NodeReader
  readonly #evictor: Evictor
  /** Directories and files that are being loaded whole. */
  readonly #running = new Map<TreeInode, Promise<void>>()

  constructor(state: TreeState, reader: NodeReader, evictor: Evictor) {
    this.#state = state
    this.#reader = reader
    this.#evictor = evictor
  }

  /** The inode of a name; reads only the nodes on the way to it. */
  lookup(directory: TreeInode, name: Name): TreeInode | undefined | Promise<TreeInode | undefined> {
    const names = namesOf(directory)
    names.isUsed = true
    const known = names.get(name)
    if (known) return reached(known, directory, name)
    if (names.complete || this.#state.isTouched(directory, name)) return undefined
    return run(this.#find(directory, name))
  }

  /** All names of a directory. */
  entries(directory: TreeInode): DirectoryNames | Promise<DirectoryNames> {
    const names = namesOf(directory)
    if (names.complete) return names
    const loading = this.#once(directory, () => this.#loadNames(directory))
    return loading ? loading.then(() => this.entries(directory)) : names
  }

  /** The extents of a regular file. */
  extents(file: TreeInode): ExtentMap | Promise<ExtentMap> {
    if (file.extents) return file.extents
    if (!file.extentTree) throw new Error(`inode ${file.ino} is no regular file`)
    const loading = this.#once(file, () => this.#loadExtents(file))
    return loading ? loading.then(() => this.extents(file)) : file.extents!
  }

  /** An inode of the table of hard links. */
  linked(ino: number): TreeInode | Promise<TreeInode> {
    return this.#state.inodes.get(ino) ?? run(this.#findLinked(ino))
  }

  /** Undefined when the work was done in this turn. */
  #once(inode: TreeInode, work: () => Steps<void>): Promise<void> | undefined {
    const running = this.#running.get(inode)
    if (running) return running
    const result = run(work())
    if (!(result instanceof Promise)) return undefined
    const done = result.finally(() => this.#running.delete(inode))
    this.#running.set(inode, done)
    return done
  }

  *#find(directory: TreeInode, name: Name): Steps<TreeInode | undefined> {
    for (;;) {
      const { stored } = namesOf(directory)
      if (!stored) return undefined
      const value = yield* find(this.#reader, directoryKind, stored.node, name)
      if (value instanceof LinkedName) yield* this.#findLinked(value.ino, value.type)
      const names = namesOf(directory)
      if (names.has(name) || names.complete || this.#state.isTouched(directory, name)) {
        return names.get(name)
      }
      if (names.stored !== stored) continue
      if (!value) return undefined
      const inode = reached(this.#take(directory, name, value), directory, name)
      this.#evictor.loaded(directory)
      return inode
    }
  }

  *#loadNames(directory: TreeInode): Steps<void> {
    for (;;) {
      const names = namesOf(directory)
      const from = { names, stored: names.stored }
      const links = from.stored ? yield* this.#scanNames(directory, from, from.stored) : []
      for (const [name, { ino, type }] of links) {
        yield* this.#findLinked(ino, type)
        this.#takeUnlessKnown(directory, from, name, new LinkedName(ino, type))
      }
      if (!isCurrent(directory, from)) continue
      names.complete = true
      this.#evictor.loaded(directory)
      return
    }
  }

  /** Takes over all names but those whose inodes lie in the table of hard links and are not loaded. */
  *#scanNames(
    directory: TreeInode,
    from: NamesLoaded,
    stored: StoredDirectory,
  ): Steps<[Name, LinkedName][]> {
    const links: [Name, LinkedName][] = []
    const each = (key: string, value: DirectoryValue) => {
      const name = key as Name
      const isElsewhere = value instanceof LinkedName && !this.#state.inodes.has(value.ino)
      if (isElsewhere) links.push([name, value])
      else this.#takeUnlessKnown(directory, from, name, value)
    }
    const totals = yield* scan(this.#reader, directoryKind, stored.node, new Pace(), each)
    const { count, inodes, bytes } = stored
    if (totals.count !== count || totals.inodes !== inodes || totals.bytes !== bytes) {
      throw damaged(`directory ${directory.ino} does not have the totals that its record says`)
    }
    return links
  }

  /** While a directory is loaded, names may change, and a commit may replace what is stored. */
  #takeUnlessKnown(
    directory: TreeInode,
    from: NamesLoaded,
    name: Name,
    value: DirectoryValue,
  ): void {
    if (!isCurrent(directory, from) || from.names.has(name)) return
    if (!this.#state.isTouched(directory, name)) this.#take(directory, name, value)
  }

  #take(directory: TreeInode, name: Name, value: DirectoryValue): TreeInode {
    const inode = value instanceof LinkedName ? this.#state.inode(value.ino) : this.#adopt(value)
    if (!inode.linked || !inode.parent) {
      inode.parent = directory
      inode.name = name
    }
    namesOf(directory).set(name, inode)
    return inode
  }

  /** A number stands for one inode only: a second one under it is a forgery that could make cycles. */
  #adopt(inode: TreeInode): TreeInode {
    const { ino } = inode
    if (this.#state.inodes.has(ino) || ino >= this.#state.base!.nextIno) {
      throw damaged(`inode ${ino} is in the tree twice, or was never given out`)
    }
    this.#state.add(inode)
    return inode
  }

  *#findLinked(ino: number, type?: number): Steps<TreeInode> {
    let inode = this.#state.inodes.get(ino)
    for (let base = this.#state.base; !inode && base?.links;) {
      const found = yield* find(this.#reader, linksKind, base.links, integerKey(ino))
      inode = this.#state.inodes.get(ino)
      if (this.#state.base !== base) base = this.#state.base
      else if (found) inode ??= this.#adopt(found)
      else break
    }
    if (!inode?.linked || (type !== undefined && (inode.mode & FileType.mask) !== type)) {
      throw damaged(`the table of hard links does not have inode ${ino} as its name says`)
    }
    return inode
  }

  *#loadExtents(file: TreeInode): Steps<void> {
    while (!file.extents) {
      const stored = file.extentTree!
      const list = yield* scanExtents(this.#reader, file, stored)
      if (file.extentTree === stored) file.extentList ??= list
    }
  }
}

/** What the names of a directory are being loaded into, and from. */
interface NamesLoaded {
  readonly names: DirectoryNames
  readonly stored: StoredDirectory | undefined
}

function isCurrent(directory: TreeInode, { names, stored }: NamesLoaded): boolean {
  return directory.names === names && names.stored === stored
}

/** Remembers by which of its names a hard-linked inode was last reached. */
function reached(inode: TreeInode, directory: TreeInode, name: Name): TreeInode {
  if (inode.linked) {
    inode.parent = directory
    inode.name = name
  }
  return inode
}

function namesOf(directory: TreeInode): DirectoryNames {
  const { names } = directory
  if (!names) throw new Error(`inode ${directory.ino} is no directory`)
  return names
}
