import type { PieceCache } from '../cache/piece-cache.ts'
import type { DriveKeys } from '../crypto/drive-keys.ts'
import { frozenSnapshots } from '../manifest/account-drives.ts'
import type { Manifest, ManifestRoot } from '../manifest/manifest.ts'
import {
  planCollection,
  type CollectionPlan,
  type CollectionPolicy,
} from '../renewal/collection-plan.ts'
import {
  isGone,
  neededPacks,
  type KeepPolicy,
  type NeededPacks,
} from '../renewal/kept-snapshots.ts'
import { PackLedger } from '../renewal/ledger.ts'
import { survey, type Survey } from '../renewal/survey.ts'
import { systemClock } from '../runtime/clock.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { InlineNodes } from '../tree/inline/inline-nodes.ts'
import { standingTree } from '../tree/inline/standing-tree.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { RootRecord } from '../tree/root-record.ts'
import type { Connection } from './connection.ts'
import type { DriveRequest } from './open-drive.ts'
import { blobsOfOthers, lockedNote } from './other-drives.ts'
import { packBytes } from './pack-bytes.ts'
import { stateOfObject } from './past/state-of-object.ts'
import { readRoot } from './shared-parts.ts'

/** What looking at a drive's packs takes. */
export interface PackSource {
  readonly request: DriveRequest
  readonly connection: Connection
  readonly manifest: Manifest
  readonly cache: PieceCache
  readonly content: NodeSource
  /** Undefined for a drive that is not sealed. */
  readonly keys: DriveKeys | undefined
}

/** How a collection is wanted. */
export interface GcPolicy extends CollectionPolicy {
  readonly keep: KeepPolicy
  /** Frozen snapshots to keep beside those that the full node tells of. */
  readonly snapshots: readonly ObjectId[]
}

/** A drive's packs at one moment, what needs them, and what is to be done. */
export interface GcSurvey {
  readonly now: Survey
  /** Undefined for a drive without a tree. */
  readonly base: RootRecord | undefined
  readonly needs: NeededPacks
  readonly plan: CollectionPlan
  readonly shards: number
  readonly notes: readonly string[]
}

/** Looks, and plans. `uploading`: blob objects that this machine is uploading for. Throws Trouble, StoreError, ManifestError. */
export async function gcSurvey(
  source: PackSource,
  policy: GcPolicy,
  uploading: ReadonlySet<ObjectId>,
  signal: AbortSignal,
): Promise<GcSurvey> {
  const { connection, manifest, content } = source
  const { store } = connection
  const ledger = new PackLedger(store, content)
  const rootOf = (root: ManifestRoot) => readRoot(root, content)
  const now = await survey({ store, manifest, ledger, readRoot: rootOf }, Infinity, signal)
  const { root } = now.state
  const base = root && (await rootOf(root))
  const notes: string[] = []
  const { length } = now.state.inline
  if (length > 0) {
    const changes = length === 1 ? '1 small change lies' : `${length} small changes lie`
    notes.push(
      `${changes} in the manifest and will be put into a pack of their own first; what that makes dead is counted, that pack is not`,
    )
  }
  const present = base && (await presentTree(base, now.state.inline, content))
  // A commit of them writes the table of packs anew.
  const tree = present && (length > 0 ? { ...present.root, packs: undefined } : present.root)
  const needs = tree
    ? await needsOf({ ...source, content: present.nodes }, tree, now, policy, notes, signal)
    : { needed: () => false, live: new Map<BlobId, number>(), snapshots: 0, broken: 0 }
  const { shards, maxBlobBytes } = await store.limits(signal)
  const { blobs: others, locked } = await blobsOfOthers(source, signal)
  if (locked.length > 0) notes.push(lockedNote(locked))
  const owned = await store.owned(signal)
  const spare = await store.spare(signal)
  const network = { shards, packBytes: Math.min(packBytes, maxBlobBytes) }
  const isKnown = locked.length === 0
  const facts = { ...now, ...network, needs, others, isKnown, owned, spare, uploading }
  const plan = planCollection(facts, policy)
  return { now, base, needs, plan, shards, notes }
}

/** The tree that a commit would make of a root and the records over it in the manifest, with a source that has its nodes. */
export async function presentTree(
  base: RootRecord,
  inline: readonly Uint8Array[],
  source: NodeSource,
): Promise<{ readonly root: RootRecord; readonly nodes: NodeSource }> {
  if (inline.length === 0) return { root: base, nodes: source }
  const nodes = new InlineNodes(source)
  const { record } = await standingTree(base, inline, nodes)
  const root = {
    ...record!,
    sequence: base.sequence + inline.length + 1,
    timeMs: systemClock.now(),
    predecessor: base.self,
  }
  return { root, nodes }
}

/** What the present tree, the snapshots of a policy, the frozen ones and `also` others need. */
export async function needsOf(
  source: Omit<PackSource, 'cache'>,
  base: RootRecord,
  { packs }: Pick<Survey, 'packs'>,
  { keep, snapshots }: Pick<GcPolicy, 'keep' | 'snapshots'>,
  notes: string[],
  signal: AbortSignal,
  also: readonly RootRecord[] = [],
): Promise<NeededPacks> {
  const { connection, manifest, content } = source
  const told = await frozenSnapshots(connection.account, manifest.id, signal)
  if (!told) notes.push(unknownSnapshots)
  const frozen: RootRecord[] = [...also]
  const nodes = content instanceof InlineNodes ? content : new InlineNodes(content)
  for (const id of new Set([...snapshots, ...(told ?? [])])) {
    const { root, inline } = await stateOfObject(source, manifest.drive, id, signal)
    try {
      if (!root) continue
      const base = await readRoot(root, content)
      frozen.push(base)
      // Small changes may name packs that no commit of that time does.
      const { record } = await standingTree(base, inline, nodes)
      if (inline.length > 0) frozen.push(record!)
    } catch (error) {
      if (!isGone(error)) throw error
      notes.push(`the frozen snapshot ${id} is no longer stored and cannot be kept`)
    }
  }
  const keeping = { policy: keep, nowMs: systemClock.now(), frozen }
  return neededPacks(
    base,
    packs.map(({ blob }) => blob),
    nodes,
    keeping,
  )
}

const unknownSnapshots =
  'this full node does not tell which snapshots were frozen: name those to keep with --snapshot'
