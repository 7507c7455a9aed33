import { ManifestError } from '../manifest/manifest.ts'
import { carryOut } from './carry-out.ts'
import { outlookOf, type Outlook } from './outlook.ts'
import { aimAt, aimOf, planRenewal, type RenewalAim, type RenewalPlan } from './plan.ts'
import type {
  RenewalRequest,
  RenewalResult,
  RenewerOptions,
  RenewerParts,
  RenewerView,
} from './renewer-api.ts'
import { survey, type Survey } from './survey.ts'
import { walText } from './wal.ts'

const firstDelayMs = 2000
/** Somebody else's commit in between: the plan is made anew. */
const conflictTries = 5

type Aim = (at: Survey) => RenewalAim

interface Look {
  readonly now: Survey
  readonly plan: RenewalPlan
}

interface Extending {
  readonly aim: Aim
  /** FROST that may still be spent; undefined: all there is. */
  readonly left: () => bigint | undefined
  readonly onPaid: (cost: bigint) => void
}

/**
 * Keeps a drive's blobs alive: looks now and then at what ends when, and extends it in time. What fails is tried again
 * for ever, and said. Transactions wait in the key's own queue, beside those of commits.
 */
export class Renewer {
  readonly #parts: RenewerParts
  readonly #options: RenewerOptions
  readonly #stopping = new AbortController()
  /** One look or renewal at a time. */
  #turn: Promise<unknown> = Promise.resolve()
  #running: Promise<void> | undefined
  #seen: string | undefined
  #view: RenewerView = {
    outlook: undefined,
    renewals: 0,
    paid: 0n,
    lastMs: undefined,
    why: undefined,
  }

  constructor(parts: RenewerParts, options: RenewerOptions) {
    this.#parts = parts
    this.#options = options
  }

  get view(): RenewerView {
    return this.#view
  }

  get options(): RenewerOptions {
    return this.#options
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal)
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the renewals end'))
    await this.#running
    await this.#turn
  }

  /** Looks, and renews what is due unless that is switched off. */
  check(signal: AbortSignal): Promise<void> {
    return this.#alone(() => this.#check(signal))
  }

  /** Renews at once, whatever the margin. Throws StoreError, ManifestError. */
  renew(request: RenewalRequest, signal: AbortSignal): Promise<RenewalResult> {
    const either = AbortSignal.any([signal, this.#stopping.signal])
    return this.#alone(() => this.#renew(request, either))
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #run(signal: AbortSignal): Promise<void> {
    let delayMs = firstDelayMs
    while (!signal.aborted) {
      let waitMs = this.#options.checkMs
      try {
        await this.check(signal)
        delayMs = firstDelayMs
      } catch (error) {
        if (signal.aborted) return
        waitMs = Math.min(delayMs, waitMs)
        delayMs *= 2
        this.#failed(error, waitMs)
      }
      await this.#parts.clock.sleep(waitMs, signal).catch(() => {})
    }
  }

  #failed(error: unknown, waitMs: number): void {
    const why = error instanceof Error ? error.message : String(error)
    this.#view = { ...this.#view, why }
    this.#parts.log.warn('storage could not be looked after', { why, waitMs })
  }

  async #check(signal: AbortSignal): Promise<void> {
    const { store, manifest, spending } = this.#parts
    const { epoch } = await store.prices(signal)
    const { sequence } = await manifest.load(signal)
    const seen = `${epoch}/${sequence}`
    const isQuiet = this.#view.outlook?.problems.length === 0 && this.#view.why === undefined
    if (seen === this.#seen && isQuiet) return
    const { auto, budget } = this.#options
    const left = () => (budget === undefined ? undefined : nonNegative(budget - spending.in(epoch)))
    const aim: Aim = (at) => aimOf(this.#options, at)
    const { now, plan } = await this.#look(aim, left(), signal)
    if (auto && plan.extensions.length > 0) {
      const onPaid = (cost: bigint) => spending.add(now.epoch, cost)
      const after = await this.#extend({ now, plan }, { aim, left, onPaid }, signal)
      this.#show(after, planRenewal(after.packs, aim(after), after, 0n), left())
    } else this.#show(now, plan, left())
    this.#seen = seen
  }

  async #renew(request: RenewalRequest, signal: AbortSignal): Promise<RenewalResult> {
    const { epochs, budget, dryRun } = request
    const aim: Aim = (at) => aimAt(epochs ?? aimOf(this.#options, at).target - at.epoch, at)
    const { now, plan } = await this.#look(aim, budget, signal)
    const { epoch } = now
    if (dryRun || plan.extensions.length === 0) {
      const outlook = this.#outlook(now, this.#due(now), undefined)
      return { epoch, plan, paid: 0n, transactions: 0, outlook }
    }
    let [paid, transactions] = [0n, 0]
    const onPaid = (cost: bigint) => {
      paid += cost
      transactions++
    }
    const left = () => (budget === undefined ? undefined : nonNegative(budget - paid))
    const after = await this.#extend({ now, plan }, { aim, left, onPaid }, signal)
    this.#seen = undefined
    const outlook = this.#show(after, this.#due(after), undefined)
    return { epoch, plan, paid, transactions, outlook }
  }

  /** What the options say is due, and can be paid. */
  #due(now: Survey): RenewalPlan {
    return planRenewal(now.packs, aimOf(this.#options, now), now, now.balance)
  }

  async #look(aim: Aim, limit: bigint | undefined, signal: AbortSignal): Promise<Look> {
    const seen = await survey(this.#parts, this.#options.marginEpochs, signal)
    const now = await this.#needed(seen, aim(seen), signal)
    return { now, plan: planRenewal(now.packs, aim(now), now, spendable(now, limit)) }
  }

  /** Without the packs that nothing needs, as soon as one of all would have to be paid for. */
  async #needed(seen: Survey, aim: RenewalAim, signal: AbortSignal): Promise<Survey> {
    const { needed } = this.#parts
    if (!needed || planRenewal(seen.packs, aim, seen, undefined).wanted === 0n) return seen
    const isNeeded = await needed(seen, signal)
    return { ...seen, packs: seen.packs.filter(({ blob }) => isNeeded(blob)) }
  }

  /** Carries a plan out, made anew when somebody commits in between. Resolves with how it stands then. */
  async #extend(first: Look, how: Extending, signal: AbortSignal): Promise<Survey> {
    const { log, manifest, ledger, onRenewed } = this.#parts
    const onPaid = (cost: bigint) => {
      this.#view = { ...this.#view, paid: this.#view.paid + cost }
      how.onPaid(cost)
      this.#parts.onPaid?.(cost)
    }
    for (let { now, plan } = first, tried = 1; ; tried++) {
      ledger.extended(plan.extensions.map(({ pack }) => pack.blob))
      try {
        const transactions = await carryOut(plan, now.state, { ...this.#parts, onPaid }, signal)
        this.#done(now, plan, transactions)
        const { root } = await manifest.load(signal)
        if (root) onRenewed(root)
        return (await this.#look(how.aim, how.left(), signal)).now
      } catch (error) {
        const isConflict = error instanceof ManifestError && error.code === 'conflict'
        if (!isConflict || tried >= conflictTries) {
          this.#undone(now, plan)
          throw error
        }
        log.debug('the drive moved while its storage was renewed', { tried })
      }
      ;({ now, plan } = await this.#look(how.aim, how.left(), signal))
    }
  }

  #done({ epoch }: Survey, plan: RenewalPlan, transactions: number): void {
    const { cost, extensions, endEpoch } = plan
    const { clock, log } = this.#parts
    const renewals = this.#view.renewals + 1
    this.#view = { ...this.#view, renewals, lastMs: clock.now(), why: undefined }
    const blobs = extensions.length
    log.info('storage was renewed', { epoch, blobs, cost: walText(cost), transactions, endEpoch })
  }

  /** The reason is told elsewhere; here, what it endangers. */
  #undone(now: Survey, plan: RenewalPlan): void {
    const outlook = this.#outlook(now, { ...plan, extensions: [], short: [] }, undefined)
    const endangered = plan.extensions.length + plan.short.length + plan.foreign.length
    this.#view = { ...this.#view, outlook: { ...outlook, endangered } }
  }

  #outlook(now: Survey, plan: RenewalPlan, budgetLeft: bigint | undefined): Outlook {
    return outlookOf(now, plan, { ...this.#options, budgetLeft })
  }

  #show(now: Survey, plan: RenewalPlan, budgetLeft: bigint | undefined): Outlook {
    const before = new Set(this.#view.outlook?.problems.map(({ text }) => text))
    const outlook = this.#outlook(now, plan, budgetLeft)
    this.#view = { ...this.#view, outlook, why: undefined }
    for (const { text, grave } of outlook.problems) {
      if (before.has(text)) continue
      if (grave) this.#parts.log.error(text)
      else this.#parts.log.warn(text)
    }
    return outlook
  }
}

/** At most what a limit allows, and what there is. */
function spendable({ balance }: Survey, limit: bigint | undefined): bigint | undefined {
  if (balance === undefined || limit === undefined) return balance ?? limit
  return balance < limit ? balance : limit
}

function nonNegative(frost: bigint): bigint {
  return frost < 0n ? 0n : frost
}
