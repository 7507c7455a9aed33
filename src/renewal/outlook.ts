import { firstEnd, isOurs, priceOf } from './pack-life.ts'
import { aimOf, planRenewal, type RenewalPlan, type RenewalPolicy } from './plan.ts'
import type { Survey } from './survey.ts'
import { walText } from './wal.ts'

/** What somebody should know, and whether bytes of the drive cannot be read or soon cannot. */
export interface RenewalProblem {
  readonly text: string
  readonly grave: boolean
}

/** How long a drive lasts, what comes next, and what stands in the way. */
export interface Outlook {
  readonly epoch: number
  readonly epochDurationMs: number
  readonly packs: number
  /** Packs that this account can extend. */
  readonly ours: number
  /** Packs that end within the margin and are not extended. */
  readonly endangered: number
  /** Packs that are no longer stored. */
  readonly ended: number
  /** First epoch in which some pack that is still there is no longer stored. */
  readonly endEpoch: number | undefined
  /** FROST an epoch, for all packs. */
  readonly pricePerEpoch: bigint
  /** The renewal that comes next: when, and FROST. */
  readonly next: { readonly epoch: number; readonly cost: bigint } | undefined
  readonly problems: readonly RenewalProblem[]
}

/** What the outlook is told beside the survey. */
export interface OutlookFacts extends RenewalPolicy {
  /** Renewals happen by themselves. */
  readonly auto: boolean
  /** FROST that may still be spent in this epoch; undefined without a budget. */
  readonly budgetLeft: bigint | undefined
}

/** So many epochs before a renewal that cannot be paid, that is said. */
const foresight = 2

/** `plan` is what is due now and not done (yet). */
export function outlookOf(survey: Survey, plan: RenewalPlan, facts: OutlookFacts): Outlook {
  const { packs, epoch, epochDurationMs, storagePrice } = survey
  const alive = packs.filter(({ endEpoch }) => endEpoch > epoch)
  const next = nextRenewal(survey, facts)
  const undone = { ...plan, short: plan.extensions.map(({ pack }) => pack) }
  const left = facts.auto ? plan : undone
  return {
    epoch,
    epochDurationMs,
    packs: packs.length,
    ours: packs.filter(isOurs).length,
    endangered: new Set([...left.short, ...plan.short, ...plan.foreign]).size,
    ended: plan.ended.length,
    endEpoch: firstEnd(alive),
    pricePerEpoch: priceOf(alive, storagePrice),
    next,
    problems: [
      ...endedProblems(plan),
      ...(facts.auto ? shortProblems(survey, plan, facts) : offProblems(survey, plan)),
      ...foreignProblems(survey, plan),
      ...(facts.auto && plan.short.length === 0 ? futureProblems(survey, next) : []),
    ],
  }
}

function nextRenewal(survey: Survey, policy: RenewalPolicy): Outlook['next'] {
  const first = firstEnd(
    survey.packs.filter((pack) => isOurs(pack) && pack.endEpoch > survey.epoch),
  )
  if (first === undefined) return undefined
  const epoch = Math.max(survey.epoch, first - policy.marginEpochs)
  const then = { ...survey, epoch }
  const { wanted } = planRenewal(survey.packs, aimOf(policy, then), then, undefined)
  return { epoch, cost: wanted }
}

function endedProblems({ ended }: RenewalPlan): RenewalProblem[] {
  if (ended.length === 0) return []
  const epochs = [...new Set(ended.map(({ endEpoch }) => endEpoch))].sort((a, b) => a - b)
  const which = ended.length === 1 ? ` (${ended[0]!.blob})` : ''
  const since = epochs.length === 1 ? `${epochs[0]}` : `${epochs[0]} to ${epochs.at(-1)}`
  const text = `the storage of ${blobs(ended)}${which} of this drive has ended with epoch ${since}: what only lay there cannot be read any more, unless it is in a cache; walrusfs revive says who needs it, and stores anew what this cache has`
  return [{ text, grave: true }]
}

function offProblems({ epoch }: Survey, plan: RenewalPlan): RenewalProblem[] {
  const due = [...plan.extensions.map(({ pack }) => pack), ...plan.short]
  const first = firstEnd(due)
  if (first === undefined) return []
  const text = `the storage of ${blobs([...new Set(due)])} ends with epoch ${first} (now ${epoch}) and is not renewed by itself: run walrusfs renew, or mount with --auto-renew`
  return [{ text, grave: first - epoch <= 1 }]
}

function shortProblems(
  { epoch, balance }: Survey,
  { short, cost, wanted }: RenewalPlan,
  { budgetLeft }: OutlookFacts,
): RenewalProblem[] {
  const first = firstEnd(short)
  if (first === undefined) return []
  const missing = wanted - cost
  const isBudget = budgetLeft !== undefined && (balance === undefined || budgetLeft < balance)
  const why = isBudget
    ? `the budget leaves ${walText(budgetLeft)} in this epoch: raise --budget, or run walrusfs renew`
    : `the account has ${walText(balance ?? 0n)}: send it more`
  const text = `the storage of ${blobs(short)} ends with epoch ${first} (now ${epoch}) and is not fully renewed: ${walText(missing)} more are needed, ${why}`
  return [{ text, grave: first - epoch <= 1 }]
}

function foreignProblems({ epoch }: Survey, { foreign }: RenewalPlan): RenewalProblem[] {
  const first = firstEnd(foreign)
  if (first === undefined) return []
  const text = `the storage of ${blobs(foreign)} ends with epoch ${first} (now ${epoch}) and this key cannot renew it: the account that stored it has to`
  return [{ text, grave: first - epoch <= 1 }]
}

function futureProblems({ epoch, balance }: Survey, next: Outlook['next']): RenewalProblem[] {
  if (!next || balance === undefined || next.cost <= balance) return []
  if (next.epoch - epoch > foresight) return []
  const text = `the next renewal, in epoch ${next.epoch} (now ${epoch}), costs ${walText(next.cost)} and the account has ${walText(balance)}: send it more`
  return [{ text, grave: false }]
}

function blobs({ length }: readonly unknown[]): string {
  return length === 1 ? '1 blob' : `${length} blobs`
}
