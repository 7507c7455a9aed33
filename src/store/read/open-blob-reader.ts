import type { Clock } from '../../runtime/clock.ts'
import type { Codec } from '../../redstuff/codec.ts'
import { ByteBudget } from '../byte-budget.ts'
import { SliverBuffers } from '../sliver-buffers.ts'
import type { WalrusChain } from '../chain/walrus-chain.ts'
import type { StorageNodes } from '../nodes/storage-nodes.ts'
import { BlobDecoder } from './blob-decoder.ts'
import { BlobReader } from './blob-reader.ts'
import { ColumnReader } from './column-reader.ts'
import { readBySdk } from './last-resort.ts'
import type { MetadataReader } from './metadata-reader.ts'
import { RowReader } from './row-reader.ts'
import { RowRecovery } from './row-recovery.ts'

export interface BlobReaderParts {
  readonly chain: WalrusChain
  readonly nodes: StorageNodes
  readonly codec: Codec
  readonly metadata: MetadataReader
  readonly clock: Clock
  /** Bytes of verified rows to keep. */
  readonly keptBytes: number
  /** Bytes of rows on their way at a time. */
  readonly inFlightBytes: number
  /** How long a row may be rebuilt before the whole blob is fetched beside it. */
  readonly rebuildMs: number
}

/** A reader with all its ways to come by a row. */
export function openBlobReader(parts: BlobReaderParts): BlobReader {
  const { chain, nodes, codec, metadata, clock, keptBytes, rebuildMs } = parts
  const rows = new RowReader({
    nodes,
    codec,
    recovery: new RowRecovery(nodes, codec),
    decoder: new BlobDecoder(nodes, codec),
    budget: new ByteBudget(parts.inFlightBytes),
    buffers: new SliverBuffers(parts.inFlightBytes + keptBytes),
    lastResort: (found, signal) => readBySdk(chain.account.network, found, signal),
    keptBytes,
    rebuildMs,
    clock,
  })
  const budget = new ByteBudget(parts.inFlightBytes)
  const columns = new ColumnReader({ nodes, codec, rows, budget, clock })
  return new BlobReader(chain, metadata, rows, columns)
}
