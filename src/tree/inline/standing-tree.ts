import { NodeReader } from '../btree/node-reader.ts'
import { inodeOfRoot } from '../format/root-format.ts'
import type { PieceRef } from '../piece-ref.ts'
import { knownFeatures, treeFormat, type RootRecord } from '../root-record.ts'
import { emptyRoot } from '../worktree/empty-root.ts'
import { FrozenChanges } from '../worktree/frozen-changes.ts'
import { FrozenWriter } from '../worktree/frozen-writer.ts'
import { TreeState } from '../worktree/tree-state.ts'
import type { InlineNodes } from './inline-nodes.ts'
import { standOnRecords } from './stand-on-records.ts'

/** A committed tree with records over it, all of it as stored nodes, some of them in memory only. */
export interface StandingTree {
  /** The committed tree under the records. */
  readonly base: RootRecord | undefined
  readonly inline: readonly Uint8Array[]
  /** The root record that a commit of this very tree would have; undefined for an empty drive. */
  readonly record: RootRecord | undefined
  /** The names of directories that the records changed, by number: their stored nodes in this tree. */
  readonly nodes: ReadonlyMap<number, PieceRef | undefined>
  /** What the records changed, over `base`; undefined where there are none. */
  readonly state: TreeState | undefined
}

/** Makes the tree that records give. Throws FormatError. */
export async function standingTree(
  base: RootRecord | undefined,
  inline: readonly Uint8Array[],
  nodes: InlineNodes,
): Promise<StandingTree> {
  if (inline.length === 0) return { base, inline, record: base, nodes: new Map(), state: undefined }
  const state = new TreeState(base ? inodeOfRoot(base.directory) : emptyRoot(), base)
  standOnRecords(state, inline)
  const frozen = new FrozenChanges(state.root, state.appended, state.totals)
  const writer = new FrozenWriter(frozen, new NodeReader(nodes), () => undefined, nodes)
  const { directory, links, usedBytes, usedInodes, nextIno } = await writer.write(base?.links)
  const record: RootRecord = {
    ...(base ?? noRecord),
    // Never read: it stands for the whole.
    self: nodes.put(() => Buffer.concat(inline)),
    directory,
    links,
    usedBytes,
    usedInodes,
    nextIno,
  }
  const written = [...writer.directories].map(([{ ino }, map]) => [ino, map?.node] as const)
  return { base, inline, record, nodes: new Map(written), state }
}

const noRecord = {
  format: treeFormat,
  features: knownFeatures,
  sequence: 0,
  timeMs: 0,
  writer: '',
  predecessor: undefined,
  packs: undefined,
} as const
