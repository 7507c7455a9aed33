import type { LostPackReport, ReviveReport } from '../control/revive-report.ts'
import type { Manifest, ManifestRoot } from '../manifest/manifest.ts'
import { PackLedger } from '../renewal/ledger.ts'
import { lostPacks, type LostPack, type LostPacks } from '../renewal/lost-packs.ts'
import { survey, type Survey } from '../renewal/survey.ts'
import { encodedBytes, storageUnits } from '../store/encoded-size.ts'
import type { PieceCache } from '../cache/piece-cache.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import { costOf, planPurchases } from '../store/spare-storage.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { RootRecord } from '../tree/root-record.ts'
import { hurtPaths, pieceKey } from '../verification/hurt-paths.ts'
import type { Connection } from './connection.ts'
import { readRoot } from './shared-parts.ts'

/** What looking for lost packs takes. */
export interface ReviveSource {
  readonly connection: Connection
  readonly manifest: Manifest
  readonly content: NodeSource
  readonly cache: PieceCache
  readonly codec: PieceCodec
}

/** What `revive` is asked. */
export interface ReviveWish {
  /** How long what comes back is paid for. */
  readonly epochs: number
  /** What only earlier snapshots need, too. */
  readonly history: boolean
}

/** A drive's lost packs at one moment, and what this machine's cache has of them. */
export interface ReviveSurvey extends LostPacks {
  readonly now: Survey
  /** Undefined for a drive without a tree. */
  readonly base: RootRecord | undefined
  /** MiB of encoded bytes of what can be brought back, and FROST for it and for the table of packs. */
  readonly units: number
  readonly cost: bigint
  readonly paths: ReadonlyMap<string, readonly string[]>
}

/** About what a root record and the table of packs take. */
const recordBytes = 4096
const rowBytes = 96
const shownPaths = 5

/** Looks. Throws Trouble, StoreError, ManifestError, FsError. */
export async function reviveSurvey(
  { connection, manifest, content, cache, codec }: ReviveSource,
  { epochs, history }: ReviveWish,
  signal: AbortSignal,
): Promise<ReviveSurvey> {
  const { store } = connection
  const ledger = new PackLedger(store, content)
  const rootOf = (root: ManifestRoot) => readRoot(root, content)
  const now = await survey({ store, manifest, ledger, readRoot: rootOf }, Infinity, signal)
  const { root } = now.state
  const base = root && (await rootOf(root))
  const nothing = { packs: [], history: [], lostNodes: 0 }
  const parts = { store, source: content, cache, codec }
  const lost = base ? await lostPacks(base, now, parts, history, signal) : nothing
  const { shards } = await store.limits(signal)
  const unitsOf = (bytes: number) => Number(storageUnits(encodedBytes(shards, Math.max(1, bytes))))
  const here = lost.packs.filter(isHere)
  const units = here.reduce((sum, { copy }) => sum + unitsOf('bytes' in copy ? copy.bytes : 0), 0)
  const table = here.length > 0 ? [recordBytes + rowBytes * now.packs.length] : []
  const sizes = [...here.map(({ copy }) => ('bytes' in copy ? copy.bytes : 0)), ...table]
  const spare = here.length > 0 ? await store.spare(signal) : []
  const cost = costOf(planPurchases(sizes, epochs, { ...now, shards }, spare))
  const missing = new Set(lost.packs.flatMap(missingKeys))
  const paths = base && missing.size > 0 ? await hurtPaths(content, [base], missing, signal) : none
  return { ...lost, now, base, units, cost, paths }
}

const none: ReadonlyMap<string, readonly string[]> = new Map()

/** This cache has all of it. */
export function isHere({ copy }: LostPack): boolean {
  return copy.kind === 'file' || copy.kind === 'pieces'
}

function missingKeys({ copy }: LostPack): string[] {
  if (copy.kind !== 'partial') return []
  return copy.missing.map(({ ref }) => pieceKey(ref.blob, ref.offset, ref.hash))
}

/** What was done beside what was looked at. */
export interface ReviveOutcome {
  readonly dryRun: boolean
  readonly revived: ReadonlySet<BlobId>
  readonly failed: ReadonlyMap<BlobId, string>
  readonly commits: number
  /** Undefined where nothing was committed. */
  readonly sequence: bigint | undefined
  readonly notes: readonly string[]
}

/** For people and programs. */
export function reviveReport(
  look: ReviveSurvey,
  { epochs }: ReviveWish,
  { dryRun, revived, failed, commits, sequence, notes }: ReviveOutcome,
): ReviveReport {
  const { now, packs, history, lostNodes, units, cost } = look
  const one = (pack: LostPack): LostPackReport => {
    const { life, parts, copy } = pack
    const missing = copy.kind === 'partial' ? copy.missing : []
    const paths = missingKeys(pack).flatMap((key) => look.paths.get(key) ?? [])
    return {
      blob: life.blob,
      endEpoch: life.endEpoch,
      bytes: 'bytes' in copy ? copy.bytes : life.bytes,
      files: parts.files,
      directories: parts.directories,
      copy: copy.kind,
      missingPieces: missing.length,
      missingBytes: missing.reduce((sum, { ref }) => sum + ref.storedLength, 0),
      unknownBytes: copy.kind === 'partial' ? copy.unknownBytes : 0,
      paths: [...new Set(paths)].slice(0, shownPaths),
      revived: revived.has(life.blob),
      why: failed.get(life.blob),
    }
  }
  return {
    dryRun,
    sequence: String(sequence ?? now.state.sequence),
    epoch: now.epoch,
    epochs,
    packs: now.packs.length,
    lost: packs.map(one),
    history: history.length,
    lostNodes,
    billedBytes: units * 2 ** 20,
    cost: String(cost),
    revived: revived.size,
    commits,
    notes,
  }
}
