import { ManifestError, type ManifestErrorCode } from '../manifest/manifest.ts'
import { StoreError, type StoreErrorCode } from '../store/blob-store.ts'

/** Why a commit does not go on, for `status`. */
export interface Setback {
  readonly why: string
  readonly tries: number
  /** Wall clock, ms. */
  readonly nextTryMs: number
}

const firstDelayMs = 500
const maxDelayMs = 60_000

/** The growing wait between tries of a commit. It never gives up: the changes are safe here meanwhile. */
export class Backoff {
  #tries = 0
  #setback: Setback | undefined

  get setback(): Setback | undefined {
    return this.#setback
  }

  /** Another try failed. Returns how long to wait. */
  failed(error: unknown, nowMs: number): number {
    const delay = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(this.#tries, 20))
    this.#tries++
    this.#setback = { why: whyText(error), tries: this.#tries, nextTryMs: nowMs + delay }
    return delay
  }

  succeeded(): void {
    this.#tries = 0
    this.#setback = undefined
  }
}

const advice: Partial<Record<StoreErrorCode | ManifestErrorCode, string>> = {
  'no-gas': 'no SUI left for gas: send some to the drive’s address',
  'no-wal': 'no WAL left for storage: send some to the drive’s address',
  unreachable: 'too few storage nodes, or no full node, can be reached',
  'not-found':
    'a blob that the drive needs is not stored any more: its storage has ended, or it was deleted (walrusfs cost says which)',
  'read-only': 'the manifest takes no changes of this key',
}

/** What a person is told about why a commit waits, and what mends it where a person has to. */
export function whyText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const known = error instanceof StoreError || error instanceof ManifestError
  const hint = known ? advice[error.code] : undefined
  return hint ? `${hint} (${message})` : message
}
