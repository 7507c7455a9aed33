import { AttributeMaker } from '../foreign/attributes-of.ts'
import type { Damages } from '../foreign/damages.ts'
import { listBlob } from '../foreign/list-blob.ts'
import type { ListedTree } from '../foreign/listed-tree.ts'
import type { Listing } from '../foreign/listing.ts'
import { listQuilt } from '../foreign/quilt/list-quilt.ts'
import type { ReadParts } from '../foreign/quilt/quilt.ts'
import { SiteFollower } from '../foreign/site/follow-site.ts'
import { listSite, type SiteListing } from '../foreign/site/list-site.ts'
import { siteHead } from '../foreign/site/site-fields.ts'
import { findSite } from '../foreign/site/site-reference.ts'
import { SiteSources } from '../foreign/site/site-sources.ts'
import type { Lifecycle } from '../runtime/lifecycle.ts'
import { abortable } from '../store/abortable.ts'
import type { RebaseResult } from '../tree/worktree-api.ts'
import type { Connection } from './connection.ts'
import type { ForeignRequest } from './open-foreign.ts'

/** What is shown, as it is now. */
export interface ShownListing {
  /** A line for people on what it is. */
  readonly text: () => string
  /** What is wrong with it, a line each. */
  readonly problems: () => readonly string[]
}

export interface ListingParts {
  readonly request: ForeignRequest
  readonly connection: Connection
  readonly parts: ReadParts
  readonly damages: Damages
  readonly tree: ListedTree
  readonly lifecycle: Lifecycle
  readonly onChanged: (result: RebaseResult) => void
}

/** Fills the tree, and keeps up with a site. Throws ListingError, FsError, and what the full node's client throws. */
export async function showListing(from: ListingParts, signal: AbortSignal): Promise<ShownListing> {
  const { reference } = from.request
  if (reference.kind === 'site') return showSite(from, reference.site, signal)
  const attributes = new AttributeMaker()
  const work: Promise<Listing> =
    reference.kind === 'blob'
      ? listBlob(from.parts, reference.blob, attributes)
      : listQuilt(from.parts, reference.blob, attributes)
  const { files, text } = await abortable(work, signal)
  from.tree.replace(files)
  return { text: () => text, problems: () => droppedText(attributes.dropped) }
}

async function showSite(
  { request, connection, parts, damages, tree, lifecycle, onChanged }: ListingParts,
  text: string,
  signal: AbortSignal,
): Promise<ShownListing> {
  const { client } = connection.account
  const id = await findSite(client, text, signal)
  const sources = new SiteSources(parts, request.asStored, damages)
  const shown: { listing: SiteListing } = { listing: await listSite(client, id, sources, signal) }
  tree.replace(shown.listing.files)
  const take = async (ended: AbortSignal): Promise<string> => {
    const listing = await listSite(client, id, sources, ended)
    const result = tree.replace(listing.files)
    shown.listing = listing
    onChanged(result)
    return listing.version
  }
  const follower = await lifecycle.start('site', async () => {
    const started = new SiteFollower({
      version: shown.listing.version,
      look: async (ended) => (await siteHead(client, id, ended)).version,
      take,
      clock: request.settings.pace.clock,
      log: request.log.room('foreign'),
    })
    return [started, () => started.close()] as const
  })
  return {
    text: () => shown.listing.text,
    problems: () => [
      ...(follower.why ? [`what changes on the site may not show here: ${follower.why}`] : []),
      ...unreadableText(shown.listing.unreadable),
      ...droppedText(shown.listing.droppedAttributes),
    ],
  }
}

function unreadableText(unreadable: number): string[] {
  if (unreadable === 0) return []
  return [
    `${unreadable} files of the site are not shown: what the chain says of them cannot be read`,
  ]
}

function droppedText(dropped: number): string[] {
  if (dropped === 0) return []
  return [
    `${dropped} attributes are not shown: the kernel takes no such names or values, or they are too many`,
  ]
}
