import PQueue from 'p-queue'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { Clock } from '../runtime/clock.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { FormatError } from '../tree/format-error.ts'
import { neededPieces, type NeededPiece } from '../tree/history/needed-pieces.ts'
import type { NodeSource } from '../tree/node-source.ts'
import { Pace } from '../tree/pace.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { RootRecord } from '../tree/root-record.ts'
import { faultOf, whyOf, type DamagedPiece } from './damage.ts'
import { PackCheck } from './pack-check.ts'
import { checkPackIndex } from './pack-index-check.ts'
import { WantedPieces, type PieceTable } from './piece-table.ts'

/** What a verification works with. */
export interface VerifyParts {
  /** Every piece is read from it. */
  readonly store: BlobStore
  readonly codec: Pick<PieceCodec, 'decode'>
  /** To find out which pieces there are: may be a cache, for what it gives is checked against the tree's hashes. */
  readonly source: NodeSource
  readonly clock: Clock
  /** The packs that the drive keeps: what an earlier snapshot has in others was given up. */
  readonly kept: ReadonlySet<BlobId>
}

/** How far it has come: pieces found, then stored bytes read. */
export interface VerifyProgress {
  (step: 'find' | 'read', done: number, total: number): void
}

/** What was found of the pieces. */
export interface VerifiedPieces {
  readonly packs: number
  readonly pieces: number
  /** Stored bytes of them. */
  readonly bytes: number
  readonly damaged: readonly DamagedPiece[]
  /** Packs whose own index is not right, which hurts no file. */
  readonly indices: readonly { readonly blob: BlobId; readonly text: string }[]
  /** Nodes that match their hash and make no sense. */
  readonly malformed: readonly { readonly node: NeededPiece; readonly why: string }[]
}

/** Packs, and reads of all of them, at a time: 4 MiB each. */
const parallelPacks = 4
const parallelReads = 6
/** So many pieces of the tree that nobody answers for end the search: each takes a minute. */
const enoughSilence = 3

/**
 * Reads all pieces that snapshots need from the network, pack by pack, and checks each against its hash. Latest
 * snapshot first; what they share is read once. Memory: 49 bytes a piece, and the reads on their way.
 */
export async function verifyPieces(
  parts: VerifyParts,
  snapshots: readonly RootRecord[],
  progress: VerifyProgress,
  signal: AbortSignal,
): Promise<VerifiedPieces> {
  const { wanted, malformed } = await findPieces(parts, snapshots, progress, signal)
  const { packs } = wanted
  const total = packs.reduce((sum, pack) => sum + pack.bytes, 0)
  const queue = new PQueue({ concurrency: parallelReads })
  const { shards } = await parts.store.limits(signal)
  let [pieces, bytes] = [0, 0]
  const damaged: DamagedPiece[] = []
  const indices: { blob: BlobId; text: string }[] = []
  const check = async (table: PieceTable): Promise<void> => {
    const inPack = table.pieces()
    const checker = new PackCheck(
      {
        ...parts,
        shards,
        inRow: (read) => queue.add(read),
        onChecked: (count, length) => {
          pieces += count
          progress('read', (bytes += length), total)
        },
      },
      table.blob,
      signal,
    )
    const size = await checker.size()
    if (size === undefined) return void damaged.push(...checker.lost(inPack))
    const found = await checker.pieces(inPack, size)
    damaged.push(...found)
    if (found.some(({ fault }) => fault !== 'wrong')) return
    const index = () => checkPackIndex(parts.store, parts.codec, table.blob, size, inPack, signal)
    for (const text of await queue.add(index)) indices.push({ blob: table.blob, text })
  }
  const all = new PQueue({ concurrency: parallelPacks })
  await Promise.all(packs.map((table) => all.add(() => check(table), { signal })))
  return { packs: packs.length, pieces, bytes, damaged, indices, malformed }
}

/** Walks the snapshots. What cannot be read is among the pieces, too, to be looked at with the others. */
async function findPieces(
  { source, kept }: VerifyParts,
  snapshots: readonly RootRecord[],
  progress: VerifyProgress,
  signal: AbortSignal,
): Promise<{ wanted: WantedPieces; malformed: { node: NeededPiece; why: string }[] }> {
  const wanted = new WantedPieces()
  const malformed: { node: NeededPiece; why: string }[] = []
  const walked = new Set<string>()
  const isKnown = ({ blob, offset }: PieceRef) => {
    const place = `${blob} ${offset}`
    return walked.size === walked.add(place).size
  }
  let [found, silent] = [0, 0]
  const onLost = (node: NeededPiece, error: unknown) => {
    signal.throwIfAborted()
    if (error instanceof FormatError) malformed.push({ node, why: whyOf(error) })
    if (faultOf(error) === 'unreachable' && ++silent >= enoughSilence) throw error
  }
  const pace = new Pace()
  for (const [age, root] of snapshots.entries()) {
    const isGivenUp = ({ blob }: PieceRef) => age > 0 && !kept.has(blob)
    const isPassed = (node: PieceRef) => isGivenUp(node) || isKnown(node)
    for await (const { ref, use } of neededPieces(source, root, isPassed, onLost)) {
      if (isGivenUp(ref)) continue
      wanted.add(ref, use)
      progress('find', ++found, 0)
      const turn = pace.next()
      if (turn) await turn
      signal.throwIfAborted()
    }
  }
  return { wanted, malformed }
}
