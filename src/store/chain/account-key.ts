import type { ObjectId } from '../../terms/object-id.ts'
import type { SuiAccount } from './sui-account.ts'
import { addressOf, signerOf } from './sui-key.ts'

/** Objects that are looked at; the coin that the account pays with is among the first. */
const objectsAtMost = 50
const transactionsAtMost = 16

/**
 * The Ed25519 public key of an address: it stands in each signature that the account has made, and the last transaction of
 * what it owns may be one of its own. Undefined where none is found. The address is the key's hash, so nobody can show
 * another one. Throws what the client throws.
 */
export async function publicKeyOnChain(
  { client }: Pick<SuiAccount, 'client'>,
  address: ObjectId,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const include = { previousTransaction: true } as const
  const query = { owner: address, include, limit: objectsAtMost, signal }
  const { objects } = await client.core.listOwnedObjects(query)
  const digests = new Set(objects.flatMap((object) => object.previousTransaction ?? []))
  for (const digest of [...digests].slice(0, transactionsAtMost)) {
    for (const key of await signersOf(client, digest, signal)) {
      if (addressOf(key) === address) return key
    }
  }
  return undefined
}

async function signersOf(
  client: SuiAccount['client'],
  digest: string,
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  const query = { digest, readMask: { paths: ['signatures'] } }
  const { response } = await client.ledgerService.getTransaction(query, { abort: signal })
  const signatures = response.transaction?.signatures ?? []
  return signatures.flatMap(({ bcs }) => (bcs?.value && signerOf(bcs.value)) ?? [])
}
