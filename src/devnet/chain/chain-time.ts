import type { Clock } from '../../runtime/clock.ts'

/** Length of Sui's epochs, which nothing here depends on. */
export const suiEpochMs = 86_400_000n

/** The time of the chain: the machine's, moved ahead as asked. It never goes back. */
export class ChainTime {
  readonly #clock: Clock
  readonly #genesisMs: bigint
  #aheadMs = 0
  #latest = 0n

  constructor(clock: Clock, genesisMs: number) {
    this.#clock = clock
    this.#genesisMs = BigInt(genesisMs)
  }

  now(): bigint {
    const now = BigInt(Math.floor(this.#clock.now() + this.#aheadMs))
    if (now > this.#latest) this.#latest = now
    return this.#latest
  }

  /** Goes on from a time that was reached before, though the machine's clock may be behind it. */
  resume(ms: bigint): void {
    const behind = Number(ms - this.now())
    if (behind > 0) this.#aheadMs += behind
  }

  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`the clock cannot be moved by ${ms} ms`)
    this.#aheadMs += ms
  }

  /** Sui's epoch: days since the genesis. */
  epoch(): bigint {
    const age = this.now() - this.#genesisMs
    return age > 0n ? age / suiEpochMs : 0n
  }

  epochStartMs(epoch: bigint): bigint {
    return this.#genesisMs + epoch * suiEpochMs
  }
}
