import type { SuiGrpcClient } from '@mysten/sui/grpc'
import { parseObjectId, type ObjectId } from '../../terms/object-id.ts'
import { ListingError, maxListed } from '../listing.ts'
import { parseResource, parseSite, type SiteResource } from './site-format.ts'

const pageSize = 1000
/** Names and headers of a site, in memory. */
const maxListingBytes = 256 << 20

/** A site object as it is now. */
export interface SiteHead {
  readonly id: ObjectId
  readonly name: string
  /** Moves with every change of the site or its files. */
  readonly version: string
}

/** All files of a site. */
export interface SiteFields {
  readonly resources: readonly SiteResource[]
  /** Entries that cannot be read. */
  readonly unreadable: number
}

/** Throws ListingError for an object that is no site, and what the client throws. */
export async function siteHead(
  client: SuiGrpcClient,
  id: ObjectId,
  signal: AbortSignal,
): Promise<SiteHead> {
  signal.throwIfAborted()
  const { object } = await client.core.getObject({
    objectId: id,
    include: { content: true },
    signal,
  })
  if (!/^0x[0-9a-f]+::site::Site$/.test(object.type)) {
    throw new ListingError(`the object ${id} is no Walrus Site (its type is ${object.type})`)
  }
  const { name } = parseSite(object.content)
  return { id: parseObjectId(object.objectId), name, version: object.version }
}

/** Throws ListingError for more than a mount can show, and what the client throws. */
export async function siteFields(
  client: SuiGrpcClient,
  site: ObjectId,
  signal: AbortSignal,
): Promise<SiteFields> {
  const resources: SiteResource[] = []
  let [bytes, unreadable] = [0, 0]
  for (let pageToken: Uint8Array | undefined, more = true; more;) {
    signal.throwIfAborted()
    const readMask = { paths: ['field_id', 'name', 'value'] }
    const request = { parent: site, pageSize, readMask, ...(pageToken && { pageToken }) }
    const { response } = await client.stateService.listDynamicFields(request, { abort: signal })
    for (const { name, value } of response.dynamicFields) {
      if (!name?.name?.endsWith('::site::ResourcePath') || !value?.value) continue
      bytes += value.value.length
      if (resources.length >= maxListed || bytes > maxListingBytes) {
        throw new ListingError('the site has more files, or more headers, than can be shown')
      }
      const resource = readable(value.value)
      if (resource) resources.push(resource)
      else unreadable++
    }
    pageToken = response.nextPageToken
    more = pageToken !== undefined && pageToken.length > 0
  }
  return { resources, unreadable }
}

function readable(value: Uint8Array): SiteResource | undefined {
  try {
    return parseResource(value)
  } catch (error) {
    if (error instanceof ListingError) return undefined
    throw error
  }
}
