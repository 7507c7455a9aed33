import { setImmediate } from 'node:timers/promises'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { FsError } from '../../src/terms/errno.ts'
import { pieceHashOf } from '../../src/terms/piece-hash.ts'
import type { Child, Entry, MapKind } from '../../src/tree/btree/map-kind.ts'
import { encodeInner, encodeLeaf } from '../../src/tree/btree/node-format.ts'
import { decodeRootRecord, encodeRootRecord } from '../../src/tree/format/root-format.ts'
import { FileType } from '../../src/tree/inode.ts'
import { directoryKind } from '../../src/tree/kinds/directory-kind.ts'
import type { DirectoryValue } from '../../src/tree/kinds/directory-kind.ts'
import type { NodeSource } from '../../src/tree/node-source.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import type { RootRecord } from '../../src/tree/root-record.ts'
import { DirectoryNames } from '../../src/tree/worktree/directory-names.ts'
import { TreeInode } from '../../src/tree/worktree/tree-inode.ts'

const blob = 'F'.repeat(42).concat('A') as BlobId
const naming = () => 'self' as const

/** What a forged directory says of itself. */
export interface Forged {
  readonly count: number
  readonly inodes: number
  readonly bytes: number
}

/**
 * Pages made by hand, given by name: no hash has to be right, so that a page can refer to itself. Encoders of the formats check
 * little of what readers do.
 */
export class ForgedTree implements NodeSource {
  reads = 0
  /** Answers in a later turn. */
  slow = false
  readonly #pages = new Map<string, Uint8Array>()

  piece(ref: PieceRef): Uint8Array | Promise<Uint8Array> {
    this.reads++
    const page = this.#pages.get(ref.hash)
    if (!page) throw new FsError('EIO', 'no such piece')
    return this.slow ? setImmediate(page) : page
  }

  /** Where a page is, or will be. */
  ref(name: string): PieceRef {
    const hash = pieceHashOf(Buffer.from(name))
    return { blob, offset: 0, storedLength: 1000, length: 1000, hash, compression: 0, seal: 0 }
  }

  put(name: string, page: Uint8Array): PieceRef {
    const ref = this.ref(name)
    this.#pages.set(ref.hash, page)
    return ref
  }

  leaf<V>(name: string, kind: MapKind<V>, entries: readonly Entry<V>[]): PieceRef {
    return this.put(name, encodeLeaf(kind, entries, naming))
  }

  inner<V>(name: string, kind: MapKind<V>, level: number, children: readonly Child[]): PieceRef {
    return this.put(name, encodeInner(kind, level, children, naming))
  }

  /** Names of a directory in one leaf. */
  names(name: string, entries: Readonly<Record<string, DirectoryValue>>): PieceRef {
    return this.leaf(name, directoryKind, Object.entries(entries))
  }

  /** A root record whose directory has these names; `lies` say other than what is there. */
  root(node: PieceRef, said: Forged, lies: Partial<RootRecord> = {}): RootRecord {
    const attributes = directory(1, node, said)
    const record = {
      format: 1,
      features: 0,
      sequence: 5,
      timeMs: 1000,
      writer: 'a forger',
      predecessor: undefined,
      directory: { attributes, xattrs: undefined, node, ...said },
      links: undefined,
      packs: undefined,
      usedBytes: said.bytes,
      usedInodes: Math.min(said.inodes + 1, Number.MAX_SAFE_INTEGER),
      nextIno: 1000,
      ...lies,
    } as const
    const self = this.put('root', encodeRootRecord(record, naming))
    return decodeRootRecord(this.#pages.get(self.hash)!, self)
  }
}

export function directory(ino: number, node: PieceRef, said: Forged): TreeInode {
  const inode = new TreeInode(ino, FileType.directory | 0o755)
  inode.nlink = 2
  inode.names = new DirectoryNames({ node, ...said })
  return inode
}

export function file(ino: number, change: (inode: TreeInode) => void = () => {}): TreeInode {
  const inode = new TreeInode(ino, FileType.regular | 0o644)
  inode.nlink = 1
  change(inode)
  return inode
}
