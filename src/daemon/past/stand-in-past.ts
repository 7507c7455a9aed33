import { FrozenManifest } from '../../manifest/frozen-manifest.ts'
import type { Manifest, ManifestState } from '../../manifest/manifest.ts'
import type { PastState, TreeHead } from '../../tree/history/past-states.ts'
import type { NodeSource } from '../../tree/node-source.ts'
import { rootPlace } from '../../writeback/root-piece.ts'
import type { DriveReference } from '../drive-reference.ts'
import { readRoot } from '../shared-parts.ts'
import { findPast } from './find-past.ts'
import { KeptPast } from './kept-past.ts'
import type { Moment } from './moment.ts'

/** A drive as it was, for who opens drives: a manifest that never changes. */
export interface StoodInPast {
  readonly manifest: Manifest
  readonly state: ManifestState
  /** The same drive under a name that says its sequence number. */
  readonly drive: DriveReference
  /** What the drive is now. */
  readonly present: TreeHead
}

/** Goes back to a moment. Throws Trouble `not-found`. */
export async function standInPast(
  drive: DriveReference,
  moment: Moment,
  state: ManifestState,
  source: NodeSource,
): Promise<StoodInPast> {
  const present = await treeHeadOf(state, source)
  const past = await findPast(await KeptPast.open(source, present), moment, drive.name)
  const stateThen = manifestStateOf(past, state)
  return {
    manifest: new FrozenManifest(stateThen),
    state: stateThen,
    drive: { ...drive, name: `${drive.name}@${past.sequence}` },
    present,
  }
}

/** What a manifest names, its root record read. */
export async function treeHeadOf(
  { root, inline }: Pick<ManifestState, 'root' | 'inline'>,
  source: NodeSource,
): Promise<TreeHead> {
  return { base: root && (await readRoot(root, source)), inline }
}

/** What the manifest said, as far as that is known. */
function manifestStateOf(past: PastState, now: ManifestState): ManifestState {
  const { base, inline, sequence } = past
  return {
    ...now,
    sequence: BigInt(sequence),
    rootSequence: BigInt(base?.sequence ?? 0),
    sealed: true,
    root: base && {
      ...rootPlace(base.self),
      usedBytes: base.usedBytes,
      usedInodes: base.usedInodes,
      // All packs that are kept of the past last as long as the present ones.
      endEpoch: now.root?.endEpoch ?? 0,
    },
    inline,
    writers: [],
    lease: undefined,
  }
}
