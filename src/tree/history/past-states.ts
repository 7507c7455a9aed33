import { decodeRecord } from '../format/record-format.ts'
import type { NodeSource } from '../node-source.ts'
import type { RootRecord } from '../root-record.ts'
import { predecessorsOf } from './root-records.ts'

/** A committed tree, and small changes of the manifest over it. */
export interface TreeHead {
  readonly base: RootRecord | undefined
  /** Oldest first. */
  readonly inline: readonly Uint8Array[]
}

/** One state that a drive had: what a sequence number of its manifest stands for. */
export interface PastState extends TreeHead {
  readonly sequence: number
  /** Of the commit, or of the small change that is its last. Milliseconds, by the clock of who made it. */
  readonly timeMs: number
  readonly writer: string
  readonly usedBytes: number
  readonly usedInodes: number
}

/**
 * The states of a drive, the latest first: one for each small change in the manifest, then one for each commit. Small changes
 * that a later commit took up are no states any more. Throws where a root record cannot be read: the rest is lost.
 */
export async function* pastStates(source: NodeSource, head: TreeHead): AsyncGenerator<PastState> {
  const { base, inline } = head
  for (let count = inline.length; count > 0; count--) yield appendedState(head, count)
  if (!base) return
  yield committedState(base)
  for await (const record of predecessorsOf(source, base)) yield committedState(record)
}

/** The state that a commit made. */
export function committedState(base: RootRecord): PastState {
  const { sequence, timeMs, writer, usedBytes, usedInodes } = base
  return { sequence, timeMs, writer, usedBytes, usedInodes, base, inline: [] }
}

function appendedState({ base, inline }: TreeHead, count: number): PastState {
  const { timeMs, writer, changes } = decodeRecord(inline[count - 1]!)
  const totals = changes.at(-1)
  if (totals?.type !== 'totals') throw new Error('a record without totals')
  const { usedBytes, usedInodes } = totals
  const sequence = (base?.sequence ?? 0) + count
  return { sequence, timeMs, writer, usedBytes, usedInodes, base, inline: inline.slice(0, count) }
}
