import { decodeNode, isLeaf } from '../btree/node-format.ts'
import { directoryKind } from '../kinds/directory-kind.ts'
import type { NodeSink } from '../node-source.ts'
import type { PieceRef } from '../piece-ref.ts'
import type { FrozenChanges } from './frozen-changes.ts'
import { TreeInode } from './tree-inode.ts'

interface WrittenNode {
  readonly directory: TreeInode
  readonly ref: PieceRef
  readonly bytes: Uint8Array
}

/**
 * The nodes of directories that a commit writes. When it is done, its files show their extents from them as if they had
 * just been loaded: a record in a page takes a fifth of the memory of an extent with its source and its reference.
 */
export class WrittenLeaves {
  readonly #nodes: WrittenNode[] = []

  /** A sink that keeps what passes through. */
  keeping(directory: TreeInode, sink: NodeSink): NodeSink {
    return {
      put: async (encode) => {
        let bytes: Uint8Array | undefined
        const ref = await sink.put((naming) => (bytes = encode(naming)))
        this.#nodes.push({ directory, ref, bytes: bytes! })
        return ref
      },
      resolve: (ref) => sink.resolve(ref),
    }
  }

  /** Gives files that were not changed since the freeze the page that they are stored in, a node at a time. */
  *handOut(frozen: FrozenChanges, sink: NodeSink): Generator<void> {
    for (const { directory, ref, bytes } of this.#nodes.splice(0)) {
      const node = decodeNode(directoryKind, bytes, sink.resolve(ref).blob)
      if (!isLeaf(node)) continue
      for (const [i, name] of node.keys.entries()) {
        const file = frozen.touchedChild(directory, name)
        if (!file?.extentList || file.contentChanged || file.linked || frozen.isSaved(file))
          continue
        const record = node.value(i)
        if (record instanceof TreeInode) file.showFrom(record)
      }
      yield
    }
  }
}
