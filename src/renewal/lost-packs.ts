import type { PieceCache } from '../cache/piece-cache.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { RootRecord } from '../tree/root-record.ts'
import { isWhole, packCopy, type PackCopy } from './pack-copy.ts'
import type { PackLife } from './pack-life.ts'
import { findParts, type PackParts } from './pack-parts.ts'

/** A pack of a drive that is no longer stored. */
export interface LostPack {
  readonly life: PackLife
  readonly parts: PackParts
  readonly copy: PackCopy
}

/** What a drive has lost. */
export interface LostPacks {
  readonly packs: readonly LostPack[]
  /** Packs that are lost, too, and that only earlier snapshots need. */
  readonly history: readonly PackLife[]
  /** Nodes of the present tree that are neither on the network nor here: nobody knows what is below them. */
  readonly lostNodes: number
}

/** What looking takes. */
export interface LostParts {
  readonly store: Pick<BlobStore, 'isStored'>
  /** Gives what is in the cache and on the network. */
  readonly source: NodeSource
  readonly cache: Pick<PieceCache, 'packFile' | 'stored'>
  readonly codec: Pick<PieceCodec, 'encodeAlike'>
}

/**
 * Which of a drive's packs are no longer stored, who needs them, and what this cache has of them. With `history`, those that only
 * earlier snapshots need, too. Throws StoreError where the network cannot be asked.
 */
export async function lostPacks(
  root: RootRecord,
  now: { readonly packs: readonly PackLife[]; readonly epoch: number },
  { store, source, cache, codec }: LostParts,
  history: boolean,
  signal: AbortSignal,
): Promise<LostPacks> {
  const lives: PackLife[] = []
  for (const life of now.packs) if (await isLost(life, now.epoch, store, signal)) lives.push(life)
  if (lives.length === 0) return { packs: [], history: [], lostNodes: 0 }
  const isHere = ({ blob }: PackParts) => cache.packFile(blob) !== undefined
  const { parts, lost } = await findParts(
    root,
    new Map(lives.map(({ blob, bytes }) => [blob, bytes])),
    {
      source,
      kept: new Set(now.packs.map(({ blob }) => blob)),
      isWhole: (one) => isHere(one) || isWhole(one, codec),
    },
    signal,
  )
  const isWanted = ({ blob }: PackLife) => history || lost > 0 || parts.get(blob)!.isPresent
  const packs: LostPack[] = []
  for (const life of lives.filter(isWanted)) {
    const one = parts.get(life.blob)!
    packs.push({ life, parts: one, copy: await packCopy(one, cache, codec, signal) })
  }
  return { packs, history: lives.filter((life) => !isWanted(life)), lostNodes: lost }
}

/**
 * Its storage has ended by its blob object; or nobody knows its blob object, or that is gone, and the network does not know it.
 * Throws StoreError where the network has to be asked and cannot.
 */
export async function isLost(
  { blob, object, endEpoch }: PackLife,
  epoch: number,
  store: Pick<BlobStore, 'isStored'>,
  signal: AbortSignal,
): Promise<boolean> {
  if (object) return endEpoch <= epoch
  return !(await store.isStored(blob, signal))
}
