import { forecast, type Forecast } from '../renewal/forecast.ts'
import { firstEnd, isOurs, priceOf, type PackLife } from '../renewal/pack-life.ts'
import type { Survey } from '../renewal/survey.ts'
import { monthMs, perMonth } from '../renewal/wal.ts'
import { systemClock } from '../runtime/clock.ts'
import { storageUnits } from '../store/encoded-size.ts'
import { worthOf } from '../store/spare-storage.ts'
import type { BlobId } from '../terms/blob-id.ts'
import { costByDirectory, type CostShares, type CostWish } from './cost-by-directory.ts'
import { surveyOf } from './drive-survey.ts'
import type { Drive } from './open-drive.ts'

const unitBytes = 1 << 20

/** What a drive costs now. Amounts are FROST (1e-9 WAL), decimal. */
export interface DriveCost {
  readonly drive: string
  readonly network: string
  readonly epoch: number
  readonly epochDurationMs: number
  /** Bytes of files. */
  readonly usedBytes: number
  /** Blobs that hold them, their history and the names. */
  readonly blobs: number
  readonly storedBytes: number
  /** What Walrus bills: encoded, in whole MiB per blob. */
  readonly billedBytes: number
  /** For a MiB of billed bytes: an epoch, and once when it is written. */
  readonly storagePrice: string
  readonly writePrice: string
  readonly costPerEpoch: string
  readonly costPerMonth: string
  /** What is paid for already, from the next epoch on. */
  readonly prepaid: string
  /** First epoch in which some blob is no longer stored, and about when that is. */
  readonly endEpoch: number | undefined
  readonly endMs: number | undefined
  readonly ends: readonly {
    readonly endEpoch: number
    readonly blobs: number
    readonly billedBytes: number
  }[]
  /** What the account has left over of deleted blobs, of all its drives; what is stored next takes it, renewals do not. */
  readonly spare: SpareCost
  /** Undefined without a key. */
  readonly balance: string | undefined
  /** So many epochs of the whole drive the balance pays. */
  readonly balanceEpochs: number | undefined
  /** Blobs that this account cannot extend. */
  readonly foreign: number
  /** Blobs that are no longer stored. */
  readonly ended: readonly BlobId[]
  /** Whose it is, where that was asked for. */
  readonly shares?: CostShares
}

/** Storage that is paid for and no blob uses. */
export interface SpareCost {
  readonly billedBytes: number
  /** First epoch that nothing of it covers; undefined where there is none. */
  readonly endEpoch: number | undefined
  /** FROST, decimal, from the next epoch on. */
  readonly worth: string
}

/** What the next months cost. Amounts are FROST, decimal. */
export interface DriveForecast {
  readonly drive: string
  readonly epoch: number
  /** Through the beginning of this epoch. */
  readonly untilEpoch: number
  readonly untilMs: number
  readonly costPerEpoch: string
  readonly payments: readonly {
    readonly epoch: number
    readonly ms: number
    readonly blobs: number
    readonly cost: string
    readonly transactions: number
  }[]
  readonly cost: string
  readonly transactions: number
  readonly spare: SpareCost
  readonly balance: string | undefined
  /** The epoch whose payment the balance does not cover. */
  readonly shortFrom: number | undefined
  /** For renewals by themselves, in one epoch; undefined: no limit. */
  readonly budget: string | undefined
  /** The first epoch whose budget is too little for what is due; undefined where it is enough. */
  readonly heldFrom: number | undefined
  /** Blobs that end for that. */
  readonly lost: number
  readonly endEpoch: number | undefined
  readonly foreign: number
  readonly ended: number
}

/** How long to look ahead. */
export type ForecastSpan = { readonly months: number } | { readonly epochs: number }

/** What is stored, billed and paid; by directory where some are wished for. Throws Trouble `not-found`. */
export async function driveCost(
  drive: Drive,
  signal: AbortSignal,
  wish?: CostWish,
): Promise<DriveCost> {
  const now = await surveyOf(drive, signal)
  const shares = wish && (await costByDirectory(drive, now, wish, signal))
  const { packs, epoch, epochDurationMs, storagePrice, writePrice, balance } = now
  const alive = packs.filter((pack) => pack.endEpoch > epoch)
  const perEpoch = priceOf(alive, storagePrice)
  const endEpoch = firstEnd(alive)
  return {
    drive: drive.request.drive.name,
    network: drive.request.network.name,
    epoch,
    epochDurationMs,
    usedBytes: drive.worktree.usedBytes,
    blobs: packs.length,
    storedBytes: packs.reduce((sum, { bytes }) => sum + bytes, 0),
    billedBytes: billedBytes(alive),
    storagePrice: String(storagePrice),
    writePrice: String(writePrice),
    costPerEpoch: String(perEpoch),
    costPerMonth: String(perMonth(perEpoch, epochDurationMs)),
    prepaid: String(prepaid(alive, now)),
    endEpoch,
    endMs: endEpoch && msOf(endEpoch, now),
    ends: endsOf(alive),
    spare: await spareOf(drive, now, signal),
    balance: balance === undefined ? undefined : String(balance),
    balanceEpochs: perEpoch > 0n && balance !== undefined ? Number(balance / perEpoch) : undefined,
    foreign: alive.filter((pack) => !isOurs(pack)).length,
    ended: packs.filter((pack) => pack.endEpoch <= epoch).map(({ blob }) => blob),
    ...(shares && { shares }),
  }
}

/** What renewals will cost, if the drive stays as it is. */
export async function driveForecast(
  drive: Drive,
  span: ForecastSpan,
  signal: AbortSignal,
): Promise<DriveForecast> {
  const now = await surveyOf(drive, signal)
  const { epoch, epochDurationMs, packs, storagePrice, balance } = now
  const epochs =
    'epochs' in span ? span.epochs : Math.ceil((span.months * monthMs) / epochDurationMs)
  const { settings } = drive.request
  const policy = { marginEpochs: settings.renewMargin, epochs: settings.epochs }
  const { budget } = settings
  const told = forecast(packs, now, policy, epochs, { balance, budget })
  const alive = packs.filter((pack) => pack.endEpoch > epoch)
  return {
    drive: drive.request.drive.name,
    epoch,
    untilEpoch: epoch + epochs,
    untilMs: msOf(epoch + epochs, now),
    costPerEpoch: String(priceOf(alive, storagePrice)),
    payments: paymentsOf(told, now),
    cost: String(told.cost),
    transactions: told.payments.reduce((sum, { transactions }) => sum + transactions, 0),
    spare: await spareOf(drive, now, signal),
    balance: balance === undefined ? undefined : String(balance),
    shortFrom: told.shortFrom,
    budget: budget === undefined ? undefined : String(budget),
    heldFrom: told.heldFrom,
    lost: told.lost,
    endEpoch: told.endEpoch,
    foreign: alive.filter((pack) => !isOurs(pack)).length,
    ended: packs.length - alive.length,
  }
}

async function spareOf(
  { connection: { store } }: Drive,
  now: Survey,
  signal: AbortSignal,
): Promise<SpareCost> {
  const spare = now.balance === undefined ? [] : await store.spare(signal)
  const units = spare.reduce((sum, { bytes }) => sum + storageUnits(bytes), 0n)
  return {
    billedBytes: Number(units) * unitBytes,
    endEpoch: spare.length > 0 ? Math.max(...spare.map(({ endEpoch }) => endEpoch)) : undefined,
    worth: String(spare.reduce((sum, one) => sum + worthOf(one, now), 0n)),
  }
}

function paymentsOf({ payments }: Forecast, now: Survey): DriveForecast['payments'] {
  return payments.map(({ epoch, packs: blobs, cost, transactions }) => {
    return { epoch, ms: msOf(epoch, now), blobs, cost: String(cost), transactions }
  })
}

function billedBytes(packs: readonly PackLife[]): number {
  return packs.reduce((sum, { units }) => sum + units, 0) * unitBytes
}

function prepaid(alive: readonly PackLife[], { epoch, storagePrice }: Survey): bigint {
  return alive.reduce(
    (sum, pack) => sum + priceOf([pack], storagePrice, pack.endEpoch - epoch - 1),
    0n,
  )
}

function endsOf(alive: readonly PackLife[]): DriveCost['ends'] {
  const byEnd = Map.groupBy(alive, ({ endEpoch }) => endEpoch)
  return [...byEnd]
    .sort(([a], [b]) => a - b)
    .map(([endEpoch, packs]) => {
      return { endEpoch, blobs: packs.length, billedBytes: billedBytes(packs) }
    })
}

/** About when an epoch begins: nobody knows when the present one did, so a whole one is counted for it. */
function msOf(epoch: number, now: Pick<Survey, 'epoch' | 'epochDurationMs'>): number {
  return systemClock.now() + (epoch - now.epoch) * now.epochDurationMs
}
