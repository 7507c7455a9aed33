import { firstEnd, isOurs, type PackLife } from './pack-life.ts'

/** How a drive is kept alive. */
export interface RenewalPolicy {
  /** Packs are extended when so many epochs are left, the current one included. */
  readonly marginEpochs: number
  /** So many epochs are left afterwards. */
  readonly epochs: number
}

/** What the chain says, as far as it matters here. */
export interface StorageMarket {
  readonly epoch: number
  readonly maxEpochsAhead: number
  /** FROST per unit and epoch. */
  readonly storagePrice: bigint
}

/** What is to be extended, and how far. */
export interface RenewalAim {
  /** Packs that end at this epoch or before. */
  readonly dueUntil: number
  /** The end that they get. */
  readonly target: number
}

/** One pack that lasts longer. */
export interface Extension {
  readonly pack: PackLife
  readonly epochs: number
  /** FROST. */
  readonly cost: bigint
}

export interface RenewalPlan {
  /** What ends soonest comes first. */
  readonly extensions: readonly Extension[]
  /** FROST for all of them. */
  readonly cost: bigint
  /** FROST that it would take to get all that are due to the target. */
  readonly wanted: bigint
  /** Ours and due, and not brought to the target: there is too little to spend. */
  readonly short: readonly PackLife[]
  /** Due, and not ours to extend. */
  readonly foreign: readonly PackLife[]
  /** Ended already: nothing extends them. */
  readonly ended: readonly PackLife[]
  /** First epoch in which some pack is no longer stored, when the plan is carried out; undefined without packs. */
  readonly endEpoch: number | undefined
}

/** What a policy aims at in an epoch. A policy of fewer epochs than its margin would be late for ever: one more is bought. */
export function aimOf({ marginEpochs, epochs }: RenewalPolicy, market: StorageMarket): RenewalAim {
  const { epoch, maxEpochsAhead } = market
  const target = epoch + Math.min(maxEpochsAhead, Math.max(epochs, marginEpochs + 1))
  return { dueUntil: epoch + marginEpochs, target }
}

/** Everything that ends before so many epochs from now is to last that long. */
export function aimAt(epochs: number, { epoch, maxEpochsAhead }: StorageMarket): RenewalAim {
  const target = epoch + Math.min(maxEpochsAhead, epochs)
  return { dueUntil: target - 1, target }
}

/**
 * Plans extensions for at most `spendable` FROST. Where that is too little for all, what ends soonest comes first: all that
 * are due get the same end, as late as the money reaches; if it does not even reach for one epoch of those that end first,
 * then for as many of them as it can.
 */
export function planRenewal(
  packs: readonly PackLife[],
  aim: RenewalAim,
  market: StorageMarket,
  spendable: bigint | undefined,
): RenewalPlan {
  const { epoch, storagePrice } = market
  const ended = packs.filter((pack) => pack.endEpoch <= epoch)
  const due = packs.filter(({ endEpoch }) => endEpoch > epoch && isDue(endEpoch, aim))
  const ours = due.filter(isOurs).sort(byEnd)
  const wanted = costUntil(ours, aim.target, storagePrice)
  const extensions = affordable(ours, aim.target, storagePrice, spendable ?? wanted)
  const reached = new Map(extensions.map(({ pack, epochs }) => [pack, pack.endEpoch + epochs]))
  const endOf = (pack: PackLife) => reached.get(pack) ?? pack.endEpoch
  return {
    extensions,
    cost: extensions.reduce((sum, { cost }) => sum + cost, 0n),
    wanted,
    short: ours.filter((pack) => endOf(pack) < aim.target),
    foreign: due.filter((pack) => !isOurs(pack)).sort(byEnd),
    ended,
    endEpoch: firstEnd(packs.map((pack) => ({ ...pack, endEpoch: endOf(pack) }))),
  }
}

function isDue(endEpoch: number, { dueUntil, target }: RenewalAim): boolean {
  return endEpoch <= dueUntil && endEpoch < target
}

function affordable(
  due: readonly PackLife[],
  target: number,
  price: bigint,
  spendable: bigint,
): Extension[] {
  const first = due[0]?.endEpoch
  if (first === undefined) return []
  for (let end = target; end > first; end--) {
    if (costUntil(due, end, price) <= spendable) return extensionsUntil(due, end, price)
  }
  return someByOne(due, first, price, spendable)
}

function extensionsUntil(due: readonly PackLife[], end: number, price: bigint): Extension[] {
  return due
    .filter(({ endEpoch }) => endEpoch < end)
    .map((pack) => extension(pack, end - pack.endEpoch, price))
}

/** One epoch more for as many as possible of those that end first. */
function someByOne(
  due: readonly PackLife[],
  first: number,
  price: bigint,
  spendable: bigint,
): Extension[] {
  let left = spendable
  const some: Extension[] = []
  for (const pack of due.filter(({ endEpoch }) => endEpoch === first).sort(bySize)) {
    const next = extension(pack, 1, price)
    if (next.cost > left) break
    left -= next.cost
    some.push(next)
  }
  return some
}

function extension(pack: PackLife, epochs: number, price: bigint): Extension {
  return { pack, epochs, cost: BigInt(pack.units * epochs) * price }
}

function costUntil(due: readonly PackLife[], end: number, price: bigint): bigint {
  const units = due.reduce((sum, pack) => sum + pack.units * Math.max(0, end - pack.endEpoch), 0)
  return BigInt(units) * price
}

function byEnd(a: PackLife, b: PackLife): number {
  return a.endEpoch - b.endEpoch || (a.blob < b.blob ? -1 : 1)
}

function bySize(a: PackLife, b: PackLife): number {
  return a.units - b.units || (a.blob < b.blob ? -1 : 1)
}
