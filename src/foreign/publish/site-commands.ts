import { bcs } from '@mysten/sui/bcs'
import type { Transaction } from '@mysten/sui/transactions'
import { blobIdToU256, type BlobId } from '../../terms/blob-id.ts'
import type { ObjectId } from '../../terms/object-id.ts'
import { pieceHashBytes, type PieceHash } from '../../terms/piece-hash.ts'

/** A file that a site is to have. */
export interface SiteFile {
  /** With a `/` before it. */
  readonly path: string
  readonly blob: BlobId
  readonly hash: PieceHash
  /** Names in lower case. */
  readonly headers: readonly (readonly [string, string])[]
}

/** What is to be done to a site. */
export interface SiteChange {
  readonly remove: readonly string[]
  readonly add: readonly SiteFile[]
}

type SiteArgument = ReturnType<Transaction['object']> | ReturnType<Transaction['moveCall']>

/** Files that one transaction can change, of 1024 commands (six for a file with two headers) and 1000 dynamic fields (two). */
const perTransaction = 120

/** Adds the commands that make a site without files. */
export function addNewSite(
  transaction: Transaction,
  sitePackage: ObjectId,
  name: string,
): ReturnType<Transaction['moveCall']> {
  const none = () => transaction.pure(bcs.option(bcs.string()).serialize(null))
  const metadata = transaction.moveCall({
    target: `${sitePackage}::metadata::new_metadata`,
    arguments: [none(), none(), none(), none(), none()],
  })
  return transaction.moveCall({
    target: `${sitePackage}::site::new_site`,
    arguments: [transaction.pure.string(name), metadata],
  })
}

/** Adds the commands that change the files of a site. */
export function addSiteChange(
  transaction: Transaction,
  sitePackage: ObjectId,
  site: SiteArgument,
  { remove, add }: SiteChange,
): void {
  const { pure } = transaction
  const call = (name: string, args: Parameters<Transaction['moveCall']>[0]['arguments']) =>
    transaction.moveCall({ target: `${sitePackage}::site::${name}`, arguments: args! })
  for (const path of remove) call('remove_resource_if_exists', [site, pure.string(path)])
  for (const { path, blob, hash, headers } of add) {
    const range = call('new_range_option', [pure.option('u64', null), pure.option('u64', null)])
    const digest = bcs.u256().parse(pieceHashBytes(hash))
    const ids = [pure.u256(blobIdToU256(blob)), pure.u256(digest)]
    const resource = call('new_resource', [pure.string(path), ...ids, range])
    for (const [name, value] of headers) {
      call('add_header', [resource, pure.string(name), pure.string(value)])
    }
    call('add_resource', [site, resource])
  }
}

/**
 * The same change in steps that a transaction each can hold; at least one. A file that is replaced goes and comes in one step, and what
 * is only taken away goes last: whoever looks at the site between two steps misses nothing.
 */
export function siteSteps({ remove, add }: SiteChange): SiteChange[] {
  const replaced = new Set(remove)
  const added = new Set(add.map(({ path }) => path))
  const changes: SiteChange[] = [
    ...add.map((file) => ({ remove: replaced.has(file.path) ? [file.path] : [], add: [file] })),
    ...remove.filter((path) => !added.has(path)).map((path) => ({ remove: [path], add: [] })),
  ]
  const steps: SiteChange[] = []
  for (let at = 0; at < Math.max(1, changes.length); at += perTransaction) {
    const step = changes.slice(at, at + perTransaction)
    steps.push({
      remove: step.flatMap((change) => change.remove),
      add: step.flatMap((change) => change.add),
    })
  }
  return steps
}
