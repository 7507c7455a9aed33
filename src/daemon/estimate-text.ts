import type { CommitEstimate } from '../control/commit-estimate.ts'
import { walText } from '../renewal/wal.ts'
import { bytesText } from './quantity.ts'

/** For people: `storing what waits takes up to 1 pack, 66 MiB billed, 0.01 WAL`. */
export function estimateText({ packs, billedBytes, cost, small, why }: CommitEstimate): string {
  if (small) return 'what waits goes into the manifest and costs gas alone'
  const count = packs === 1 ? '1 pack' : `${packs} packs`
  const text = `storing what waits takes up to ${count}, ${bytesText(billedBytes)} billed, ${walText(BigInt(cost))}`
  return why ? `${text}: ${why}` : text
}
