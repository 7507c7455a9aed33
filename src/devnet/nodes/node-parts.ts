import type { Codec } from '../../redstuff/codec.ts'
import type { Log } from '../../runtime/log.ts'
import type { ChainView } from '../chain-view.ts'
import type { BlobFiles } from './blob-files.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { MetadataReader } from './metadata-reader.ts'
import type { NodeKey } from './node-key.ts'
import type { OwnedShards } from './owned-shards.ts'
import type { PendingUploads } from './pending-uploads.ts'
import type { SliverVerifier } from './sliver-verifier.ts'

/** What the calls of one storage node work with. */
export interface NodeParts {
  readonly key: NodeKey
  readonly shards: OwnedShards
  readonly view: ChainView
  readonly files: BlobFiles
  readonly pending: PendingUploads
  readonly reader: MetadataReader
  readonly verifier: SliverVerifier
  readonly pool: BufferPool
  readonly codec: Codec
  readonly log: Log
  /** Ends when the node does. */
  readonly signal: AbortSignal
}

/** An answer of the API that is not an error. */
export type Reply =
  | { readonly kind: 'data'; readonly code: 200 | 201 | 202; readonly data: unknown }
  /** `sent` is called when nothing needs the bytes any more; not where the connection ended before. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly sent?: () => void }

export function dataReply(data: unknown, code: 200 | 201 | 202 = 200): Reply {
  return { kind: 'data', code, data }
}
