import { PackLedger } from '../renewal/ledger.ts'
import type { PackLife } from '../renewal/pack-life.ts'
import { isLost } from '../renewal/lost-packs.ts'
import { findParts } from '../renewal/pack-parts.ts'
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
  const ended: PackLife[] = []
  for (const life of lives) {
    const mayHave = life.endEpoch <= epoch
    if (mayHave && (await isLost(life, epoch, store, signal).catch(() => false))) ended.push(life)
  }
  const whom = await whoNeeds(ended, source, root, signal)
  for (const life of lives) {
    const { blob, object } = life
    const tell = (text: string, grave: boolean) => problems.push({ blob, text, grave })
    const row = rows.get(blob)
    if (ended.includes(life)) {
      tell(`its storage ended with epoch ${life.endEpoch} (now ${epoch}): ${whom(blob)}`, true)
    }
    if (!object) {
      if (row?.objectId) tell(`its blob object ${row.objectId} is not on chain any more`, true)
      continue
    }
    const { certified, endEpoch, bytes } = object
    if (!certified) tell(`its blob object ${object.objectId} is not certified`, true)
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

/** What hangs on packs that have ended, and what mends it. */
async function whoNeeds(
  ended: readonly PackLife[],
  source: NodeSource,
  root: RootRecord,
  signal: AbortSignal,
): Promise<(blob: BlobId) => string> {
  if (ended.length === 0) return () => ''
  const packs = new Map(ended.map(({ blob, bytes }) => [blob, bytes]))
  const search = { source, kept: new Set<BlobId>(), isWhole: () => true }
  const { parts, lost } = await findParts(root, packs, search, signal)
  return (blob) => {
    const { files, directories, isPresent } = parts.get(blob)!
    if (!isPresent && lost === 0) return 'only earlier snapshots need it'
    const least = lost > 0 ? 'at least ' : ''
    const names = directories > 0 ? ` and the names in ${directories} directories` : ''
    return `${least}${files} files${names} need it; walrusfs revive stores it anew from a cache that has all of it`
  }
}
