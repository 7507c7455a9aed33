import type { BlobId } from '../terms/blob-id.ts'
import { nameToText, type Name } from '../terms/name.ts'
import type { MapKind, Totals } from '../tree/btree/map-kind.ts'
import { NodeReader } from '../tree/btree/node-reader.ts'
import { walk } from '../tree/btree/read-map.ts'
import { FileType } from '../tree/inode.ts'
import { directoryKind, LinkedName, type DirectoryValue } from '../tree/kinds/directory-kind.ts'
import { extentsKind } from '../tree/kinds/extents-kind.ts'
import { linksKind } from '../tree/kinds/links-kind.ts'
import type { NodeSource } from '../tree/node-source.ts'
import { Pace } from '../tree/pace.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { PackRow, RootRecord } from '../tree/root-record.ts'
import { run } from '../tree/steps.ts'
import type { TreeInode } from '../tree/worktree/tree-inode.ts'
import { whyOf } from './damage.ts'

/** What is not as a tree must be. */
export interface CheckedTree {
  readonly inodes: number
  readonly bytes: number
  /** Lines for people. */
  readonly problems: readonly string[]
  /** Stored bytes of each pack that the tree names, the root record's own and the table of packs not counted. */
  readonly live: ReadonlyMap<BlobId, number>
  /** Some node could not be read: sums are of the rest. */
  readonly isPartial: boolean
}

/** More of them say nothing new. */
const maxProblems = 1000

/**
 * Walks a whole tree once and checks what no single node can show: link counts, numbers given twice, totals, extents that
 * overlap, pieces outside of their packs, packs without a row.
 */
export async function checkTree(
  source: NodeSource,
  root: RootRecord,
  rows: ReadonlyMap<BlobId, PackRow>,
  signal: AbortSignal,
): Promise<CheckedTree> {
  const check = new TreeCheck(source, root, rows, signal)
  await check.run()
  return check
}

interface PendingDirectory {
  readonly path: string
  readonly node: PieceRef
  readonly said: Totals
  readonly nlink: number
}

class TreeCheck implements CheckedTree {
  readonly problems: string[] = []
  readonly live = new Map<BlobId, number>()
  inodes = 1
  bytes = 0
  isPartial = false
  readonly #reader: NodeReader
  readonly #root: RootRecord
  readonly #rows: ReadonlyMap<BlobId, PackRow>
  readonly #signal: AbortSignal
  readonly #numbers = new Set<number>()
  /** Inodes of the table of hard links: what they are, and how many names were met. */
  readonly #links = new Map<
    number,
    { readonly type: number; readonly nlink: number; names: number }
  >()
  readonly #pending: PendingDirectory[] = []
  readonly #extents: { readonly path: string; readonly file: TreeInode }[] = []
  readonly #rowless = new Set<BlobId>()

  constructor(
    source: NodeSource,
    root: RootRecord,
    rows: ReadonlyMap<BlobId, PackRow>,
    signal: AbortSignal,
  ) {
    this.#reader = new NodeReader(source)
    this.#root = root
    this.#rows = rows
    this.#signal = signal
  }

  async run(): Promise<void> {
    const { links, directory } = this.#root
    const { node, count, inodes, bytes, attributes } = directory
    if (links) await this.#map('the table of hard links', linksKind, links, this.#onLinked)
    if (node) {
      const said = { count, inodes, bytes }
      this.#pending.push({ path: '/', node, said, nlink: attributes.nlink })
    } else if (attributes.nlink !== 2) this.#tell(`/: ${attributes.nlink} links, and it is empty`)
    for (let next = this.#pending.pop(); next; next = this.#pending.pop()) {
      await this.#directory(next)
      await this.#longFiles()
    }
    await this.#longFiles()
    if (!this.isPartial) this.#totals()
  }

  async #directory({ path, node, said, nlink }: PendingDirectory): Promise<void> {
    let directories = 0
    const wasPartial = this.isPartial
    this.isPartial = false
    const found = await this.#map(path, directoryKind, node, (value: DirectoryValue, key) => {
      const place = `${path}${nameToText(key as Name)}`
      if (value instanceof LinkedName) return this.#onName(place, value)
      if (value.isDirectory) directories++
      this.#onInode(place, value)
    })
    if (!this.isPartial) {
      if (!isSame(found, said)) this.#tell(`${path}: the names in it are not those that it counts`)
      if (nlink !== 2 + directories)
        this.#tell(`${path}: ${nlink} links, and ${directories} directories in it`)
    }
    this.isPartial ||= wasPartial
  }

  readonly #onLinked = (inode: TreeInode): void => {
    const { ino, mode, nlink } = inode
    this.#links.set(ino, { type: mode & FileType.mask, nlink, names: 0 })
    this.#onInode(`the file of number ${ino}`, inode)
  }

  #onName(place: string, { ino, type }: LinkedName): void {
    const record = this.#links.get(ino)
    if (record?.type !== type) {
      if (!this.isPartial) this.#tell(`${place}: the table of hard links has no such inode ${ino}`)
    } else record.names++
  }

  #onInode(place: string, inode: TreeInode): void {
    const { ino, names, extentTree } = inode
    this.inodes++
    this.bytes += inode.coveredBytes
    if (ino === 1 || this.#numbers.has(ino))
      this.#tell(`${place}: the number ${ino} is given twice`)
    if (ino >= this.#root.nextIno) this.#tell(`${place}: the number ${ino} was not given yet`)
    this.#numbers.add(ino)
    if (names?.stored) {
      const { node, count, inodes, bytes } = names.stored
      const said = { count, inodes, bytes }
      this.#pending.push({ path: `${place}/`, node, said, nlink: inode.nlink })
    } else if (names && inode.nlink !== 2)
      this.#tell(`${place}/: ${inode.nlink} links, and it is empty`)
    if (extentTree) this.#extents.push({ path: place, file: inode })
    for (const piece of directoryKind.pieces(inode)) this.#onPiece(place, piece)
  }

  /** Files whose extents are stored apart. */
  async #longFiles(): Promise<void> {
    for (let next = this.#extents.pop(); next; next = this.#extents.pop()) {
      const { path, file } = next
      const { node, count } = file.extentTree!
      let end = 0
      const wasPartial = this.isPartial
      this.isPartial = false
      const found = await this.#map(path, extentsKind, node, (extent) => {
        if (extent.start < end) this.#tell(`${path}: extents overlap at byte ${extent.start}`)
        end = extent.end
        if (extent.source.kind === 'piece') this.#onPiece(path, extent.source.piece)
      })
      if (end > file.size) this.#tell(`${path}: its extents end at ${end}, behind its end`)
      if (!this.isPartial && (found.count !== count || found.bytes !== file.coveredBytes))
        this.#tell(`${path}: its extents are not those that it counts`)
      this.isPartial ||= wasPartial
    }
  }

  async #map<V>(
    what: string,
    kind: MapKind<V>,
    root: PieceRef,
    onValue: (value: V, key: string) => void,
  ): Promise<Totals> {
    const onNode = (ref: PieceRef) => {
      this.#signal.throwIfAborted()
      this.#onPiece(what, ref)
    }
    const onLost = (_: PieceRef, error: unknown) => {
      this.#signal.throwIfAborted()
      this.isPartial = true
      this.#tell(`${what}: a part of it cannot be read (${whyOf(error)})`)
    }
    return await run(walk(this.#reader, kind, root, new Pace(), onNode, onValue, onLost))
  }

  #onPiece(place: string, { blob, offset, storedLength }: PieceRef): void {
    this.live.set(blob, (this.live.get(blob) ?? 0) + storedLength)
    if (blob === this.#root.self.blob) return
    const row = this.#rows.get(blob)
    if (row) {
      if (row.bytes > 0 && offset + storedLength > row.bytes)
        this.#tell(`${place}: a piece lies behind the end of pack ${blob}`)
      return
    }
    if (this.#rowless.has(blob)) return
    this.#rowless.add(blob)
    this.#tell(`${place}: the table of packs lacks ${blob}, so nobody renews it`)
  }

  #totals(): void {
    const { usedBytes, usedInodes } = this.#root
    for (const [ino, { nlink, names }] of this.#links) {
      if (nlink !== names)
        this.#tell(`the file of number ${ino}: ${nlink} links, and ${names} names`)
    }
    if (this.bytes !== usedBytes)
      this.#tell(`the root record counts ${usedBytes} bytes in files, and there are ${this.bytes}`)
    if (this.inodes !== usedInodes)
      this.#tell(`the root record counts ${usedInodes} inodes, and there are ${this.inodes}`)
  }

  #tell(text: string): void {
    if (this.problems.length < maxProblems) this.problems.push(text)
  }
}

function isSame(a: Totals, b: Totals): boolean {
  return a.count === b.count && a.inodes === b.inodes && a.bytes === b.bytes
}
