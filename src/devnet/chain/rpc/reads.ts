import { parseObjectId } from '../../../terms/object-id.ts'
import type { ObjectId } from '../../../terms/object-id.ts'
import type { ChainState } from '../chain-state.ts'
import type { IndexedTransaction } from '../ledger/transaction-index.ts'
import type { ObjectReads, ObjectStore } from '../objects/object-store.ts'
import type { StoredObject } from '../objects/object.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'

/** What the full node sees of the chain: the present, or a moment at which it was made to stand still. */
export class Reads {
  readonly #chain: ChainState
  #frozen:
    { readonly objects: ObjectStore; readonly last: bigint; readonly timeMs: bigint } | undefined

  constructor(chain: ChainState) {
    this.#chain = chain
  }

  get objects(): ObjectReads {
    return this.#frozen?.objects ?? this.#chain.ledger.objects
  }

  /** The newest checkpoint that is seen. */
  get last(): bigint {
    return this.#frozen?.last ?? this.#chain.ledger.transactions.last
  }

  /** The time of the newest checkpoint, as on a chain that makes them all the time; ms. */
  get timeMs(): bigint {
    return this.#frozen?.timeMs ?? this.#chain.time.now()
  }

  /** Sees the present from now on, or stands still. */
  freeze(still: boolean): void {
    const { ledger, time } = this.#chain
    const { objects, transactions } = ledger
    this.#frozen = still
      ? { objects: objects.snapshot(), last: transactions.last, timeMs: time.now() }
      : undefined
  }

  /** Throws NOT_FOUND. */
  object(id: ObjectId): StoredObject {
    const object = this.objects.get(id)
    if (!object) throw new RpcFailure(RpcCode.notFound, `Object ${id} not found`)
    return object
  }

  /** Throws NOT_FOUND. */
  version(id: ObjectId, version: bigint): StoredObject {
    const newest = this.objects.get(id)?.version ?? version
    const object = version <= newest ? this.#chain.ledger.version(id, version) : undefined
    if (!object)
      throw new RpcFailure(RpcCode.notFound, `Object ${id} with version ${version} not found`)
    return object
  }

  /** Throws NOT_FOUND. */
  transaction(digest: string): IndexedTransaction {
    const found = this.#chain.ledger.transactions.get(digest)
    if (!found || found.checkpoint > this.last)
      throw new RpcFailure(RpcCode.notFound, `Transaction ${digest} not found`)
    return found
  }
}

/** An id as a caller wrote it. Throws INVALID_ARGUMENT. */
export function requestedId(text: string | undefined, field: string): ObjectId {
  try {
    return parseObjectId(text ?? '')
  } catch {
    throw new RpcFailure(RpcCode.invalidArgument, `invalid ${field}: ${JSON.stringify(text ?? '')}`)
  }
}
