import { StoreError } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { FsError } from '../terms/errno.ts'
import type { StoredPiece } from './piece-table.ts'

/**
 * What is the matter with a piece.
 * - `wrong`: what the nodes have of it, or what its pack holds there, does not check.
 * - `gone`: the network does not have, or does not serve, its blob any more.
 * - `unreachable`: too few nodes answered; it may be well.
 */
export type PieceFault = 'wrong' | 'gone' | 'unreachable'

/** A piece that could not be had right. */
export interface DamagedPiece {
  readonly blob: BlobId
  readonly piece: StoredPiece
  readonly fault: PieceFault
  readonly why: string
}

/** What a failed read says of the bytes that it was for. */
export function faultOf(error: unknown): PieceFault {
  if (error instanceof FsError) {
    if (error.code === 'ETIMEDOUT') return 'unreachable'
    return error.cause === undefined ? 'wrong' : faultOf(error.cause)
  }
  if (!(error instanceof StoreError)) return 'wrong'
  if (error.code === 'not-found' || error.code === 'blocked') return 'gone'
  return error.code === 'unreachable' || error.code === 'stale-epoch' ? 'unreachable' : 'wrong'
}

/** The message of anything thrown, and of what caused it. */
export function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
