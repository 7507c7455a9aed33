import type { RenewalReport, RenewalStatus } from '../control/renewal-status.ts'
import { ManifestError, type ManifestErrorCode } from '../manifest/manifest.ts'
import type { RenewalPlan } from '../renewal/plan.ts'
import type { Renewer } from '../renewal/renewer.ts'
import type { RenewalRequest, RenewalResult } from '../renewal/renewer-api.ts'
import { StoreError, type StoreErrorCode } from '../store/blob-store.ts'
import { Trouble, type TroubleCode } from '../terms/trouble.ts'

/** The state of a drive's renewals, for `status`. */
export function renewalStatus({ view, options }: Renewer): RenewalStatus {
  const { outlook } = view
  return {
    auto: options.auto,
    marginEpochs: options.marginEpochs,
    epochs: options.epochs,
    budget: options.budget === undefined ? undefined : String(options.budget),
    epoch: outlook?.epoch,
    blobs: outlook?.packs,
    ours: outlook?.ours,
    endangered: outlook?.endangered,
    ended: outlook?.ended,
    endEpoch: outlook?.endEpoch,
    pricePerEpoch: outlook && String(outlook.pricePerEpoch),
    next: outlook?.next && { epoch: outlook.next.epoch, cost: String(outlook.next.cost) },
    renewals: view.renewals,
    paid: String(view.paid),
    lastMs: view.lastMs,
    why: view.why,
  }
}

/** Renews at once and tells what was done. Throws Trouble: `no-gas`, `no-wal`, `unreachable`, `conflict`. */
export async function renewNow(
  renewer: Renewer,
  request: RenewalRequest,
  signal: AbortSignal,
): Promise<RenewalReport> {
  try {
    return reportOf(await renewer.renew(request, signal), request.dryRun)
  } catch (error) {
    signal.throwIfAborted()
    throw chainTrouble(error)
  }
}

function reportOf(result: RenewalResult, dryRun: boolean): RenewalReport {
  const { epoch, plan, paid, transactions, outlook } = result
  return {
    epoch,
    dryRun,
    blobs: plan.extensions.length,
    groups: groupsOf(plan),
    cost: String(plan.cost),
    paid: String(paid),
    transactions,
    short: plan.short.length,
    missing: String(plan.wanted - plan.cost),
    foreign: plan.foreign.length,
    ended: plan.ended.length,
    endEpoch: dryRun ? plan.endEpoch : outlook.endEpoch,
    problems: outlook.problems.map(({ text }) => text),
  }
}

function groupsOf({ extensions }: RenewalPlan): RenewalReport['groups'] {
  const groups = new Map<string, { from: number; to: number; blobs: number; frost: bigint }>()
  for (const { pack, epochs, cost } of extensions) {
    const [from, to] = [pack.endEpoch, pack.endEpoch + epochs]
    const key = `${from}/${to}`
    const group = groups.get(key) ?? { from, to, blobs: 0, frost: 0n }
    group.blobs++
    group.frost += cost
    groups.set(key, group)
  }
  return [...groups.values()].map(({ frost, ...group }) => ({ ...group, cost: String(frost) }))
}

/** What stands in the way, and what mends it. */
const mends: Partial<Record<StoreErrorCode | ManifestErrorCode, readonly [TroubleCode, string]>> = {
  'no-gas': ['no-gas', 'no SUI left for gas: send some to the drive’s address and run it again'],
  'no-wal': ['no-wal', 'too little WAL: send some to the drive’s address and run it again'],
  unreachable: ['unreachable', 'the network does not answer: run it again, nothing is paid twice'],
  'lost-answer': ['unreachable', 'an answer was lost: run it again, nothing is paid twice'],
  conflict: ['conflict', 'others commit at the same time: run it again'],
  corrupt: [
    'damaged',
    'what the storage nodes serve does not check, and nothing was made of it: run it again later, `walrusfs verify` says what is lost',
  ],
}

/** A failure of the chain or the network for a person; anything else as it is. */
export function chainTrouble(error: unknown): unknown {
  if (!(error instanceof StoreError || error instanceof ManifestError)) return error
  const mend = mends[error.code]
  if (!mend) return error
  const [code, text] = mend
  return new Trouble(code, `${text} (${error.message})`, { cause: error })
}
