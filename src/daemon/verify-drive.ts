import type { NodeHealth, RowCounts } from '../store/blob-store.ts'
import { systemClock } from '../runtime/clock.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { FsError } from '../terms/errno.ts'
import { nameToText } from '../terms/name.ts'
import { pieceHashOf } from '../terms/piece-hash.ts'
import { packRows } from '../tree/pack-rows.ts'
import { PieceUse } from '../tree/format/pack-format.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { PackRow, RootRecord } from '../tree/root-record.ts'
import { checkChain, type ChainCheck, type PackProblem } from '../verification/chain-check.ts'
import { faultOf, whyOf, type DamagedPiece, type PieceFault } from '../verification/damage.ts'
import { hurtPaths, pieceKey } from '../verification/hurt-paths.ts'
import { keptSnapshots } from '../verification/kept-snapshots.ts'
import {
  verifyPieces,
  type VerifiedPieces,
  type VerifyParts,
  type VerifyProgress,
} from '../verification/verify.ts'
import { rootPiece } from '../writeback/root-piece.ts'
import type { DriveLook } from './open-look.ts'
import { readRoot } from './shared-parts.ts'

/** What `walrusfs verify --json` prints. Fields are added, never renamed. */
export interface VerifyReport {
  readonly drive: string
  readonly network: string
  /** Of the tree that was verified. */
  readonly sequence: number | undefined
  readonly snapshots: number
  readonly packs: number
  /** Pieces that were read and are right, and their stored bytes. */
  readonly pieces: number
  readonly bytes: number
  readonly rows: RowCounts
  /** Nodes that lied, or did not answer at some time. */
  readonly nodes: readonly NodeHealth[]
  readonly epoch: number | undefined
  /** First epoch in which some pack is no longer stored. */
  readonly endEpoch: number | undefined
  /** Packs whose blob object is not known here. */
  readonly unknown: number
  readonly damaged: readonly HurtPiece[]
  readonly problems: readonly { readonly blob?: BlobId; readonly text: string; grave: boolean }[]
  /** `unreachable`: nothing is known to be wrong, but not everything could be had. */
  readonly verdict: 'ok' | 'damaged' | 'unreachable'
}

/** A piece that is not as it must be, and whom that hurts. */
export interface HurtPiece {
  readonly blob: BlobId
  readonly offset: number
  readonly length: number
  readonly use: 'data' | 'node' | 'root'
  readonly fault: PieceFault
  readonly why: string
  /** Files; directories, with a `/` behind; of earlier snapshots with `@SEQUENCE:` before. */
  readonly paths: readonly string[]
}

const useNames = { [PieceUse.data]: 'data', [PieceUse.node]: 'node', [PieceUse.root]: 'root' }
const nothing: VerifiedPieces = {
  packs: 0,
  pieces: 0,
  bytes: 0,
  damaged: [],
  indices: [],
  malformed: [],
}

/** Reads all that a drive's last snapshot, or with `history` all that it keeps, needs from the network and checks it. */
export async function verifyDrive(
  look: DriveLook,
  options: { readonly history: boolean },
  progress: VerifyProgress,
  signal: AbortSignal,
): Promise<VerifyReport> {
  const { state, source, connection, codec } = look
  const { store } = connection
  if (!state.root) return reportOf(look, [], nothing, undefined, [], new Map())
  const top = rootPiece(state.root)
  if (look.isLocked) return lockedReport(look, top, signal)
  let root: RootRecord
  try {
    root = await readRoot(state.root, source)
  } catch (error) {
    signal.throwIfAborted()
    const damaged = [lostRoot(top, error)]
    const paths = new Map([[keyOf(damaged[0]!), ['(the root record: everything)']]])
    return reportOf(look, [], { ...nothing, damaged }, undefined, [], paths)
  }
  const problems: { text: string; grave: boolean }[] = []
  const table = look.present ?? root
  const rows = await rowsOf(look, table, problems, signal)
  const chain = await checkChain(store, source, table, rows, state.root.endEpoch, signal).catch(
    (error: unknown) => {
      signal.throwIfAborted()
      problems.push({ text: `the chain could not be asked: ${whyOf(error)}`, grave: false })
      return undefined
    },
  )
  const kept = new Set([...rows.keys(), table.self.blob])
  // The table of packs of an earlier commit is of no use any more.
  if (look.present) root = { ...root, packs: undefined }
  const { snapshots, lost } = options.history
    ? await keptSnapshots(source, root, kept, signal)
    : { snapshots: [root], lost: undefined }
  const parts: VerifyParts = { store, codec, source, clock: systemClock, kept }
  const verified = await verifyPieces(parts, snapshots, progress, signal)
  const bad = new Set(verified.damaged.map(keyOf))
  const paths = new Map(bad.size > 0 ? await hurtPaths(source, snapshots, bad, signal) : [])
  const damaged = [...verified.damaged]
  if (lost) {
    const piece = lostRoot(lost.root, new Error(lost.why))
    damaged.push(piece)
    paths.set(keyOf(piece), [`(the snapshots before ${snapshots.at(-1)!.sequence})`])
  }
  return reportOf(look, snapshots, { ...verified, damaged }, chain, problems, paths)
}

/** Of a sealed drive that nothing here opens: whether its root record is there and is what the manifest says. */
async function lockedReport(
  look: DriveLook,
  top: PieceRef,
  signal: AbortSignal,
): Promise<VerifyReport> {
  const { store } = look.connection
  const text = `the drive is sealed and nothing here opens it: only its root record was read; which packs it has, and what is in them, nobody can tell without its key`
  const problems = [{ text, grave: false }]
  try {
    const stored = await store.read(top.blob, top.offset, top.storedLength, signal)
    if (pieceHashOf(stored) !== top.hash) throw new FsError('EIO', 'it does not match its hash')
    return reportOf(
      look,
      [],
      { ...nothing, pieces: 1, bytes: stored.length },
      undefined,
      problems,
      none,
    )
  } catch (error) {
    signal.throwIfAborted()
    const damaged = [lostRoot(top, error)]
    return reportOf(look, [], { ...nothing, damaged }, undefined, problems, none)
  }
}

const none: ReadonlyMap<string, readonly string[]> = new Map()

async function rowsOf(
  { source }: DriveLook,
  root: RootRecord,
  problems: { text: string; grave: boolean }[],
  signal: AbortSignal,
): Promise<ReadonlyMap<BlobId, PackRow>> {
  try {
    return new Map((await packRows(root.packs, source)).map((row) => [row.blob, row]))
  } catch (error) {
    signal.throwIfAborted()
    const text = `the table of packs cannot be read: ${whyOf(error)}`
    problems.push({ text, grave: faultOf(error) !== 'unreachable' })
    return new Map()
  }
}

function reportOf(
  { request, state, connection }: DriveLook,
  snapshots: readonly RootRecord[],
  verified: VerifiedPieces,
  chain: ChainCheck | undefined,
  more: readonly { text: string; grave: boolean }[],
  paths: ReadonlyMap<string, readonly string[]>,
): VerifyReport {
  const damaged = verified.damaged.map((piece) => hurtPiece(piece, paths))
  const problems = [...more, ...(chain?.problems ?? []), ...piecesProblems(verified)]
  const isBad = problems.some(({ grave }) => grave)
  const isDamaged = isBad || damaged.some(({ fault }) => fault !== 'unreachable')
  const isWhole = damaged.length === 0 && (chain !== undefined || !state.root)
  const { packs, pieces, bytes } = verified
  return {
    drive: request.drive.name,
    network: request.network.name,
    sequence: snapshots[0]?.sequence,
    snapshots: snapshots.length,
    packs,
    pieces,
    bytes,
    rows: connection.store.rows(),
    nodes: connection.store.health().filter((node) => node.state !== 'ok' || node.failures > 0),
    epoch: chain?.epoch,
    endEpoch: chain?.endEpoch,
    unknown: chain?.unknown ?? 0,
    damaged,
    problems,
    verdict: isDamaged ? 'damaged' : isWhole ? 'ok' : 'unreachable',
  }
}

function piecesProblems({
  indices,
  malformed,
}: VerifiedPieces): (PackProblem | { text: string; grave: boolean })[] {
  return [
    ...indices.map(({ blob, text }) => ({ blob, text, grave: true })),
    ...malformed.map(({ node: { path, of }, why }) => {
      const place = path ? `/${path.map(nameToText).join('/')}` : `the table of ${of}`
      return { text: `${place} cannot be read: ${why}`, grave: true }
    }),
  ]
}

function hurtPiece(
  { blob, piece, fault, why }: DamagedPiece,
  paths: ReadonlyMap<string, readonly string[]>,
): HurtPiece {
  const { offset, length, hash, use } = piece
  const names = paths.get(pieceKey(blob, offset, hash)) ?? []
  return { blob, offset, length, use: useNames[use] as HurtPiece['use'], fault, why, paths: names }
}

function lostRoot({ blob, offset, storedLength, hash }: PieceRef, error: unknown): DamagedPiece {
  const piece = { offset, length: storedLength, hash, use: PieceUse.root }
  return { blob, piece, fault: faultOf(error), why: whyOf(error) }
}

function keyOf({ blob, piece }: DamagedPiece): string {
  return pieceKey(blob, piece.offset, piece.hash)
}
