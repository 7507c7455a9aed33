import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { bcs } from '@mysten/sui/bcs'
import { Transaction } from '@mysten/sui/transactions'
import { blobIdToInt } from '@mysten/walrus'
import { compilePackage, readSources } from '../../src/devnet/chain/framework/compile.ts'
import { again, type Publisher } from './publisher.ts'

/** A file of a site. */
export interface SiteFile {
  readonly path: string
  readonly blob: string
  /** The bytes as they are stored, of the range alone. */
  readonly bytes: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly range?: readonly [start: number | null, end: number | null]
  /** @default the hash of the bytes */
  readonly hash?: Uint8Array
}

/** Somebody who makes Walrus Sites on a devnet, with a package that has the layout of theirs. */
export class SitePublisher {
  readonly #publisher: Publisher
  readonly packageId: string

  private constructor(publisher: Publisher, packageId: string) {
    this.#publisher = publisher
    this.packageId = packageId
  }

  static async of(publisher: Publisher): Promise<SitePublisher> {
    const sources = readSources(join(import.meta.dirname, 'site-move'))
    const { modules, dependencies } = await compilePackage(sources)
    const transaction = new Transaction()
    const [cap] = transaction.publish({ modules, dependencies })
    transaction.transferObjects([cap!], publisher.signer.toSuiAddress())
    const { effects } = await run(publisher, transaction)
    const made = effects!.changedObjects.find((change) => change.outputState === 'PackageWrite')
    return new SitePublisher(publisher, made!.objectId)
  }

  /** The object id of a new site. */
  async site(name: string, files: readonly SiteFile[]): Promise<string> {
    const transaction = new Transaction()
    const none = () => transaction.pure(bcs.option(bcs.string()).serialize(null))
    const metadata = transaction.moveCall({
      target: `${this.packageId}::metadata::new_metadata`,
      arguments: [none(), none(), none(), none(), none()],
    })
    const site = transaction.moveCall({
      target: `${this.packageId}::site::new_site`,
      arguments: [transaction.pure.string(name), metadata],
    })
    for (const file of files) this.#add(transaction, site, file)
    transaction.transferObjects([site], this.#publisher.signer.toSuiAddress())
    const { objectTypes } = await run(this.#publisher, transaction)
    return Object.entries(objectTypes!).find(([, type]) => type.endsWith('::site::Site'))![0]
  }

  async change(site: string, add: readonly SiteFile[], remove: readonly string[]): Promise<void> {
    const transaction = new Transaction()
    for (const path of remove) {
      transaction.moveCall({
        target: `${this.packageId}::site::remove_resource_if_exists`,
        arguments: [transaction.object(site), transaction.pure.string(path)],
      })
    }
    for (const file of add) this.#add(transaction, transaction.object(site), file)
    await run(this.#publisher, transaction)
  }

  #add(
    transaction: Transaction,
    site: ReturnType<Transaction['object']> | ReturnType<Transaction['moveCall']>,
    { path, blob, bytes, headers = {}, range = [null, null], hash }: SiteFile,
  ): void {
    const target = (name: string) => `${this.packageId}::site::${name}`
    const option = transaction.moveCall({
      target: target('new_range_option'),
      arguments: range.map((end) => transaction.pure.option('u64', end)),
    })
    const digest = hash ?? createHash('sha256').update(bytes).digest()
    const resource = transaction.moveCall({
      target: target('new_resource'),
      arguments: [
        transaction.pure.string(path),
        transaction.pure.u256(blobIdToInt(blob)),
        transaction.pure.u256(bcs.u256().parse(digest)),
        option,
      ],
    })
    for (const [name, value] of Object.entries(headers)) {
      transaction.moveCall({
        target: target('add_header'),
        arguments: [resource, transaction.pure.string(name), transaction.pure.string(value)],
      })
    }
    transaction.moveCall({ target: target('add_resource'), arguments: [site, resource] })
  }
}

async function run({ sui, signer }: Publisher, transaction: Transaction) {
  const include = { effects: true, objectTypes: true } as const
  const result = await sui.core.signAndExecuteTransaction({ transaction, signer, include })
  if (result.$kind !== 'Transaction')
    throw new Error(JSON.stringify(result.FailedTransaction.status))
  const { digest } = result.Transaction
  await again(() => sui.core.waitForTransaction({ digest }))
  return result.Transaction
}
