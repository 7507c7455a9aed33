import type { FaultScript } from '../../src/store/faults.ts'
import { PowerLoss, type SimulatedDisk } from '../runtime/simulated-disk.ts'

/** What goes wrong: the program or the machine ends, or one operation of the disk fails. */
export const strikes = ['kill', 'power loss', 'EIO', 'ENOSPC', 'short write'] as const
export type StrikeKind = (typeof strikes)[number]

/** Counts what a program does with its disk and the network, and strikes at one of these events. */
export class Strike {
  readonly kind: StrikeKind
  readonly #at: number
  #events = 0
  #struck = false

  constructor(kind: StrikeKind, at: number) {
    this.kind = kind
    this.#at = at
  }

  /** Events so far. */
  get events(): number {
    return this.#events
  }

  get struck(): boolean {
    return this.#struck
  }

  watch(disk: SimulatedDisk, network: FaultScript): void {
    disk.fault = (operation, path) => this.#onDisk(disk, operation, path)
    network.check = (step, when) => this.#onNetwork(disk, `${step}, ${when}`)
  }

  #onDisk(disk: SimulatedDisk, operation: string, path: string): string | undefined {
    disk.writeLimit = Infinity
    if (this.#events++ !== this.#at) return undefined
    this.#struck = true
    switch (this.kind) {
      case 'EIO':
        return 'EIO'
      case 'ENOSPC':
        if (operation === 'write' || operation === 'open') return 'ENOSPC'
        return undefined
      case 'short write':
        disk.writeLimit = 1
        return undefined
      case 'kill':
      case 'power loss':
        return this.#end(disk, `${operation} ${path}`)
    }
  }

  #onNetwork(disk: SimulatedDisk, what: string): void {
    if (this.#events++ !== this.#at) return
    this.#struck = true
    if (this.kind === 'kill' || this.kind === 'power loss') this.#end(disk, what)
  }

  #end(disk: SimulatedDisk, what: string): never {
    disk.powerLossAt = -1
    throw new PowerLoss(what)
  }
}
