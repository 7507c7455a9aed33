import { ListingError } from '../foreign/listing.ts'
import { StoreError } from '../store/blob-store.ts'
import { storeErrorOf as chainFailure } from '../store/chain/store-errors.ts'
import { FsError } from '../terms/errno.ts'
import { Trouble } from '../terms/trouble.ts'
import type { ForeignRequest } from './open-foreign.ts'

/** What a failure means for a person who wants to look at something that others published; other errors stay as they are. */
export function foreignTrouble(
  error: unknown,
  { reference: { name }, network }: Pick<ForeignRequest, 'reference' | 'network'>,
): unknown {
  const cause = { cause: error }
  if (error instanceof ListingError) {
    return new Trouble('damaged', `${name} cannot be shown: ${error.message}`, cause)
  }
  const store = storeErrorOf(error)
  if (!store) return error
  const { code, message } = store
  if (code === 'not-found') {
    return new Trouble(
      'not-found',
      `${name} is not stored on ${network.name} (unknown there, or its storage has ended): check the id and --network`,
      cause,
    )
  }
  if (code === 'blocked') {
    return new Trouble('not-found', `${network.name} refuses to serve ${name}`, cause)
  }
  if (code === 'corrupt') return new Trouble('damaged', `${name}: ${message}`, cause)
  return new Trouble(
    'unreachable',
    `${name} cannot be read from ${network.name} now (${message}): try again later`,
    cause,
  )
}

function storeErrorOf(error: unknown): StoreError | undefined {
  if (error instanceof FsError) return error.cause instanceof StoreError ? error.cause : undefined
  const known = error instanceof StoreError ? error : chainFailure(error)
  return known instanceof StoreError ? known : undefined
}
