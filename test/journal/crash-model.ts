import type { FileJournal } from '../../src/journal/file-journal.ts'
import { type Chance, SimulatedDisk } from '../runtime/simulated-disk.ts'
import { openJournal, record, texts, turn } from './scratch-journal.ts'

export type Step =
  'append' | 'append big' | 'sync' | 'sync without waiting' | 'rotate' | 'drop' | 'turn'

/** Where and how the machine or the program ends. */
export interface Crash {
  readonly kind: 'kill' | 'power loss'
  /** Number of the disk operation. */
  readonly at: number
  readonly chance: Chance
}

/**
 * Runs steps on a journal until a crash, and compares what a replay finds with what was promised. Lives through any
 * number of crashes; records never have the same text, so that one that comes back to life shows.
 */
export class CrashModel {
  disk = new SimulatedDisk()
  #restart = 0
  #lives = 0
  #lastOperations = 0
  #next = 0
  /** Records that a replay may give, oldest first. */
  #appended: { readonly text: string; readonly segment: number }[] = []
  /** So many of them a sync has promised. */
  #synced = 0
  /** So many are in the page cache: there after a kill. */
  #written = 0
  /** So many have the bytes they name on stable storage. */
  #stable = 0
  /** Only those may be found: the machine restarted since the last look. */
  #restarted = false
  /** So many at the beginning are dropped; so many may be. */
  #dropped = 0
  #dropping = 0

  /** Disk operations of this life. */
  get operations(): number {
    return this.#lastOperations
  }

  /** Runs the steps; returns undefined, or what went wrong. */
  async run(steps: readonly Step[], crash: Crash): Promise<string | undefined> {
    const start = this.disk.operations
    this.disk.powerLossAt = start + crash.at
    try {
      const journal = await this.#open()
      const wrong = this.#check(texts(journal))
      if (wrong) return wrong
      for (const step of steps) await this.#take(step, journal)
    } catch (error) {
      if (this.disk.operations < this.disk.powerLossAt) throw error
    }
    this.#lastOperations = this.disk.operations - start
    this.#lives++
    this.#crash(crash)
    return undefined
  }

  /** A last look: everything promised is there, no file stays open. */
  async end(): Promise<string | undefined> {
    const journal = await this.#open()
    const wrong = this.#check(texts(journal))
    await journal.close()
    return wrong ?? (this.disk.openDescriptors ? 'a file stays open' : undefined)
  }

  async #open(): Promise<FileJournal> {
    const { journal, end } = await openJournal(this.disk, this.#restart, {
      before: async () => {
        const written = this.#appended.length
        await turn()
        this.#stable = Math.max(this.#stable, written)
      },
    })
    if (end.torn?.damage) throw new Error(`a crash was taken for damage: ${JSON.stringify(end)}`)
    return journal
  }

  async #take(step: Step, journal: FileJournal): Promise<void> {
    if (step === 'append' || step === 'append big') {
      const text = `${this.#next++};${'x'.repeat(step === 'append' ? 20 : 300_000)}`
      journal.append(record(text))
      this.#appended.push({ text, segment: journal.segment })
    } else if (step === 'sync') {
      await this.#promise(journal.sync())
    } else if (step === 'sync without waiting') {
      this.#promise(journal.sync()).catch(() => {})
    } else if (step === 'rotate') {
      journal.rotate()
    } else if (step === 'drop') {
      const { segment } = journal
      this.#dropping = this.#appended.filter((record) => record.segment < segment).length
      await this.#promise(journal.dropBefore(segment))
      this.#dropped = this.#dropping
    } else {
      await turn()
      if (this.disk.operations < this.disk.powerLossAt) this.#written = this.#appended.length
    }
  }

  async #promise(done: Promise<void>): Promise<void> {
    const [count, life] = [this.#appended.length, this.#lives]
    await done
    if (life !== this.#lives) return
    this.#synced = Math.max(this.#synced, count)
  }

  #crash({ kind, chance }: Crash): void {
    this.disk.powerLossAt = -1
    if (kind === 'kill') {
      this.disk = this.disk.afterKill()
      return
    }
    this.#restart++
    this.#restarted = true
    this.#written = 0
    this.disk = this.disk.afterPowerLoss(chance)
  }

  #check(found: readonly string[]): string | undefined {
    const complaints = [this.#dropped, this.#dropping].map((from) => this.#complaint(found, from))
    if (!complaints.includes(undefined)) return complaints[0]
    const from = complaints[0] ? this.#dropping : this.#dropped
    this.#appended = this.#appended.slice(from, from + found.length)
    this.#written = found.length
    this.#synced = Math.max(0, this.#synced - from)
    this.#stable = Math.min(found.length, Math.max(0, this.#stable - from))
    this.#dropping = this.#dropped = 0
    this.#restarted = false
    return undefined
  }

  /** What is wrong with these records if so many were dropped. */
  #complaint(found: readonly string[], from: number): string | undefined {
    const to = from + found.length
    if (found.some((text, index) => text !== this.#appended[from + index]?.text)) {
      return `not a row from ${from}: ${found.map((text) => text.slice(0, 8)).join(' ')}`
    }
    const required = Math.max(this.#synced, this.#written)
    if (to < required) return `${to} records, ${required} were promised`
    if (this.#restarted && to > this.#stable) {
      return `${to} records, ${this.#stable} have their bytes`
    }
    return undefined
  }
}
