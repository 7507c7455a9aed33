import { StoreError } from '../blob-store.ts'
import type { StoreErrorCode } from '../blob-store.ts'
import { ChainError, chainErrorOf } from './chain-error.ts'
import type { ChainErrorCode, MoveAbort } from './chain-error.ts'

const codes: Readonly<Record<Exclude<ChainErrorCode, 'aborted'>, StoreErrorCode>> = {
  unreachable: 'unreachable',
  'lost-answer': 'lost-answer',
  'no-gas': 'no-gas',
  'no-coin': 'no-wal',
  'not-owner': 'not-owner',
  'not-found': 'not-found',
  rejected: 'rejected',
}

/**
 * What an abort in Walrus's contract means. Certificates are checked in `bls_aggregate` against the committee of now
 * and in `system_state_inner` against its epoch (EInvalidIdEpoch); EResourceBounds of `blob` is storage that has ended.
 */
const aborts: readonly { module: string; code?: number; means: StoreErrorCode }[] = [
  { module: 'bls_aggregate', means: 'stale-epoch' },
  { module: 'system_state_inner', code: 3, means: 'stale-epoch' },
  { module: 'messages', means: 'stale-epoch' },
  { module: 'blob', code: 2, means: 'not-found' },
]

/** A failure of the chain as a {@link StoreError}; others come back as they are. */
export function storeErrorOf(error: unknown): unknown {
  const known = chainErrorOf(error)
  if (!(known instanceof ChainError)) return known
  const { message } = known
  const code = known.abort ? meaningOf(known.abort) : codes[known.code as keyof typeof codes]
  return new StoreError(code, message, { cause: known })
}

function meaningOf(abort: MoveAbort): StoreErrorCode {
  const found = aborts.find(
    ({ module, code }) => module === abort.module && (code === undefined || code === abort.code),
  )
  return found?.means ?? 'rejected'
}
