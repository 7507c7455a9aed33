import type { GcBlobs, GcReport } from '../control/gc-report.ts'
import { priceOf, type PackLife } from '../renewal/pack-life.ts'
import type { OwnedBlob } from '../store/blob-store.ts'
import { encodedBytes, storageUnits } from '../store/encoded-size.ts'
import type { GcSurvey } from './gc-survey.ts'

const unitBytes = 1 << 20

/** What a collection did beside what was planned. */
export interface GcOutcome {
  readonly dryRun: boolean
  readonly commits: number
  readonly deleted: number
  /** Undefined where nothing was committed. */
  readonly sequence: bigint | undefined
}

/** A collection for people and programs. */
export function gcReport(
  { now, needs, plan, notes, shards }: GcSurvey,
  { keepText }: { readonly keepText: string },
  { dryRun, commits, deleted, sequence }: GcOutcome,
): GcReport {
  const { epoch, storagePrice, packs, state } = now
  const all = notes.slice()
  if (needs.broken > 0) {
    all.push(`${needs.broken} snapshots that are to be kept are no longer stored whole`)
  }
  return {
    dryRun,
    sequence: String(sequence ?? state.sequence),
    epoch,
    keep: keepText,
    snapshots: needs.snapshots,
    broken: needs.broken,
    packs: packBlobs(packs),
    unneeded: packBlobs(plan.unneeded),
    dropped: plan.dropped.length,
    foreign: plan.foreign.length,
    history: packBlobs(plan.history),
    repacked: packBlobs(plan.repacked),
    repackBytes: plan.repackBytes,
    orphans: ownedBlobs(plan.orphans, shards),
    unfinished: plan.unfinished,
    strays: ownedBlobs(plan.strays, shards),
    savedPerEpoch: String(BigInt(plan.freedUnits) * storagePrice),
    freedPrepaid: String(
      plan.unneeded.reduce(
        (sum, pack) => sum + priceOf([pack], storagePrice, pack.endEpoch - epoch - 1),
        0n,
      ),
    ),
    newBilledBytes: plan.newUnits * unitBytes,
    cost: String(plan.cost),
    commits,
    deleted,
    notes: all,
  }
}

function packBlobs(packs: readonly PackLife[]): GcBlobs {
  return {
    blobs: packs.length,
    storedBytes: packs.reduce((sum, { bytes }) => sum + bytes, 0),
    billedBytes: packs.reduce((sum, { units }) => sum + units, 0) * unitBytes,
  }
}

function ownedBlobs(blobs: readonly OwnedBlob[], shards: number): GcBlobs {
  const units = blobs.reduce(
    (sum, { bytes }) => sum + storageUnits(encodedBytes(shards, Math.max(1, bytes))),
    0n,
  )
  return {
    blobs: blobs.length,
    storedBytes: blobs.reduce((sum, { bytes }) => sum + bytes, 0),
    billedBytes: Number(units) * unitBytes,
  }
}
