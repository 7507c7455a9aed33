import type {
  DashboardChanges,
  DashboardCommit,
  DashboardHistory,
  DashboardMoney,
} from '../dashboard/data.ts'
import type { DashboardSource } from '../dashboard/source.ts'
import type { DriveStatus } from '../control/status.ts'
import { systemClock } from '../runtime/clock.ts'
import { driveCost, driveForecast } from './drive-cost.ts'
import type { Drive } from './open-drive.ts'
import { KeptPast } from './past/kept-past.ts'
import { commitAt, commitsOf, type CommitMark, type PastCommit } from './past/past-commits.ts'

/** So many states are shown, and so many paths of one. */
const maxCommits = 60
const maxPaths = 500
/** On mainnet a year. */
const forecastEpochs = 26
/** Chain objects are not asked for more often, whoever looks: after a commit, and else. */
const moneyAgeMs = { moved: 2_000, still: 15_000 }
const moneyLimitMs = 60_000

/** What the dashboard of a mounted drive shows. */
export function dashboardSource(drive: Drive, status: () => DriveStatus): DashboardSource {
  const history = new ShownHistory(drive)
  const money = new ShownMoney(drive)
  return {
    status,
    history: () => history.shown(),
    changes: (sequence) => changesOf(drive, sequence),
    money: () => money.shown(),
  }
}

/** The same for what others published: no history, and nothing to be paid. */
export function foreignDashboard(status: () => DriveStatus): DashboardSource {
  const nothing = async () => undefined
  return { status, history: nothing, changes: nothing, money: nothing }
}

function pastOf({ content, worktree, present }: Drive): Promise<KeptPast> {
  const { base, inline } = worktree
  return KeptPast.open(content, { base, inline }, present ?? base)
}

async function changesOf(drive: Drive, sequence: number): Promise<DashboardChanges | undefined> {
  const commit = await commitAt(await pastOf(drive), sequence, maxPaths)
  if (!commit?.changes) return undefined
  const { changes, paths: rows = [] } = commit
  const all = changes.added + changes.removed + changes.changed + changes.moved
  return { sequence, rows, more: all - rows.length }
}

/** The history, of which only what is new is looked at again. */
class ShownHistory {
  readonly #drive: Drive
  #head: Pick<Drive['worktree'], 'base' | 'inline'> | undefined
  #history: Promise<DashboardHistory> | undefined

  constructor(drive: Drive) {
    this.#drive = drive
  }

  shown(): Promise<DashboardHistory> {
    const { base, inline } = this.#drive.worktree
    const known = this.#history
    if (known && this.#head?.base === base && this.#head?.inline === inline) return known
    this.#head = { base, inline }
    const looked = this.#look(known)
    this.#history = looked
    looked.catch(() => {
      if (this.#history === looked) this.#history = undefined
    })
    return looked
  }

  async #look(before: Promise<DashboardHistory> | undefined): Promise<DashboardHistory> {
    const old = (await before?.catch(() => undefined))?.commits ?? []
    const known = (state: CommitMark) => old.find((one) => isSame(one, state))?.changes
    const past = await pastOf(this.#drive)
    const commits: PastCommit[] = []
    for await (const commit of commitsOf(past, { names: false, path: undefined, known })) {
      if (commits.length >= maxCommits) return { commits, hasMore: true }
      commits.push(commit)
    }
    return { commits, hasMore: past.isCut }
  }
}

function isSame(one: DashboardCommit, other: CommitMark): boolean {
  return one.sequence === other.sequence && one.timeMs === other.timeMs && one.blob === other.blob
}

/** What it costs, looked up when somebody looks, and not too often. */
class ShownMoney {
  readonly #drive: Drive
  #money: Promise<DashboardMoney> | undefined
  #lookedMs = 0
  #base: Drive['worktree']['base']

  constructor(drive: Drive) {
    this.#drive = drive
  }

  shown(): Promise<DashboardMoney> {
    const now = systemClock.now()
    const { base } = this.#drive.worktree
    const ageMs = base === this.#base ? moneyAgeMs.still : moneyAgeMs.moved
    if (this.#money && now - this.#lookedMs < ageMs) return this.#money
    this.#lookedMs = now
    this.#base = base
    const looked = moneyOf(this.#drive, now)
    this.#money = looked
    looked.catch(() => {
      if (this.#money === looked) this.#money = undefined
    })
    return looked
  }
}

async function moneyOf(drive: Drive, lookedMs: number): Promise<DashboardMoney> {
  const signal = AbortSignal.timeout(moneyLimitMs)
  const cost = await driveCost(drive, signal)
  const told = await driveForecast(drive, { epochs: forecastEpochs }, signal)
  const { drive: _, ended, ...shown } = cost
  return {
    ...shown,
    lookedMs,
    ended: ended.length,
    untilEpoch: told.untilEpoch,
    payments: told.payments.map(({ epoch, ms, blobs, cost: due }) => {
      return { epoch, ms, blobs, cost: due }
    }),
    shortFrom: told.shortFrom,
  }
}
