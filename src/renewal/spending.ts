import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What renewals have cost in the current epoch: a budget is per epoch, whatever restarts there are between. */
export class Spending {
  readonly #path: string | undefined
  #epoch = 0
  #frost = 0n

  /** Without a path it is forgotten with the process. A file that cannot be read counts as nothing spent. */
  constructor(path?: string) {
    this.#path = path
    if (path === undefined) return
    try {
      const { epoch, frost } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
      if (typeof epoch !== 'number' || typeof frost !== 'string') return
      this.#frost = BigInt(frost)
      this.#epoch = epoch
    } catch {
      // Not there yet, or damaged.
    }
  }

  /** FROST in an epoch: that of the last `add`, or 0. */
  in(epoch: number): bigint {
    return epoch === this.#epoch ? this.#frost : 0n
  }

  add(epoch: number, frost: bigint): void {
    this.#frost = this.in(epoch) + frost
    this.#epoch = epoch
    if (this.#path === undefined) return
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
    const next = `${this.#path}.new`
    writeFileSync(next, JSON.stringify({ epoch, frost: String(this.#frost) }), { mode: 0o600 })
    renameSync(next, this.#path)
  }
}
