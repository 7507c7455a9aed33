import {
  addNewSite,
  addSiteChange,
  siteSteps,
  type SiteChange,
  type SiteFile,
} from '../foreign/publish/site-commands.ts'
import { siteFields } from '../foreign/site/site-fields.ts'
import { parseSite, type SiteResource } from '../foreign/site/site-format.ts'
import { ownedObjects } from '../manifest/object-source.ts'
import { storeErrorOf } from '../store/chain/store-errors.ts'
import { StoreError } from '../store/blob-store.ts'
import { parseObjectId, type ObjectId } from '../terms/object-id.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Connection } from './connection.ts'
import type { PublishedQuilt } from './publish-quilts.ts'

/** A site that shows the files now. */
export interface PublishedSite {
  readonly id: ObjectId
  /** As portals have it in their addresses. */
  readonly base36: string
  readonly name: string
  readonly isNew: boolean
  readonly added: number
  readonly removed: number
}

export interface SiteWish {
  readonly name: string
  /** Undefined: the account's own site of that name, or a new one. */
  readonly site: ObjectId | undefined
}

/** Where the network has Walrus Sites. Throws Trouble `config`. */
export function sitePackageOf({ network }: Pick<Connection, 'network'>): ObjectId {
  if (network.sitePackage) return network.sitePackage
  throw new Trouble(
    'config',
    `nobody knows where Walrus Sites are on ${network.name}; nothing was published: give networks.${network.name}.sitePackage`,
  )
}

/**
 * Has a site show the files of the quilts and no others. What it has already stays; a site that is new or that nothing is wrong with is
 * changed in as few transactions as hold the change. Throws Trouble, StoreError.
 */
export async function publishSite(
  connection: Connection,
  quilts: readonly PublishedQuilt[],
  wish: SiteWish,
  signal: AbortSignal,
): Promise<PublishedSite> {
  const { account } = connection
  const sitePackage = sitePackageOf(connection)
  const { queue, client } = account
  if (!queue) throw new StoreError('not-owner', 'there is no key to sign with')
  const wanted = quilts.flatMap(filesOf)
  const known = wish.site ?? (await ownSite(connection, sitePackage, wish.name, signal))
  const present = known ? (await siteFields(client, known, signal)).resources : []
  const change = changeOf(present, wanted)
  const counts = { added: change.add.length, removed: change.remove.length }
  let site = known
  for (const step of siteSteps(change)) {
    if (site !== undefined && step.add.length + step.remove.length === 0) break
    const target = site
    try {
      const { created } = await queue.run((transaction) => {
        const object = target
          ? transaction.object(target)
          : addNewSite(transaction, sitePackage, wish.name)
        addSiteChange(transaction, sitePackage, object, step)
        if (target === undefined) transaction.transferObjects([object], queue.address)
      }, signal)
      site ??= created.find(({ type }) => type.endsWith('::site::Site'))?.objectId
    } catch (error) {
      signal.throwIfAborted()
      throw storeErrorOf(error)
    }
  }
  if (site === undefined) throw new StoreError('rejected', 'no site was made')
  const base36 = BigInt(site).toString(36)
  return { id: site, base36, name: wish.name, isNew: known === undefined, ...counts }
}

function filesOf({ blobId, files }: PublishedQuilt): SiteFile[] {
  return files.map(({ path, hash, contentType, patchId }) => {
    const place = Buffer.from(patchId, 'base64url').subarray(32).toString('hex')
    return {
      path: `/${path}`,
      blob: blobId,
      hash,
      headers: [
        ['content-type', contentType],
        ['x-wal-quilt-patch-internal-id', `0x${place}`],
      ],
    }
  })
}

/** What is different is taken away and put there anew: a resource cannot be changed. */
function changeOf(present: readonly SiteResource[], wanted: readonly SiteFile[]): SiteChange {
  const text = (path: string): string => Buffer.from(path, 'latin1').toString()
  const had = new Map(present.map((resource) => [text(resource.path), resource]))
  const want = new Map(wanted.map((file) => [file.path, file]))
  const stays = (path: string): boolean => {
    const [resource, file] = [had.get(path), want.get(path)]
    return resource !== undefined && file !== undefined && isSame(resource, file)
  }
  return {
    remove: [...had.keys()].filter((path) => !stays(path)),
    add: wanted.filter(({ path }) => !stays(path)),
  }
}

function isSame({ blob, hash, range, headers }: SiteResource, file: SiteFile): boolean {
  const sorted = (pairs: SiteFile['headers']) =>
    pairs
      .map((pair) => JSON.stringify(pair))
      .toSorted(byText)
      .join()
  const same = blob === file.blob && hash === file.hash && range === undefined
  return same && sorted(headers) === sorted(file.headers)
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The account's only site of that name. Throws Trouble `usage` where there are several. */
async function ownSite(
  { account }: Connection,
  sitePackage: ObjectId,
  name: string,
  signal: AbortSignal,
): Promise<ObjectId | undefined> {
  const query = { packageId: sitePackage, moduleName: 'site', name: 'add_resource', signal }
  const found = await account.client.core.getMoveFunction(query)
  const body = found.function.parameters[0]?.body
  const type = body?.$kind === 'datatype' ? body.datatype.typeName : undefined
  if (type === undefined) throw new StoreError('rejected', `${sitePackage} has no sites`)
  const sites = (await ownedObjects(account, type, signal))
    .map(({ content }) => parseSite(content))
    .filter((site) => Buffer.from(site.name, 'latin1').toString() === name)
  if (sites.length < 2) return sites[0]?.id
  const ids = sites.map(({ id }) => id).join(', ')
  throw new Trouble('usage', `there are several sites ${name}: say with --site which (${ids})`)
}

/** Throws Trouble `usage`. */
export function siteIdOf(text: string | undefined): ObjectId | undefined {
  if (text === undefined) return undefined
  try {
    return parseObjectId(text)
  } catch (cause) {
    throw new Trouble('usage', `--site ${JSON.stringify(text)} is no object id`, { cause })
  }
}
