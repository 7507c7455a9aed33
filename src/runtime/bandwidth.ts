import type { BandwidthTable, Rates } from './bandwidth-table.ts'
import type { Clock } from './clock.ts'
import { Flow } from './flow.ts'

/** How fast bytes may go to storage nodes and come from them. */
export class Bandwidth {
  readonly up: Flow
  readonly down: Flow
  readonly #clock: Clock
  #table: BandwidthTable

  constructor(table: BandwidthTable, clock: Clock) {
    this.#table = table
    this.#clock = clock
    this.up = new Flow(() => this.now.up, clock)
    this.down = new Flow(() => this.now.down, clock)
  }

  /** From now on these. */
  set table(table: BandwidthTable) {
    this.#table = table
  }

  /** As a person wrote them. */
  get text(): string {
    return this.#table.text
  }

  get now(): Rates {
    return this.#table.at(this.#clock.now())
  }
}
