import { PackLedger } from '../renewal/ledger.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { NodeSource } from '../tree/node-source.ts'
import type { PackRow, RootRecord } from '../tree/root-record.ts'

/** What is the matter with a pack. */
export interface PackProblem {
  readonly blob: BlobId
  readonly text: string
  /** Bytes are lost or will be, or cannot be trusted to last; else something is only told wrong. */
  readonly grave: boolean
}

/** What the chain says of a drive's packs. */
export interface ChainCheck {
  readonly epoch: number
  readonly packs: number
  /** Packs whose blob object nobody told: they are as good as their bytes. */
  readonly unknown: number
  /** First epoch in which some pack is no longer stored. */
  readonly endEpoch: number | undefined
  readonly problems: readonly PackProblem[]
}

/** Compares the table of packs with their blob objects, whoever owns them: there, certified, not ended, as long as said. */
export async function checkChain(
  store: BlobStore,
  source: NodeSource,
  root: RootRecord,
  rows: ReadonlyMap<BlobId, PackRow>,
  rootEndEpoch: number,
  signal: AbortSignal,
): Promise<ChainCheck> {
  const { epoch } = await store.prices(signal)
  const ledger = new PackLedger(store, source)
  const lives = await ledger.packs(
    root,
    { epoch, freshUntil: epoch, endEpoch: rootEndEpoch },
    signal,
  )
  const problems: PackProblem[] = []
  for (const { blob, object } of lives) {
    const tell = (text: string, grave: boolean) => problems.push({ blob, text, grave })
    const row = rows.get(blob)
    if (!object) {
      if (row?.objectId) tell(`its blob object ${row.objectId} is not on chain any more`, true)
      continue
    }
    const { certified, endEpoch, bytes } = object
    if (!certified) tell(`its blob object ${object.objectId} is not certified`, true)
    if (endEpoch <= epoch) tell(`its storage ended with epoch ${endEpoch} (now ${epoch})`, true)
    if (!row) continue
    if (row.bytes > 0 && bytes !== row.bytes)
      tell(`it has ${bytes} bytes, and ${row.bytes} by the tree's table of packs`, true)
    if (endEpoch < row.endEpoch)
      tell(`it is stored till epoch ${endEpoch}, and ${row.endEpoch} by the tree's table`, false)
  }
  const ends = lives.flatMap(({ object }) => object?.endEpoch ?? [])
  return {
    epoch,
    packs: lives.length,
    unknown: lives.filter(({ object }) => !object).length,
    endEpoch: ends.length > 0 ? Math.min(...ends) : undefined,
    problems,
  }
}
