import type { CommitHead } from './commit.ts'

/** A transaction that the log still holds. */
export interface IndexedTransaction extends CommitHead {
  /** The file, and where in it the record lies. */
  readonly segment: string
  readonly offset: number
  readonly length: number
}

/** Transactions by digest and by checkpoint: each has a checkpoint of its own. */
export class TransactionIndex {
  readonly #byDigest = new Map<string, IndexedTransaction>()
  readonly #byCheckpoint = new Map<bigint, IndexedTransaction>()
  #first = 0n
  #last = 0n

  /** The oldest checkpoint that is still here. */
  get first(): bigint {
    return this.#first
  }

  /** The newest checkpoint. 0 before there is any. */
  get last(): bigint {
    return this.#last
  }

  get(digest: string): IndexedTransaction | undefined {
    return this.#byDigest.get(digest)
  }

  at(checkpoint: bigint): IndexedTransaction | undefined {
    return this.#byCheckpoint.get(checkpoint)
  }

  add(transaction: IndexedTransaction): void {
    this.#byDigest.set(transaction.digest, transaction)
    this.#byCheckpoint.set(transaction.checkpoint, transaction)
    if (this.#byDigest.size === 1) this.#first = transaction.checkpoint
    this.#last = transaction.checkpoint
  }

  /** Forgets everything before a checkpoint. */
  dropBefore(checkpoint: bigint): void {
    for (; this.#first < checkpoint; this.#first++) {
      const transaction = this.#byCheckpoint.get(this.#first)
      if (!transaction) continue
      this.#byCheckpoint.delete(this.#first)
      this.#byDigest.delete(transaction.digest)
    }
  }
}
