import { parseObjectId } from '../../terms/object-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import type { Log } from '../../runtime/log.ts'
import { execute } from './execution/executor.ts'
import type { Outcome, Surroundings } from './execution/executor.ts'
import { loadInputs } from './execution/inputs.ts'
import type { TransactionInputs } from './execution/inputs.ts'
import { record } from './execution/record.ts'
import type { Recorded } from './execution/record.ts'
import type { Transaction } from './execution/transaction.ts'
import { factsOf } from './facts-of.ts'
import type { ChainIdentity } from './identity.ts'
import type { ChainTime } from './chain-time.ts'
import type { Commit } from './ledger/commit.ts'
import type { Ledger } from './ledger/ledger.ts'
import { Linker } from './move/linker.ts'
import type { Natives } from './move/machine.ts'
import type { StoredObject } from './objects/object.ts'
import { G } from './proto/grpc-types.ts'
import { protoExecuted } from './proto/proto-executed.ts'
import { TypeResolver } from './type-resolver.ts'

export interface ChainParts {
  readonly identity: ChainIdentity
  readonly time: ChainTime
  readonly ledger: Ledger
  readonly natives: Natives
  readonly log: Log
}

/** A transaction that was executed and is durable. */
export interface Committed {
  readonly commit: Commit
  readonly message: G.ExecutedTransaction
}

/** The chain itself: its objects, its program code, and the execution of transactions one after the other. */
export class ChainState {
  readonly identity: ChainIdentity
  readonly time: ChainTime
  readonly ledger: Ledger
  readonly linker: Linker
  readonly types: TypeResolver
  readonly #natives: Natives
  readonly #log: Log
  readonly #listeners = new Set<(committed: Committed) => void>()
  #published: Promise<void> = Promise.resolve()

  constructor(parts: ChainParts) {
    this.identity = parts.identity
    this.time = parts.time
    this.ledger = parts.ledger
    this.#natives = parts.natives
    this.#log = parts.log
    this.linker = new Linker((id) => {
      const object = this.ledger.objects.get(id)
      return object?.kind === 'package' ? object.package : undefined
    })
    this.types = new TypeResolver(this.linker)
  }

  /** Hears of every transaction in order, once it is durable. Returns the function that ends it. */
  onCommitted(listener: (committed: Committed) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when everything that was executed before is durable and listeners have heard of it. */
  settled(): Promise<void> {
    return this.#published
  }

  /** What a transaction sees. `load` is where its objects come from. */
  surroundings(load: (id: ObjectId) => StoredObject | undefined): Surroundings {
    const epoch = this.time.epoch()
    return {
      linker: this.linker,
      types: this.types,
      natives: this.#natives,
      load,
      epoch,
      timestampMs: this.time.epochStartMs(epoch),
      print: (text) => this.#log.info('a Move program says', { text }),
    }
  }

  /** Finds a transaction's objects. Throws an RpcFailure when it may not use them as it says; `trusting` asks not. */
  inputs(
    transaction: Transaction,
    load: (id: ObjectId) => StoredObject | undefined = (id) => this.ledger.objects.get(id),
    trusting = false,
  ): TransactionInputs {
    return loadInputs(transaction.data, { load, types: this.types, trusting })
  }

  /** Executes a transaction that has passed all checks, and records it. */
  execute(
    transaction: Transaction,
    inputs: TransactionInputs,
    signatures: readonly Uint8Array[],
    privileged = false,
  ): G.ExecutedTransaction {
    const surroundings = this.surroundings((id) => this.ledger.objects.get(id))
    const outcome = execute(transaction, inputs, surroundings, { privileged })
    const recorded = record(transaction, inputs, outcome, surroundings.epoch)
    return this.#commit(transaction, outcome, recorded, signatures)
  }

  /** Stores objects that come from nowhere: the packages that are there from the start. */
  plant(transaction: Transaction, objects: readonly StoredObject[]): void {
    const facts = { objects: [], addresses: [], calls: [], events: [], publishes: true }
    this.ledger.commit({
      checkpoint: this.ledger.transactions.last + 1n,
      timestampMs: this.time.now(),
      digest: transaction.digest,
      facts: { sender: parseObjectId('0x0'), version: 1, ...facts },
      executed: G.ExecutedTransaction.toBinary(
        G.ExecutedTransaction.create({ digest: transaction.digest }),
      ),
      written: objects,
      removed: [],
    })
  }

  #commit(
    transaction: Transaction,
    outcome: Outcome,
    { effects, written, removed }: Recorded,
    signatures: readonly Uint8Array[],
  ): G.ExecutedTransaction {
    const checkpoint = this.ledger.transactions.last + 1n
    const timestampMs = this.time.now()
    const { events } = outcome
    const parts = { transaction, signatures, effects, events, checkpoint, timestampMs }
    const message = protoExecuted(parts)
    const commit: Commit = {
      checkpoint,
      timestampMs,
      digest: transaction.digest,
      facts: factsOf(transaction, effects, events),
      executed: G.ExecutedTransaction.toBinary(message),
      written,
      removed,
    }
    this.ledger.commit(commit)
    this.#publish({ commit, message })
    return message
  }

  /** A listener that fails does not stop the chain. */
  #tell(listener: (committed: Committed) => void, committed: Committed): void {
    try {
      listener(committed)
    } catch (error) {
      this.#log.error('a listener failed', { why: String(error) })
    }
  }

  #publish(committed: Committed): void {
    this.#published = this.#published.then(async () => {
      await this.ledger.settled()
      for (const listener of this.#listeners) this.#tell(listener, committed)
    })
    this.#published.catch((error: unknown) =>
      this.#log.error('a transaction could not be made durable', { why: String(error) }),
    )
  }
}
