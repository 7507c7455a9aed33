import type { Content } from '../../content/content-api.ts'
import type { Name } from '../../terms/name.ts'
import type { Attributes } from '../../tree/attributes.ts'
import type { Inode } from '../../tree/inode.ts'
import type { WorktreeApi } from '../../tree/worktree-api.ts'
import { whenAnswered } from '../answer.ts'
import type { Answer } from '../file-system.ts'
import type {
  VirtualBytes,
  VirtualDirectory,
  VirtualEntry,
  VirtualFile,
  VirtualNode,
  VirtualSpecial,
  VirtualSymlink,
} from '../virtual-node.ts'
import { isDirectory, isRegular } from '../volume.ts'

/** A tree that is looked at and never changed. */
export type StillTree = Pick<
  WorktreeApi,
  'root' | 'lookup' | 'entries' | 'extents' | 'retain' | 'release'
>

/** One past state as virtual nodes, and whether the kernel knows any of them. */
export class PastTree {
  readonly tree: StillTree
  readonly content: Content
  /** Nodes that the kernel knows, and open files. */
  held = 0
  readonly #numberOf: (ino: number) => number
  readonly #nodes = new WeakMap<Inode, PastNode>()

  constructor(tree: StillTree, content: Content, numberOf: (ino: number) => number) {
    this.tree = tree
    this.content = content
    this.#numberOf = numberOf
  }

  /** The node of an inode: the same one as long as the inode is in memory. */
  node(inode: Inode): VirtualNode {
    let node = this.#nodes.get(inode)
    if (!node) this.#nodes.set(inode, (node = nodeOf(this, inode)))
    return node
  }

  attributesOf(inode: Inode): Attributes {
    const { mode, nlink, uid, gid, rdev, size, blocks } = inode
    const { atimeSec, atimeNsec, mtimeSec, mtimeNsec, ctimeSec, ctimeNsec } = inode
    const times = { atimeSec, atimeNsec, mtimeSec, mtimeNsec, ctimeSec, ctimeNsec }
    return { ino: this.#numberOf(inode.ino), mode, nlink, uid, gid, rdev, size, blocks, ...times }
  }

  hold(inode: Inode): void {
    this.held++
    this.tree.retain(inode)
  }

  letGo(inode: Inode): void {
    this.held--
    this.tree.release(inode)
  }
}

type PastNode = PastDirectory | PastFile | PastSymlink | PastSpecial

function nodeOf(past: PastTree, inode: Inode): PastNode {
  if (isDirectory(inode)) return new PastDirectory(past, inode)
  if (isRegular(inode)) return new PastFile(past, inode)
  return inode.target ? new PastSymlink(past, inode) : new PastSpecial(past, inode)
}

/** An inode of a past state. */
abstract class PastInode {
  protected readonly past: PastTree
  protected readonly inode: Inode

  constructor(past: PastTree, inode: Inode) {
    this.past = past
    this.inode = inode
  }

  get attributes(): Attributes {
    return this.past.attributesOf(this.inode)
  }

  get xattrs(): ReadonlyMap<Name, Uint8Array> | undefined {
    return this.inode.xattrs
  }

  retain(): void {
    this.past.hold(this.inode)
  }

  release(): void {
    this.past.letGo(this.inode)
  }
}

class PastDirectory extends PastInode implements VirtualDirectory {
  readonly kind = 'directory'

  lookup(name: Name): Answer<VirtualNode | undefined> {
    const found = this.past.tree.lookup(this.inode, name)
    return whenAnswered(found, (inode) => inode && this.past.node(inode))
  }

  list(): Answer<Iterable<VirtualEntry>> {
    return whenAnswered(this.past.tree.entries(this.inode), (entries) =>
      Array.from(entries.after(0), ({ name, inode }) => ({ name, node: this.past.node(inode) })),
    )
  }
}

class PastFile extends PastInode implements VirtualFile {
  readonly kind = 'file'

  open(): Answer<VirtualBytes> {
    const { past, inode } = this
    const reader = {}
    return whenAnswered(past.tree.extents(inode), () => {
      past.hold(inode)
      return {
        directIo: false,
        read: (offset, into) => {
          past.content.readAhead(reader, inode, offset, into.length)
          return past.content.read(inode, offset, into)
        },
        close: () => {
          past.content.forget(reader)
          past.letGo(inode)
        },
      }
    })
  }

  readonly extents = () => this.past.tree.extents(this.inode)
}

class PastSymlink extends PastInode implements VirtualSymlink {
  readonly kind = 'symlink'

  get target(): Uint8Array {
    return this.inode.target!
  }
}

class PastSpecial extends PastInode implements VirtualSpecial {
  readonly kind = 'special'
}
