import { hash } from 'node:crypto'
import type { SuiGrpcClient } from '@mysten/sui/grpc'
import type { ObjectId } from '../../terms/object-id.ts'
import { AttributeMaker, type Attribute } from '../attributes-of.ts'
import type { ListedFile, Listing } from '../listing.ts'
import { siteFields, siteHead } from './site-fields.ts'
import type { SiteResource } from './site-format.ts'
import type { SiteSources } from './site-sources.ts'

/** A file that is changed has another time then: programs that compare sizes and times see it. */
const monthSeconds = 30 * 86_400

/** A site as it was at one version. */
export interface SiteListing extends Listing {
  readonly version: string
  readonly unreadable: number
  readonly droppedAttributes: number
}

/** The files of a site now. Throws ListingError, and what the client throws. */
export async function listSite(
  client: SuiGrpcClient,
  id: ObjectId,
  sources: SiteSources,
  signal: AbortSignal,
): Promise<SiteListing> {
  const { name, version } = await siteHead(client, id, signal)
  const { resources, unreadable } = await siteFields(client, id, signal)
  const attributes = new AttributeMaker()
  const files = resources.map((resource) => fileOf(resource, sources, attributes))
  const text = `site ${JSON.stringify(Buffer.from(name, 'latin1').toString())}, ${files.length} files, version ${version}`
  return { files, text, version, unreadable, droppedAttributes: attributes.dropped }
}

function fileOf(
  resource: SiteResource,
  sources: SiteSources,
  attributes: AttributeMaker,
): ListedFile {
  const key = hash('sha256', JSON.stringify(resource), 'hex')
  const file: ListedFile = {
    path: resource.path,
    key,
    time: Number.parseInt(key.slice(0, 12), 16) % monthSeconds,
    xattrs: attributes.make(attributesOf(resource)),
    source: () => sources.find(resource, file),
  }
  return file
}

function attributesOf({ path, blob, headers }: SiteResource): Attribute[] {
  return [
    ['user.walrus.path', path],
    ['user.walrus.blob', blob],
    ...headers.map(([name, value]): Attribute => [
      `user.walrus.header.${name.toLowerCase()}`,
      value,
    ]),
  ]
}
