import { ExecutionFailure } from './failure.ts'

/** Counts units of computation and ends the execution at the limit. */
export class GasMeter {
  readonly #limit: number
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get used(): number {
    return Math.min(this.#used, this.#limit)
  }

  charge(units: number): void {
    this.#used += units
    if (this.#used > this.#limit)
      throw new ExecutionFailure({ kind: 'InsufficientGas' }, 'InsufficientGas: computation')
  }
}
