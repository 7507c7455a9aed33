import type { SuiClientTypes } from '@mysten/sui/client'
import type { ObjectId } from '../../terms/object-id.ts'
import { abortable } from '../abortable.ts'
import type { SpareStorage } from '../spare-storage.ts'
import { storeErrorOf } from './store-errors.ts'
import type { WalrusChain } from './walrus-chain.ts'
import { parseStorage } from './walrus-layouts.ts'

const pageSize = 1000

type Page = SuiClientTypes.ListOwnedObjectsResponse<{ content: true }>

/** All storage objects of an account that no blob holds, as the chain shows them now. Throws StoreError. */
export async function spareStorage(
  { account, walrus }: WalrusChain,
  owner: ObjectId,
  signal: AbortSignal,
): Promise<SpareStorage[]> {
  const spare: SpareStorage[] = []
  const include = { content: true } as const
  try {
    const blob = await abortable(Promise.resolve(walrus.getBlobType()), signal)
    const type = `${blob.split('::')[0]}::storage_resource::Storage`
    for (let cursor: string | null = null, more = true; more;) {
      const query = { owner, type, include, limit: pageSize, cursor, signal }
      const page: Page = await account.client.core.listOwnedObjects(query)
      spare.push(...page.objects.map(({ content }) => parseStorage(content)))
      cursor = page.cursor
      more = page.hasNextPage && cursor !== null
    }
  } catch (error) {
    signal.throwIfAborted()
    throw storeErrorOf(error)
  }
  return spare
}
