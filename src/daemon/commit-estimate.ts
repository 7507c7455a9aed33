import type { CommitEstimate } from '../control/commit-estimate.ts'
import { walText } from '../renewal/wal.ts'
import type { BlobStore, StoreBalances, StorePrices } from '../store/blob-store.ts'
import { storageUnits } from '../store/encoded-size.ts'
import {
  costOf,
  planPurchases,
  type SpaceMarket,
  type SpareStorage,
} from '../store/spare-storage.ts'
import { pieceBytes } from '../tree/piece-ref.ts'
import type { Drive } from './open-drive.ts'
import { packBytes } from './pack-bytes.ts'
import { bytesText } from './quantity.ts'
import { warnLimit } from './warn-cost.ts'

/** What prices and money were at the last look. */
export interface EstimateMarket extends SpaceMarket {
  readonly maxBlobBytes: number
  readonly spare: readonly SpareStorage[]
  /** FROST of the account. */
  readonly balance: bigint
}

const unitBytes = 1 << 20
/** Names, root record, table of packs and index, of a commit that changes little; more are counted by their files. */
const leastNodes = 4096
/** Billed to stored bytes from which on it is said that what is stored together costs less. */
const highOverhead = 60

/** Asks the chain for what is not known of it yet. Throws StoreError. */
export async function estimateMarket(
  store: BlobStore,
  { epoch, storagePrice, writePrice }: StorePrices,
  { wal: balance }: Pick<StoreBalances, 'wal'>,
  signal: AbortSignal,
): Promise<EstimateMarket> {
  const { shards, maxBlobBytes } = await store.limits(signal)
  const spare = await store.spare(signal)
  return { epoch, storagePrice, writePrice, shards, maxBlobBytes, spare, balance }
}

/** What a commit of all that waits would cost; undefined where nothing waits. */
export function commitEstimate(drive: Drive, market: EstimateMarket): CommitEstimate | undefined {
  const { worktree, writable, request } = drive
  if (!writable || !worktree.dirty) return undefined
  const { epochs, warnCost } = request.settings
  const bytes = worktree.sliceBytes
  const sizes = packSizes(bytes, Math.min(packBytes, market.maxBlobBytes))
  if (writable.fitsManifest()) return { bytes, small: true, ...nothing }
  const purchases = planPurchases(sizes, epochs, market, market.spare)
  const cost = costOf(purchases)
  const units = purchases.reduce((sum, { encoded }) => sum + storageUnits(encoded), 0n)
  const billedBytes = Number(units) * unitBytes
  const limit = warnLimit(warnCost, market.balance)
  const expensive = limit !== undefined && cost > 0n && cost > limit
  const why = reasons(cost, market.balance, expensive, { bytes, billedBytes })
  return {
    bytes,
    small: false,
    packs: sizes.length,
    billedBytes,
    cost: String(cost),
    expensive,
    why,
  }
}

const nothing = { packs: 0, billedBytes: 0, cost: '0', expensive: false, why: undefined } as const

/** A pack ends where the next piece, or its index, would no longer fit. */
function packSizes(bytes: number, capacity: number): number[] {
  const full = Math.max(1, Math.floor((capacity - leastNodes) / pieceBytes)) * pieceBytes
  const count = Math.floor(bytes / full)
  const sizes = Array.from({ length: count }, () => full + leastNodes)
  const rest = bytes - count * full
  return rest > 0 || count === 0 ? [...sizes, rest + leastNodes] : sizes
}

function reasons(
  cost: bigint,
  balance: bigint,
  expensive: boolean,
  { bytes, billedBytes }: Pick<CommitEstimate, 'bytes' | 'billedBytes'>,
): string | undefined {
  if (cost > balance) return `the account has ${walText(balance)}: send it more, or it waits`
  if (expensive) {
    const percent = (cost * 100n) / balance
    const part = percent > 0n ? `${percent} %` : 'less than 1 %'
    return `that is ${part} of the ${walText(balance)} that the account has, and more than --warn-cost`
  }
  if (bytes > 0 && billedBytes / bytes < highOverhead) return undefined
  return `${bytesText(bytes)} are billed as ${bytesText(billedBytes)}: what is stored together costs less`
}
