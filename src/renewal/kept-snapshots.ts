import { StoreError } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { Needs } from '../tree/history/needs.ts'
import { predecessorsOf } from '../tree/history/root-records.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { RootRecord } from '../tree/root-record.ts'

/** Which snapshots are kept beside the present tree and those that were frozen. */
export interface KeepPolicy {
  /** Those that were the present tree at any time in so many milliseconds before now, by the clocks of those who committed. */
  readonly forMs: number
  /** So many at least, the present tree among them. */
  readonly count: number
}

/** What is needed of each pack. */
export interface NeededPacks {
  /** By the present tree or any other snapshot that is kept. */
  readonly needed: (blob: BlobId) => boolean
  /** Stored bytes that the present tree alone shows of each pack; root records and the table of packs left out. */
  readonly live: ReadonlyMap<BlobId, number>
  /** Kept snapshots that had to be looked at, and those of them of which something is gone already. */
  readonly snapshots: number
  readonly broken: number
}

/** What `neededPacks` is told. */
export interface Keeping {
  readonly policy: KeepPolicy
  readonly nowMs: number
  /** Snapshots that are kept whatever their age. */
  readonly frozen: readonly RootRecord[]
}

/** Behind a snapshot that is too old so many more are looked at: the clock of who made it may have been wrong. */
const lookahead = 8

/**
 * Finds out what the present tree and the snapshots to be kept need of `packs`. History is read only as far as there is a pack
 * that nothing was found to need. Throws what the source throws, StoreError `not-found` where the present tree is not whole.
 */
export async function neededPacks(
  root: RootRecord,
  packs: Iterable<BlobId>,
  source: NodeSource,
  { policy, nowMs, frozen }: Keeping,
): Promise<NeededPacks> {
  const needs = new Needs(source, isGone)
  if ((await needs.add(root)) > 0) {
    throw new StoreError(
      'not-found',
      'the present tree is not whole: blobs that it needs are no longer stored',
    )
  }
  const live = new Map(needs.live)
  let [snapshots, broken] = [1, 0]
  const add = async (snapshot: RootRecord) => {
    snapshots++
    if ((await needs.add(snapshot)) > 0) broken++
  }
  for (const snapshot of frozen) await add(snapshot)
  const open = new Set(packs)
  const isDone = () => {
    for (const blob of open) if (needs.has(blob)) open.delete(blob)
    return open.size === 0
  }
  if (!isDone()) {
    for await (const snapshot of keptBefore(root, source, policy, nowMs)) {
      await add(snapshot)
      if (isDone()) break
    }
  }
  return { needed: (blob) => needs.has(blob), live, snapshots, broken }
}

/** The snapshots before one that a policy keeps, the latest first. What can no longer be read ends them. */
export async function* keptBefore(
  root: RootRecord,
  source: NodeSource,
  { forMs, count }: KeepPolicy,
  nowMs: number,
): AsyncGenerator<RootRecord> {
  let replacedMs = root.timeMs
  let kept = 1
  let tooOld: RootRecord[] = []
  try {
    for await (const snapshot of predecessorsOf(source, root)) {
      tooOld.push(snapshot)
      if (kept < count || replacedMs > nowMs - forMs) {
        kept += tooOld.length
        yield* tooOld
        tooOld = []
      } else if (tooOld.length > lookahead) return
      replacedMs = snapshot.timeMs
    }
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** The network holds it no more, whoever says so. */
export function isGone(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof StoreError && at.code === 'not-found') return true
  }
  return false
}
