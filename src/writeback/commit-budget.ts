import type { EncodedBlob } from '../store/blob-store.ts'
import { Trouble } from '../terms/trouble.ts'

/** What commits may cost. */
export interface CommitBudget {
  /** Throws OverBudget while what waits is known to cost more than is left: nothing is packed for it then. */
  check(): void
  /** Throws OverBudget where these packs cost more than is left. */
  admit(packs: readonly EncodedBlob[], epochs: number, signal: AbortSignal): Promise<void>
  /** Lets everything through until what it returns is called. */
  allow(): () => void
}

/** A commit would cost more than its budget has left: its changes wait on this machine. */
export class OverBudget extends Trouble {
  constructor(message: string) {
    super('over-budget', message)
  }
}
