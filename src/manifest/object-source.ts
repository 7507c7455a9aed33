import type { SuiClientTypes } from '@mysten/sui/client'
import type { SuiAccount } from '../store/chain/sui-account.ts'
import { parseObjectId } from '../terms/object-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { parseCapability } from './layouts.ts'
import { manifestFailure } from './manifest-failure.ts'

const pageSize = 50
const include = { content: true, previousTransaction: true } as const

/** A Sui object as read. */
export interface ObjectRead {
  readonly objectId: ObjectId
  readonly type: string
  readonly content: Uint8Array
  readonly previousTransaction: string
  /** The account that has it; undefined for what is shared, frozen or part of something. */
  readonly owner: ObjectId | undefined
}

type Page = SuiClientTypes.ListOwnedObjectsResponse<typeof include>

/** Reads one object. Throws ManifestError. */
export async function readObject(
  account: SuiAccount,
  id: ObjectId,
  signal: AbortSignal,
): Promise<ObjectRead> {
  signal.throwIfAborted()
  try {
    const { object } = await account.client.core.getObject({ objectId: id, include, signal })
    const { type, content, previousTransaction, owner } = object
    return {
      objectId: id,
      type,
      content,
      previousTransaction: previousTransaction ?? '',
      owner: owner.AddressOwner === undefined ? undefined : parseObjectId(owner.AddressOwner),
    }
  } catch (error) {
    signal.throwIfAborted()
    throw manifestFailure(error)
  }
}

/** All objects of a type that the account owns. Throws ManifestError. */
export async function ownedObjects(
  account: SuiAccount,
  type: string,
  signal: AbortSignal,
): Promise<ObjectRead[]> {
  const owner = account.queue?.address
  if (owner === undefined) return []
  const found: ObjectRead[] = []
  try {
    for (let cursor: string | null = null, more = true; more;) {
      const query = { owner, type, include, limit: pageSize, cursor, signal }
      const page: Page = await account.client.core.listOwnedObjects(query)
      for (const { objectId, type: actual, content, previousTransaction } of page.objects) {
        const id = parseObjectId(objectId)
        const previous = previousTransaction ?? ''
        found.push({ objectId: id, type: actual, content, previousTransaction: previous, owner })
      }
      cursor = page.cursor
      more = page.hasNextPage && cursor !== null
    }
  } catch (error) {
    signal.throwIfAborted()
    throw manifestFailure(error)
  }
  return found
}

/** The account's capabilities of one kind, with the manifest that each is for. */
export async function ownedCapabilities(
  account: SuiAccount,
  packageId: ObjectId,
  kind: 'WriterCap' | 'AdminCap',
  signal: AbortSignal,
): Promise<{ readonly id: ObjectId; readonly manifest: ObjectId }[]> {
  const objects = await ownedObjects(account, `${packageId}::manifest::${kind}`, signal)
  return objects.map(({ content }) => parseCapability(content))
}
