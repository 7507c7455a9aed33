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
  /** Few transactions write the same version, and never of the same object. */
  readonly #byVersion = new Map<number, Set<IndexedTransaction>>()
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

  /** The transaction that wrote a version of an object. */
  writerOf(id: string, version: bigint): IndexedTransaction | undefined {
    for (const transaction of this.#byVersion.get(Number(version)) ?? [])
      if (transaction.facts.objects.includes(id)) return transaction
    return undefined
  }

  add(transaction: IndexedTransaction): void {
    this.#byDigest.set(transaction.digest, transaction)
    this.#byCheckpoint.set(transaction.checkpoint, transaction)
    const { version } = transaction.facts
    const others = this.#byVersion.get(version)
    if (others) others.add(transaction)
    else this.#byVersion.set(version, new Set([transaction]))
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
      const others = this.#byVersion.get(transaction.facts.version)
      others?.delete(transaction)
      if (others?.size === 0) this.#byVersion.delete(transaction.facts.version)
    }
  }
}
