import { readFileSync } from 'node:fs'
import { replaceFile } from '../runtime/replace-file.ts'
import type { BlobId } from '../terms/blob-id.ts'

/** FROST that were spent in a month. */
export interface MonthSpent {
  /** For new packs. */
  readonly stored: bigint
  /** For packs that last longer. */
  readonly renewed: bigint
  /** Purchases that were begun, and of which it is not known whether they were made: a crash, or an answer that is missing. */
  readonly open: bigint
}

/** A commit that waits, as it is remembered through restarts. */
export interface HeldCommit {
  readonly sinceMs: number
  /** FROST that it costs, or cost when that was last asked. */
  readonly cost: bigint
  /** Bytes that waited then, and when it was asked. */
  readonly bytes: number
  readonly askedMs: number
}

interface Month {
  stored: string
  renewed: string
}

interface Book {
  months: Record<string, Month>
  open: Record<string, { month: string; cost: string }>
  held?: { sinceMs: number; cost: string; bytes: number; askedMs: number } | undefined
}

const keptMonths = 24

/** The calendar month of a moment, in UTC: `2026-11`. */
export function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7)
}

/**
 * What a drive's storage cost by calendar month (UTC), in a file that outlives crashes. A purchase is written down before it is made, and
 * counts from then on. Each month has its own sum: a clock that is wrong for a while neither loses what was spent nor spends it twice.
 * Several processes may share the file.
 */
export class MonthSpending {
  readonly #path: string
  readonly #now: () => number
  /** Told once when the file cannot be read. */
  readonly #onDamaged: (why: string) => void
  #isTold = false

  constructor(path: string, now: () => number, onDamaged: (why: string) => void = () => {}) {
    this.#path = path
    this.#now = now
    this.#onDamaged = onDamaged
  }

  get month(): string {
    return monthOf(this.#now())
  }

  /** In this month; purchases of `except` that were begun are left out. */
  spent(except: ReadonlySet<BlobId> = new Set()): MonthSpent {
    const { months, open } = this.#read()
    const { month } = this
    const { stored, renewed } = months[month] ?? noMonth
    let begun = 0n
    for (const [blob, one] of Object.entries(open)) {
      if (one.month === month && !except.has(blob as BlobId)) begun += BigInt(one.cost)
    }
    return { stored: BigInt(stored), renewed: BigInt(renewed), open: begun }
  }

  /** Packs are about to be bought. One that costs nothing is ours already: what was written down for it stays. */
  begin(costs: ReadonlyMap<BlobId, bigint>): void {
    if (![...costs.values()].some((cost) => cost > 0n)) return
    this.#change((book, month) => {
      for (const [blob, cost] of costs) {
        if (cost > 0n) book.open[blob] = { month, cost: String(cost) }
      }
    })
  }

  /** They were bought, now or before. */
  settle(blobs: Iterable<BlobId>): void {
    const { open } = this.#read()
    const mine = [...blobs].filter((blob) => Object.hasOwn(open, blob))
    if (mine.length === 0) return
    this.#change((book) => {
      for (const blob of mine) {
        const one = book.open[blob]
        if (!one) continue
        delete book.open[blob]
        addTo(book, one.month, 'stored', BigInt(one.cost))
      }
    })
  }

  /** They were not bought, and nobody tries it again with what was written down. */
  drop(blobs: readonly BlobId[]): void {
    if (blobs.length === 0) return
    this.#change((book) => {
      for (const blob of blobs) delete book.open[blob]
    })
  }

  /** Storage was extended for so much. */
  renewed(frost: bigint): void {
    this.#change((book, month) => addTo(book, month, 'renewed', frost))
  }

  get held(): HeldCommit | undefined {
    const { held } = this.#read()
    return held && { ...held, cost: BigInt(held.cost) }
  }

  hold(held: HeldCommit | undefined): void {
    if (!held && !this.#read().held) return
    this.#change((book) => {
      book.held = held && { ...held, cost: String(held.cost) }
    })
  }

  #read(): Book {
    try {
      return checkedBook(JSON.parse(readFileSync(this.#path, 'utf8')))
    } catch (error) {
      const isThere = (error as NodeJS.ErrnoException).code !== 'ENOENT'
      if (isThere && !this.#isTold) {
        this.#isTold = true
        this.#onDamaged((error as Error).message)
      }
      return { months: {}, open: {} }
    }
  }

  #change(work: (book: Book, month: string) => void): void {
    const book = this.#read()
    const { month } = this
    work(book, month)
    for (const [blob, one] of Object.entries(book.open)) {
      // Of a month that is over nobody asks any more.
      if (one.month < month) delete book.open[blob]
    }
    const old = Object.keys(book.months).sort().slice(0, -keptMonths)
    for (const one of old) delete book.months[one]
    replaceFile(this.#path, JSON.stringify(book))
  }
}

const noMonth: Month = { stored: '0', renewed: '0' }

function addTo({ months }: Book, month: string, what: keyof Month, frost: bigint): void {
  const sums = months[month] ?? noMonth
  months[month] = { ...sums, [what]: String(BigInt(sums[what]) + frost) }
}

/** Throws for what is no book. */
function checkedBook(value: unknown): Book {
  const { months, open, held } = value as Partial<Book>
  for (const { stored, renewed } of Object.values(months!)) checkAmounts(stored, renewed)
  for (const { month, cost } of Object.values(open!)) {
    checkAmounts(cost)
    if (!/^\d{4}-\d\d$/.test(month)) throw new Error('a month is wrong')
  }
  if (held) {
    checkAmounts(held.cost)
    const { sinceMs, bytes, askedMs } = held
    if (![sinceMs, bytes, askedMs].every(Number.isFinite)) throw new Error('a number is wrong')
  }
  return { months: months!, open: open!, held }
}

function checkAmounts(...amounts: readonly unknown[]): void {
  for (const amount of amounts) {
    if (typeof amount !== 'string' || !/^\d{1,30}$/.test(amount)) throw new Error('no amount')
  }
}
