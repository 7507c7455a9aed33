import { systemClock, type Clock } from '../runtime/clock.ts'
import type { SuiAccountOptions } from '../store/chain/sui-account.ts'
import type { WalrusStoreOptions } from '../store/walrus-store.ts'

/** How long a drive waits for what. People have `usualPace`; tests with a network of their own are in a hurry. */
export interface Pace {
  /** Of all waiting that is neither an answer's nor a node's. */
  readonly clock: Clock
  readonly store: Pick<
    WalrusStoreOptions,
    'timeouts' | 'patience' | 'latecomerMs' | 'registrationMs'
  >
  readonly fullNode: Pick<SuiAccountOptions, 'timeoutMs' | 'lostAnswerMs'>
  /** A read that has no answer by then gets ETIMEDOUT, milliseconds. */
  readonly deadlineMs: number
}

export const usualPace: Pace = {
  clock: systemClock,
  store: {},
  fullNode: {},
  deadlineMs: 60_000,
}
