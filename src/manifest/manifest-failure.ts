import { ChainError, chainErrorOf } from '../store/chain/chain-error.ts'
import type { ChainErrorCode, MoveAbort } from '../store/chain/chain-error.ts'
import { storeErrorOf } from '../store/chain/store-errors.ts'
import { ManifestError } from './manifest.ts'
import type { ManifestErrorCode } from './manifest.ts'

const codes: Readonly<Record<Exclude<ChainErrorCode, 'aborted'>, ManifestErrorCode>> = {
  unreachable: 'unreachable',
  'lost-answer': 'lost-answer',
  'no-gas': 'no-gas',
  'no-coin': 'no-wal',
  'not-owner': 'read-only',
  'not-found': 'not-found',
  rejected: 'rejected',
}

/** The error numbers of `move/sources/manifest.move`. */
const aborts: readonly { readonly name: string; readonly means: ManifestErrorCode }[] = [
  { name: 'EConflict', means: 'conflict' },
  { name: 'EWrongManifest', means: 'read-only' },
  { name: 'ERevoked', means: 'read-only' },
  { name: 'ESealed', means: 'read-only' },
  { name: 'EWrongSchema', means: 'wrong-schema' },
  { name: 'EInlineFull', means: 'inline-full' },
  { name: 'EEmpty', means: 'rejected' },
  { name: 'EEpochNotLater', means: 'conflict' },
  { name: 'ETooManyWriters', means: 'rejected' },
  { name: 'ENameTooLong', means: 'rejected' },
  { name: 'EUnknownWriter', means: 'rejected' },
  { name: 'ENothingToMigrate', means: 'rejected' },
  { name: 'ELeased', means: 'leased' },
  { name: 'ELeaseTime', means: 'rejected' },
  { name: 'ESlotsChanged', means: 'conflict' },
  { name: 'ESlotsTooLarge', means: 'rejected' },
  { name: 'EUnsealed', means: 'rejected' },
]

/**
 * A failure of a manifest's transaction as a {@link ManifestError}; as a StoreError when other commands of it are
 * refused; anything else as it is.
 */
export function manifestFailure(error: unknown): unknown {
  const known = chainErrorOf(error)
  if (!(known instanceof ChainError)) return known
  const { abort, message } = known
  if (abort && abort.module !== 'manifest') return storeErrorOf(known)
  if (abort) return refusal(abort, message, known)
  const code = codes[known.code as keyof typeof codes]
  return new ManifestError(code, message, { cause: known })
}

function refusal({ code }: MoveAbort, message: string, cause: unknown): ManifestError {
  const abort = aborts[code]
  const text = abort ? `${abort.name}: ${message}` : message
  return new ManifestError(abort?.means ?? 'rejected', text, { cause })
}
