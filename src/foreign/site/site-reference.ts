import type { SuiGrpcClient } from '@mysten/sui/grpc'
import { parseObjectId, type ObjectId } from '../../terms/object-id.ts'
import { ListingError } from '../listing.ts'

const siteKey = 'walrus_site_id'
/** Object ids have about 50 digits to the base of 36; names of SuiNS are shorter. */
const base36 = /^[0-9a-z]{40,50}$/

/** Where a name leads: an object id, or a name to be asked for. Throws ListingError for what is neither. */
export function parseSiteReference(text: string): ObjectId | { readonly name: string } {
  if (/^0x/i.test(text)) return objectIdOf(text)
  if (base36.test(text)) return objectIdOf(`0x${fromBase36(text).toString(16)}`)
  if (text.startsWith('@')) return { name: text }
  if (!/^[a-z0-9](?:[a-z0-9.@-]*[a-z0-9])?$/.test(text)) {
    throw new ListingError(`${JSON.stringify(text)} is no object id and no name`)
  }
  return { name: /[.@]/.test(text) ? text : `${text}.sui` }
}

/** The site's object id. Throws ListingError where the network has no such name, or no names. */
export async function findSite(
  client: SuiGrpcClient,
  text: string,
  signal: AbortSignal,
): Promise<ObjectId> {
  const reference = parseSiteReference(text)
  if (typeof reference === 'string') return reference
  const { name } = reference
  const site = (await look(client, name, signal))?.[siteKey]
  if (site === undefined || site === '') throw new ListingError(`${name} leads to no site`)
  return objectIdOf(site)
}

async function look(
  client: SuiGrpcClient,
  name: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const { response } = await client.nameService.lookupName({ name }, { abort: signal })
    return response.record?.data
  } catch (error) {
    signal.throwIfAborted()
    const { code } = error as { readonly code?: unknown }
    if (code === 'UNIMPLEMENTED') {
      throw new ListingError(`the network has no SuiNS, so ${name} means nothing there: give an id`)
    }
    if (code === 'NOT_FOUND') throw new ListingError(`SuiNS has no name ${name}`)
    throw error
  }
}

function fromBase36(text: string): bigint {
  let value = 0n
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36))
  return value
}

function objectIdOf(text: string): ObjectId {
  try {
    return parseObjectId(text)
  } catch (cause) {
    throw new ListingError(`${JSON.stringify(text)} is no object id`, { cause })
  }
}
