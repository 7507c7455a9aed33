import { join } from 'node:path'
import { MonthSpending } from '../renewal/month-spending.ts'
import { walText } from '../renewal/wal.ts'
import type { Log } from '../runtime/log.ts'
import { StoreError, type BlobStore, type EncodedBlob } from '../store/blob-store.ts'
import { OverBudget, type CommitBudget } from '../writeback/commit-budget.ts'
import type { BudgetStatus } from '../control/budget-status.ts'
import type { WorktreeApi } from '../tree/worktree-api.ts'
import { timeText } from './quantity.ts'
import type { SharedParts } from './shared-parts.ts'

/** What a budget is kept with. */
export interface BudgetParts {
  readonly store: Pick<BlobStore, 'quote'>
  readonly spending: MonthSpending
  /** FROST a calendar month; undefined: no limit. */
  readonly limit: bigint | undefined
  /** What waits. */
  readonly worktree: Pick<WorktreeApi, 'dirty' | 'sliceBytes'>
  readonly now: () => number
  readonly log: Log
}

/** From this share of the budget on, it is said that it comes to its end. */
const nearPercent = 80n
/** What waits is packed again so long after it was asked what it costs: prices change, and so does what was written. */
const askAgainMs = 3_600_000

/**
 * The budget of a drive for a month: what commits may cost. Renewals count, and are never held back by it. What would cost more than
 * is left waits, and is asked again when the month is over, the budget was raised, or less is to be stored.
 */
export class DriveBudget implements CommitBudget {
  readonly #parts: BudgetParts
  #allowed = 0
  #warned = ''

  constructor(parts: BudgetParts) {
    this.#parts = parts
  }

  check(): void {
    const { spending, worktree, now } = this.#parts
    const { held } = spending
    if (!held || this.#isFree) return
    const isOld = Math.abs(now() - held.askedMs) > askAgainMs
    if (isOld || worktree.sliceBytes < held.bytes || held.cost <= this.#left()) return
    throw this.#overBudget(held.cost, held.sinceMs)
  }

  async admit(packs: readonly EncodedBlob[], epochs: number, signal: AbortSignal): Promise<void> {
    const { store, spending, worktree, now, log } = this.#parts
    if (this.#isFree) return spending.hold(undefined)
    const costs = await store.quote(packs, epochs, signal)
    const cost = costs.reduce((sum, one) => sum + one, 0n)
    if (cost === 0n || cost <= this.#left(packs)) return spending.hold(undefined)
    const { held } = spending
    const sinceMs = held?.sinceMs ?? now()
    spending.hold({ sinceMs, cost, bytes: worktree.sliceBytes, askedMs: now() })
    const error = this.#overBudget(cost, sinceMs)
    if (!held) log.error(error.message)
    throw error
  }

  allow(): () => void {
    this.#allowed++
    let isOver = false
    return () => {
      if (!isOver) this.#allowed--
      isOver = true
    }
  }

  /** For `status`. What no longer waits is forgotten. */
  view(): BudgetStatus {
    const { spending, limit, worktree } = this.#parts
    if (!worktree.dirty) spending.hold(undefined)
    const { stored, renewed, open } = spending.spent()
    const spent = stored + renewed + open
    const { held } = spending
    const isNear = limit !== undefined && spent * 100n >= limit * nearPercent
    return {
      month: spending.month,
      limit: limit === undefined ? undefined : String(limit),
      spent: String(spent),
      stored: String(stored + open),
      renewed: String(renewed),
      near: isNear,
      held:
        held && limit !== undefined
          ? { sinceMs: held.sinceMs, cost: String(held.cost) }
          : undefined,
    }
  }

  /** What a person should know, when there is something. Told to the log once a month. */
  problem(view: BudgetStatus): string | undefined {
    const { limit, near, held, month, spent } = view
    if (held) return this.#overBudget(BigInt(held.cost), held.sinceMs).message
    if (!near) return undefined
    const text = `${walText(BigInt(spent))} of the ${walText(BigInt(limit!))} that ${month} may cost are spent (--month-budget): above it new data waits on this machine`
    if (this.#warned !== month) this.#parts.log.warn(text)
    this.#warned = month
    return text
  }

  /** The same store, with what is bought written down: before, and when it is done. */
  counted(store: BlobStore): BlobStore {
    const { spending } = this.#parts
    const register: BlobStore['register'] = async (blobs, epochs, signal) => {
      const costs = await store.quote(blobs, epochs, signal)
      spending.begin(new Map(blobs.map(({ blobId }, i) => [blobId, costs[i]!])))
      const registered = await store
        .register(blobs, epochs, signal)
        .catch(async (error: unknown) => {
          if (isUnpaid(error)) await this.#unpaid(blobs, epochs, signal).catch(() => {})
          throw error
        })
      spending.settle(blobs.map(({ blobId }) => blobId))
      this.problem(this.view())
      return registered
    }
    return new Proxy(store, {
      get: (target, key): unknown => {
        if (key === 'register') return register
        const member: unknown = Reflect.get(target, key, target)
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
  }

  /** A purchase was refused for want of money: of many some may have been made before. */
  async #unpaid(blobs: readonly EncodedBlob[], epochs: number, signal: AbortSignal): Promise<void> {
    const { store, spending } = this.#parts
    const costs = await store.quote(blobs, epochs, signal)
    const ids = blobs.map(({ blobId }) => blobId)
    spending.settle(ids.filter((_, i) => costs[i] === 0n))
    spending.drop(ids.filter((_, i) => costs[i] !== 0n))
  }

  get #isFree(): boolean {
    return this.#allowed > 0 || this.#parts.limit === undefined
  }

  #left(packs: readonly EncodedBlob[] = []): bigint {
    const { limit, spending } = this.#parts
    const { stored, renewed, open } = spending.spent(new Set(packs.map(({ blobId }) => blobId)))
    const left = limit! - stored - renewed - open
    return left > 0n ? left : 0n
  }

  #overBudget(cost: bigint, sinceMs: number): OverBudget {
    const { limit, spending } = this.#parts
    const left = `${walText(this.#left())} of ${walText(limit!)} are left for ${spending.month} (UTC)`
    return new OverBudget(
      `over the budget since ${timeText(sinceMs)}: what waits costs ${walText(cost)}, and ${left}; it is safe on this machine (umount --lazy leaves it there) and is stored next month, with a larger --month-budget, or once by walrusfs sync --over-budget`,
    )
  }
}

/** Nothing was bought, and that is certain. */
function isUnpaid(error: unknown): boolean {
  return error instanceof StoreError && (error.code === 'no-wal' || error.code === 'no-gas')
}

/** What this machine has spent for a drive, whoever of its processes did. */
export function spendingOf({ request }: Pick<SharedParts, 'request'>): MonthSpending {
  const { directories, drive, settings, warn } = request
  const path = join(directories.state, drive.name, 'spending.json')
  return new MonthSpending(
    path,
    () => settings.pace.clock.now(),
    (why) => warn(`what this month cost is not known (${path}: ${why}): it counts from 0`),
  )
}

/** The budget of a drive that is opened to be changed. */
export function budgetOf(
  { request, connection }: SharedParts,
  spending: MonthSpending,
  worktree: BudgetParts['worktree'],
): DriveBudget {
  const { settings, log } = request
  return new DriveBudget({
    store: connection.store,
    spending,
    limit: settings.monthBudget,
    worktree,
    now: () => settings.pace.clock.now(),
    log: log.room('budget'),
  })
}
