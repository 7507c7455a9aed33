import type { StagingApi } from '../content/content-api.ts'
import type { ManifestRoot } from '../manifest/manifest.ts'
import { StoreError } from '../store/blob-store.ts'
import type { ObjectId } from '../terms/object-id.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { encodeRootRecord } from '../tree/format/root-format.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import { knownFeatures, treeFormat, type PackRow, type RootRecord } from '../tree/root-record.ts'
import type { FrozenTree, WrittenTree } from '../tree/worktree-api.ts'
import type { PackBuilder } from './pack-builder.ts'
import { packSlices } from './pack-frozen.ts'
import { rootPlace } from './root-piece.ts'
import { writePackTable, type RowEdit } from './pack-table.ts'
import type { PackedCommit } from './pending-commit.ts'

/** What a new root record says beside the tree. */
export interface CommitFacts {
  readonly base: RootRecord | undefined
  /** The manifest's root under it. */
  readonly baseRoot: ManifestRoot | undefined
  /** The sequence number that the manifest will have. */
  readonly sequence: number
  readonly timeMs: number
  readonly writer: string
  /** First epoch in which the new packs are no longer stored. */
  readonly endEpoch: number
  /** Blob objects of packs that the table knows without, or not at all: the last commits' own. */
  readonly born: ReadonlyMap<BlobId, BornPack>
  /** Bytes of the pack that the base's root record lies in. */
  readonly basePackBytes: number
}

/** A pack as its writer knows it. */
export interface BornPack {
  readonly objectId: ObjectId
  readonly bytes: number
  readonly endEpoch: number
  /** As the tree that it was born with names it; undefined where a row says it, or nobody knows. */
  readonly liveBytes: number | undefined
}

/** Stores everything that a commit holds: slices, changed nodes, the table of packs, the root record. */
export async function makePacks(
  frozen: FrozenTree,
  builder: PackBuilder,
  facts: CommitFacts,
  staging: StagingApi,
  source: NodeSource,
  progress: (done: number) => void,
  signal: AbortSignal,
): Promise<PackedCommit> {
  const placed = await packSlices(frozen, builder, staging, progress, signal)
  const written = await frozen.write(placed.find, builder)
  const edits = rowEdits(written, builder, facts, frozen)
  const packs = await writePackTable(facts.base?.packs, edits, source, builder)
  const head = {
    format: treeFormat,
    features: knownFeatures,
    sequence: facts.sequence,
    timeMs: facts.timeMs,
    writer: facts.writer,
    predecessor: facts.base?.self,
    packs,
  } as const
  const { directory, links, usedBytes, usedInodes, nextIno } = written
  const record = { ...head, directory, links, usedBytes, usedInodes, nextIno }
  const self = await builder.finish((naming) => encodeRootRecord(record, naming))
  return {
    packs: builder.packs,
    lastLive: liveDeltas(written, builder).get(self.blob) ?? 0,
    settled: placed.resolved((ref) => builder.resolve(ref)),
    record: resolvedRecord({ self, ...record }, (ref) => builder.resolve(ref)),
    root: {
      ...rootPlace(self),
      usedBytes,
      usedInodes,
      endEpoch: Math.min(facts.endEpoch, facts.baseRoot?.endEpoch ?? Infinity),
    },
  }
}

/**
 * Rows of the table that this commit changes. The pack that the root record goes to cannot be among them; that of the record
 * before it is, whoever made it: so the table names all packs but one.
 */
function rowEdits(
  written: WrittenTree,
  builder: PackBuilder,
  facts: CommitFacts,
  frozen: Pick<FrozenTree, 'pathsIn'>,
): Map<BlobId, RowEdit> {
  const edits = new Map<BlobId, RowEdit>()
  /** Of a pack that somebody else made, or we before a restart, the manifest knows since when some blob ends. */
  const endOf = (pack: unknown) =>
    pack ? facts.endEpoch : (facts.baseRoot?.endEpoch ?? facts.endEpoch)
  const made = new Map(builder.packs.map((pack) => [pack.blobId, pack]))
  const live = liveDeltas(written, builder)
  const basePack = facts.base?.self.blob
  const before = basePack ? [basePack] : []
  for (const blob of new Set([...live.keys(), ...made.keys(), ...facts.born.keys(), ...before])) {
    edits.set(blob, (row) => {
      const born = facts.born.get(blob)
      const pack = made.get(blob)
      if (!row && !pack && blob !== basePack) return collected(blob, live.get(blob) ?? 0, frozen)
      const known = blob === basePack ? facts.basePackBytes : 0
      const bytes = row?.bytes || (born?.bytes ?? pack?.bytes ?? known)
      // Of a pack whose own table could not name it, all may be live: never too little.
      const liveBefore = row?.liveBytes ?? born?.liveBytes ?? (blob === basePack ? bytes : 0)
      return {
        blob,
        objectId: row?.objectId ?? born?.objectId,
        bytes,
        liveBytes: Math.min(bytes, Math.max(0, liveBefore + (live.get(blob) ?? 0))),
        endEpoch: row?.endEpoch ?? born?.endEpoch ?? endOf(pack),
      } satisfies PackRow
    })
  }
  return edits
}

/**
 * A pack that the table no longer names was given up by gc, and may be deleted: a tree must not name it again. Throws
 * StoreError `not-found` where it would.
 */
function collected(
  blob: BlobId,
  liveDelta: number,
  frozen: Pick<FrozenTree, 'pathsIn'>,
): undefined {
  if (liveDelta <= 0) return undefined
  const paths = [...frozen.pathsIn(blob)]
  const more = paths.length > shownPaths ? ` and ${paths.length - shownPaths} more` : ''
  const whose = `${paths.slice(0, shownPaths).join(', ')}${more}`
  const some = whose || 'a file'
  throw new StoreError(
    'not-found',
    `${some} shows bytes of blob ${blob}, which gc deleted while this machine was away or held it open without a name; nothing else is stored until that is written anew (cat FILE >NEW && mv NEW FILE, where the cache still has it: cp would name the same bytes) or removed`,
  )
}

const shownPaths = 5

/** By real ids. The open pack's own part is left out. */
function liveDeltas(written: WrittenTree, builder: PackBuilder): Map<BlobId, number> {
  const sums = new Map<BlobId, number>()
  for (const [blob, delta] of written.liveDelta) {
    const id = builder.idOf(blob)
    if (id) sums.set(id, (sums.get(id) ?? 0) + delta)
  }
  return sums
}

/** The record as a reader would decode it. */
function resolvedRecord(record: RootRecord, resolve: (ref: PieceRef) => PieceRef): RootRecord {
  const { directory, links, packs } = record
  return {
    ...record,
    directory: { ...directory, node: directory.node && resolve(directory.node) },
    links: links && resolve(links),
    packs: packs && resolve(packs),
  }
}
