import type { PieceCache } from '../cache/piece-cache.ts'
import type { PieceCodec } from '../crypto/piece-codec.ts'
import type { Journal } from '../journal/journal.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Flow } from '../runtime/flow.ts'
import type { Log } from '../runtime/log.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import type { StagingApi } from './content-api.ts'

/** What `LayeredContent` is made of, and how it reads. */
export interface ContentOptions {
  readonly store: Pick<BlobStore, 'read'>
  readonly codec: Pick<PieceCodec, 'decode'>
  readonly cache: PieceCache
  /** Where written bytes go. @default none: writes are refused with EROFS */
  readonly staging?: StagingApi
  /** Its sync makes staging stable, too. @default none */
  readonly journal?: Pick<Journal, 'sync'>
  /** A read that has no answer by then gets ETIMEDOUT. @default 60 s */
  readonly deadlineMs?: number
  /** How fast the store may read: while there is a limit few reads are begun, and deadlines are later. @default as it can */
  readonly down?: Pick<Flow, 'isLimited' | 'waitMs'>
  /** Store reads at a time. @default 16 */
  readonly parallelReads?: number
  /** The most that one store read asks for. @default 4 MiB */
  readonly runBytes?: number
  /** The largest read-ahead of one handle; 0 is none. @default 32 MiB */
  readonly readAheadBytes?: number
  /** Bytes read ahead and not yet asked for, of all handles. @default 64 MiB */
  readonly readAheadBudgetBytes?: number
  /**
   * Whether bytes of the store are those of a piece. Only for who names pieces by other means than their hash, and has the store
   * check them. @default by length and hash
   */
  readonly matches?: (ref: PieceRef, stored: Uint8Array) => boolean
  /** @default the machine's own */
  readonly clock?: Clock
  /** @default none */
  readonly log?: Log
}
