import type { Codec } from '../../redstuff/codec.ts'
import type { ChainView } from '../chain-view.ts'
import { BufferPool } from './buffer-pool.ts'
import { MetadataReader } from './metadata-reader.ts'
import { RecoveryTurn } from './recovery.ts'
import { BodyBudget } from './request-body.ts'
import type { NodeDoor } from './route.ts'
import { SliverVerifier } from './sliver-verifier.ts'

export interface NodeCommonsOptions {
  /** Shards of the network. */
  readonly shards: number
  readonly codec: Codec
  readonly view: ChainView
  /**
   * Milliseconds after which a node that misses slivers of a certified blob rebuilds them from its peers: a blob that was
   * just certified may still be on its way. Undefined: never.
   */
  readonly recoveryGraceMs: number | undefined
  /** Called before a node does what it is asked for, and waited for. */
  readonly asked?: ((door: NodeDoor) => Promise<void>) | undefined
}

/** Bytes of request bodies in memory at once, over all nodes. */
const bodyBytes = 256 << 20

/** What all nodes of a devnet share, as they live in one process. */
export class NodeCommons {
  readonly shards: number
  readonly codec: Codec
  readonly view: ChainView
  readonly recoveryGraceMs: number | undefined
  readonly asked: (door: NodeDoor) => Promise<void>
  readonly reader: MetadataReader
  readonly verifier: SliverVerifier
  readonly budget = new BodyBudget(bodyBytes)
  readonly pool = new BufferPool()
  readonly recoveryTurn = new RecoveryTurn()

  constructor({ shards, codec, view, recoveryGraceMs, asked }: NodeCommonsOptions) {
    this.shards = shards
    this.codec = codec
    this.view = view
    this.recoveryGraceMs = recoveryGraceMs
    this.asked = asked ?? (async () => {})
    this.reader = new MetadataReader(shards)
    this.verifier = new SliverVerifier(codec)
  }

  /** To be called before the nodes are closed. */
  close(): void {
    this.verifier.close()
  }
}
