import type { ManifestState } from '../../manifest/manifest.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import { Trouble } from '../../terms/trouble.ts'
import { pastStates, type PastState } from '../../tree/history/past-states.ts'
import { snapshotChanges } from '../../tree/history/snapshot-changes.ts'
import { InlineNodes } from '../../tree/inline/inline-nodes.ts'
import type { Drive } from '../open-drive.ts'
import type { ChangeCounts, ChangeRow } from './change-rows.ts'
import { ChangeTable } from './change-rows.ts'
import { findPast, nothing } from './find-past.ts'
import { KeptPast } from './kept-past.ts'
import type { Moment } from './moment.ts'
import { recordOf } from './past-commits.ts'
import { treeHeadOf } from './stand-in-past.ts'
import { stateOfObject } from './state-of-object.ts'

/** One side of a comparison. */
export interface DiffEnd {
  /** The drive's own manifest, or a snapshot of it; undefined: the drive as it is now. */
  readonly manifest: ObjectId | undefined
  /** Undefined: the last state. */
  readonly at: Moment | undefined
}

/** What `diff --json` prints. Fields are added, never renamed. */
export interface DriveDiff {
  readonly drive: string
  readonly from: DiffSide
  readonly to: DiffSide
  readonly counts: ChangeCounts
  readonly changes: readonly ChangeRow[]
}

export type DiffSide = Pick<PastState, 'sequence' | 'timeMs'>

/** What changed between two states of a drive, which is open as it is now. Throws Trouble `usage`, `not-found`. */
export async function diffDrive(
  drive: Drive,
  from: DiffEnd,
  to: DiffEnd,
  signal: AbortSignal,
): Promise<DriveDiff> {
  const sides = [await stateOf(drive, from, signal), await stateOf(drive, to, signal)] as const
  const nodes = new InlineNodes(drive.content)
  const [before, after] = [await recordOf(sides[0], nodes), await recordOf(sides[1], nodes)]
  const table = new ChangeTable(Infinity)
  for await (const change of snapshotChanges(nodes, before, after, { linkNames: true })) {
    signal.throwIfAborted()
    table.add(change)
  }
  const { counts, rows } = table
  const name = drive.request.drive.name
  return { drive: name, from: sideOf(sides[0]), to: sideOf(sides[1]), counts, changes: rows }
}

function sideOf({ sequence, timeMs }: PastState): DiffSide {
  return { sequence, timeMs }
}

async function stateOf(
  drive: Drive,
  { manifest, at }: DiffEnd,
  signal: AbortSignal,
): Promise<PastState> {
  const state = await manifestStateOf(drive, manifest, signal)
  const head = await treeHeadOf(state, drive.content)
  if (at) return findPast(await KeptPast.open(drive.content, head), at, drive.request.drive.name)
  for await (const last of pastStates(drive.content, head)) return last
  return nothing
}

async function manifestStateOf(
  drive: Drive,
  wanted: ObjectId | undefined,
  signal: AbortSignal,
): Promise<ManifestState> {
  const { state, request } = drive
  const origin = state.frozenFrom ?? state.id
  const id = wanted ?? origin
  if (id === state.id) return state
  const found = await stateOfObject(drive, origin, id, signal)
  if ((found.frozenFrom ?? found.id) === origin) return found
  throw new Trouble(
    'usage',
    `${id} and ${request.drive.name} are not of one drive: nothing was compared`,
  )
}
