import { isGone } from '../../renewal/kept-snapshots.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { NodeReader } from '../../tree/btree/node-reader.ts'
import type { PastState } from '../../tree/history/past-states.ts'
import type { NamePath, PathChange } from '../../tree/history/path-change.ts'
import { isSamePath } from '../../tree/history/same-path.ts'
import { snapshotChanges } from '../../tree/history/snapshot-changes.ts'
import { InlineNodes } from '../../tree/inline/inline-nodes.ts'
import { standingTree } from '../../tree/inline/standing-tree.ts'
import type { RootRecord } from '../../tree/root-record.ts'
import { run } from '../../tree/steps.ts'
import type { ChangeCounts, ChangeRow } from './change-rows.ts'
import { ChangeTable } from './change-rows.ts'
import type { KeptPast } from './kept-past.ts'

/** One commit as `log --json` shows it. Fields are added, never renamed. */
export interface PastCommit {
  readonly sequence: number
  readonly timeMs: number
  readonly writer: string
  readonly usedBytes: number
  readonly usedInodes: number
  /** The pack that its root record lies in; undefined for a small change that lies in the manifest. */
  readonly blob: BlobId | undefined
  /** All that it shows is kept. */
  readonly whole: boolean
  /** Undefined where what was before is gone. */
  readonly changes: ChangeCounts | undefined
  /** Where they were asked for, by path. */
  readonly paths?: readonly ChangeRow[]
}

/** What `log` is asked. */
export interface LogWish {
  readonly names: boolean
  /** No more of them, of any commit. @default all */
  readonly maxNames?: number
  /** Only commits that changed it, or something below it; what else they changed is left out. */
  readonly path: NamePath | undefined
  /** What is known of a state already, where no names are asked for: it is not looked at again. */
  readonly known?: (state: CommitMark) => ChangeCounts | undefined
}

/** What tells a commit from all others. */
export type CommitMark = Pick<PastCommit, 'sequence' | 'timeMs' | 'blob'>

/** The commits of a drive that are kept, newest first, with what each changed. Of each, only what it changed is read. */
export async function* commitsOf(past: KeptPast, wish: LogWish): AsyncGenerator<PastCommit> {
  const nodes = new InlineNodes(past.source)
  let state: PastState | undefined
  for await (const before of past.states()) {
    if (state) yield* await commitOf(past, nodes, state, before, wish)
    state = before
  }
  if (state) yield* await commitOf(past, nodes, state, undefined, wish)
}

/** One of them by its sequence number, with the paths that it changed. */
export async function commitAt(
  past: KeptPast,
  sequence: number,
  maxNames: number,
): Promise<PastCommit | undefined> {
  const wish = { names: true, maxNames, path: undefined }
  let state: PastState | undefined
  for await (const before of past.states()) {
    if (state) return (await commitOf(past, new InlineNodes(past.source), state, before, wish))[0]
    if (before.sequence < sequence) return undefined
    if (before.sequence === sequence) state = before
  }
  if (!state) return undefined
  return (await commitOf(past, new InlineNodes(past.source), state, undefined, wish))[0]
}

async function commitOf(
  past: KeptPast,
  nodes: InlineNodes,
  state: PastState,
  before: PastState | undefined,
  wish: LogWish,
): Promise<PastCommit[]> {
  const { sequence, timeMs, writer, usedBytes, usedInodes, base, inline } = state
  const blob = inline.length > 0 ? undefined : base?.self.blob
  const isUnknown = before === undefined && past.isCut
  const counts = isUnknown ? undefined : wish.known?.({ sequence, timeMs, blob })
  const table = isUnknown || counts ? undefined : await changesIn(nodes, state, before, wish)
  if (wish.path && !table) return []
  return [
    {
      sequence,
      timeMs,
      writer,
      usedBytes,
      usedInodes,
      blob,
      whole: await past.isWhole(state),
      changes: counts ?? table?.counts,
      ...(wish.names && table ? { paths: table.rows } : {}),
    },
  ]
}

/** Undefined where what one of the two had is gone, or where the path that is asked for did not change. */
async function changesIn(
  nodes: InlineNodes,
  state: PastState,
  before: PastState | undefined,
  { names, maxNames = Infinity, path }: LogWish,
): Promise<ChangeTable | undefined> {
  const table = new ChangeTable(names ? maxNames : 0)
  if (!before && !names && !path) {
    table.counts.added = state.usedInodes - 1
    return table
  }
  try {
    const [old, now] = [before && (await recordOf(before, nodes)), await recordOf(state, nodes)]
    if (path && (await run(isSamePath(new NodeReader(nodes), old, now, path)))) return undefined
    const linkNames = names || path !== undefined
    for await (const change of snapshotChanges(nodes, old, now, { linkNames })) {
      if (!path || concerns(change, path)) table.add(change)
    }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
  const isTouched = Object.values(table.counts).some((count) => count > 0)
  return path && !isTouched ? undefined : table
}

/** The root record that a commit of a state has, or would have; its nodes are in `nodes`. */
export async function recordOf(
  { base, inline }: Pick<PastState, 'base' | 'inline'>,
  nodes: InlineNodes,
): Promise<RootRecord | undefined> {
  return (await standingTree(base, inline, nodes)).record
}

function concerns(change: PathChange, path: NamePath): boolean {
  if (change.path && isBelow(change.path, path)) return true
  return change.kind === 'moved' && (isBelow(change.from, path) || isBelow(path, change.from))
}

function isBelow(path: NamePath, top: NamePath): boolean {
  return top.every((name, i) => path[i] === name)
}
