import { deriveDynamicFieldID } from '@mysten/sui/utils'
import type { SuiAccount } from '../store/chain/sui-account.ts'
import { parseObjectId } from '../terms/object-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { parseSlots, slotsFieldName } from './layouts.ts'
import { ManifestError, type StoredSlots } from './manifest.ts'
import { readObject } from './object-source.ts'

/** Reads the key slots that hang on a manifest; undefined where there are none. Throws ManifestError. */
export async function readSlots(
  account: SuiAccount,
  packageId: ObjectId,
  manifest: ObjectId,
  signal: AbortSignal,
): Promise<StoredSlots | undefined> {
  const type = `${packageId}::manifest::SlotsKey`
  const id = parseObjectId(deriveDynamicFieldID(manifest, type, slotsFieldName))
  try {
    return parseSlots((await readObject(account, id, signal)).content)
  } catch (error) {
    if (error instanceof ManifestError && error.code === 'not-found') return undefined
    throw error
  }
}
