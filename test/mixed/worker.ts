import { setTimeout as wait } from 'node:timers/promises'
import type { Act } from './act.ts'
import { Mismatch } from './look-at-file.ts'
import type { SideName } from './load-messages.ts'
import type { OperationTallies } from './operation-tallies.ts'
import { settle } from './settle.ts'
import type { WorkPlace } from './work-place.ts'

/** Whom workers tell what goes wrong, and who lets them work. */
export interface Foreman {
  readonly tallies: OperationTallies
  /** Resolves, when all is well again, with whether the error was to be expected. */
  isExcused(side: SideName, what: string, error: unknown, beganMs: number): Promise<boolean>
  failed(what: string): void
  /** Waits while all pause, or all but who makes small changes only. */
  leave(isSmall: boolean): Promise<void>
  /** Between two acts nothing is going on. */
  begin(): () => void
}

export interface WorkerPace {
  readonly thinkMs: number
  readonly bytesPerSecond: number
}

/** Longer than any wait for the network. */
const hangMs = 240_000

/** One act after the other, each compared with what is known. */
export class Worker {
  readonly place: WorkPlace
  readonly #side: SideName
  readonly #next: () => Act
  readonly #foreman: Foreman
  readonly #pace: WorkerPace
  readonly #isSmall: boolean

  constructor(
    place: WorkPlace,
    side: SideName,
    next: () => Act,
    foreman: Foreman,
    pace: WorkerPace,
    isSmall = false,
  ) {
    this.place = place
    this.#side = side
    this.#next = next
    this.#foreman = foreman
    this.#pace = pace
    this.#isSmall = isSmall
  }

  /** Works till something is wrong. */
  async run(): Promise<void> {
    for (;;) {
      await this.#foreman.leave(this.#isSmall)
      const end = this.#foreman.begin()
      const beganMs = Date.now()
      let bytes = 0
      try {
        bytes = await this.#do(this.#next())
      } catch (error) {
        this.#foreman.failed(`${this.place.top}: ${String(error)}`)
        return
      } finally {
        end()
      }
      const least = (bytes / this.#pace.bytesPerSecond) * 1000 - (Date.now() - beganMs)
      await wait(Math.max(least, 0) + this.place.chance() * this.#pace.thinkMs)
    }
  }

  /** Resolves with the bytes. Throws Mismatch. */
  async #do(act: Act): Promise<number> {
    const beganMs = Date.now()
    const what = `${act.kind} ${this.#pathsOf(act)}`
    const late = setTimeout(() => {
      this.#foreman.failed(`${what}: no answer for ${hangMs / 1000} s`)
    }, hangMs)
    try {
      const bytes = await act.run()
      this.#know(act)
      this.#foreman.tallies.done(act.kind, bytes, Date.now() - beganMs)
      return bytes
    } catch (error) {
      if (error instanceof Mismatch) throw new Error(`${what}: ${error.message}`)
      await this.#recover(act, what, error, beganMs)
      return 0
    } finally {
      clearTimeout(late)
    }
  }

  #know({ changes, move }: Act): void {
    const { tree } = this.place
    if (move) tree.move(move.from, move.to)
    for (const { path, after } of changes) tree.set(path, after)
  }

  /** Finds out what became of an act that failed, when all is well again. */
  async #recover(act: Act, what: string, error: unknown, beganMs: number): Promise<void> {
    const { tallies } = this.#foreman
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    if (await this.#foreman.isExcused(this.#side, what, error, beganMs)) tallies.excused(act.kind)
    else this.#foreman.failed(`${what}: ${code} although nothing was wrong`)
    for (;;) {
      const againMs = Date.now()
      try {
        await settle(this.place.top, this.place.tree, act)
        return
      } catch (again) {
        if (again instanceof Mismatch) throw new Error(`after ${code} of ${what}: ${again.message}`)
        const looking = `look what became of ${what}`
        if (await this.#foreman.isExcused(this.#side, looking, again, againMs)) continue
        throw again
      }
    }
  }

  #pathsOf({ about = '', changes, move }: Act): string {
    const changed = changes.length > 0 ? changes.map(({ path }) => path) : [about]
    const paths = move ? [move.from, move.to] : changed
    return `in ${this.place.top}: ${paths.slice(0, 3).join(' → ')}`
  }
}
