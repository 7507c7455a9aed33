import type { Manifest, ManifestRoot, ManifestState } from '../manifest/manifest.ts'
import { StoreError, type BlobStore, type StorePrices } from '../store/blob-store.ts'
import type { RootRecord } from '../tree/root-record.ts'
import type { PackLedger } from './ledger.ts'
import type { PackLife } from './pack-life.ts'
import type { StorageMarket } from './plan.ts'

/** What a drive needs, what it costs, and who can pay, at one moment. */
export interface Survey extends StorageMarket, StorePrices {
  readonly state: ManifestState
  readonly packs: readonly PackLife[]
  /** FROST of the account; undefined without a key. */
  readonly balance: bigint | undefined
}

export interface SurveyParts {
  readonly store: BlobStore
  readonly manifest: Manifest
  readonly ledger: PackLedger
  /** The root record that a manifest names. */
  readonly readRoot: (root: ManifestRoot) => Promise<RootRecord>
}

/** Looks at the drive as the chain shows it. What ends within `freshEpochs` is not taken from memory. */
export async function survey(
  { store, manifest, ledger, readRoot }: SurveyParts,
  freshEpochs: number,
  signal: AbortSignal,
): Promise<Survey> {
  const prices = await store.prices(signal)
  const { maxEpochsAhead } = await store.limits(signal)
  const state = await manifest.load(signal)
  const { root } = state
  const { epoch } = prices
  const freshUntil = epoch + freshEpochs
  const packs = root
    ? await ledger.packs(
        await readRoot(root),
        { epoch, freshUntil, endEpoch: root.endEpoch },
        signal,
      )
    : []
  const balance = await balanceOf(store, signal)
  return { ...prices, maxEpochsAhead, state, packs, balance }
}

async function balanceOf(store: BlobStore, signal: AbortSignal): Promise<bigint | undefined> {
  try {
    return (await store.balances(signal)).wal
  } catch (error) {
    if (error instanceof StoreError && error.code === 'not-owner') return undefined
    throw error
  }
}
