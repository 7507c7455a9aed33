import { PackLedger } from '../renewal/ledger.ts'
import { survey, type Survey } from '../renewal/survey.ts'
import type { Drive } from './open-drive.ts'
import { readRoot } from './shared-parts.ts'

/** Looks at what a drive stores and what it costs, as the chain shows it; the ledger remembers for the next look what does not change. */
export function surveyOf(
  { connection: { store }, manifest, content }: Drive,
  signal: AbortSignal,
  ledger = new PackLedger(store, content),
): Promise<Survey> {
  return survey({ store, manifest, ledger, readRoot: (root) => readRoot(root, content) }, 0, signal)
}
