import type { Transaction } from '@mysten/sui/transactions'
import type { Compose, Executed } from '../store/chain/signer-queue.ts'
import type { SuiAccount } from '../store/chain/sui-account.ts'
import { parseObjectId } from '../terms/object-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { ManifestError } from './manifest.ts'
import { manifestFailure } from './manifest-failure.ts'
import { ownedCapabilities, readObject } from './object-source.ts'

/** What only the owner of a manifest's admin capability may do, and what anybody may. Throws ManifestError. */
export class ManifestAdmin {
  readonly id: ObjectId
  readonly #account: SuiAccount

  constructor(account: SuiAccount, id: ObjectId) {
    this.#account = account
    this.id = id
  }

  /** Makes a writer capability and gives it to an account. Resolves with the capability's id. */
  async grant(recipient: ObjectId, signal: AbortSignal): Promise<ObjectId> {
    const { created, digest } = await this.#asAdmin((transaction, packageId, admin) => {
      const capability = transaction.moveCall({
        target: `${packageId}::manifest::grant`,
        arguments: [transaction.object(this.id), transaction.object(admin)],
      })
      transaction.transferObjects([capability], recipient)
    }, signal)
    const made = created.find(({ type }) => type.endsWith('::manifest::WriterCap'))
    if (!made) throw new ManifestError('rejected', `${digest} made no capability`)
    return made.objectId
  }

  /** Takes a writer off the list; its capability is worth nothing from then on. */
  async revoke(writer: ObjectId, signal: AbortSignal): Promise<void> {
    await this.#asAdmin((transaction, packageId, admin) => {
      const id = transaction.pure.id(writer)
      transaction.moveCall({
        target: `${packageId}::manifest::revoke`,
        arguments: [transaction.object(this.id), transaction.object(admin), id],
      })
    }, signal)
  }

  /** No change of content any more, for good. */
  async seal(signal: AbortSignal): Promise<void> {
    await this.#asAdmin((transaction, packageId, admin) => {
      transaction.moveCall({
        target: `${packageId}::manifest::seal`,
        arguments: [transaction.object(this.id), transaction.object(admin)],
      })
    }, signal)
  }

  /** Freezes a copy of the present state, mountable by the id that this resolves with. Needs no capability. */
  async snapshot(signal: AbortSignal): Promise<ObjectId> {
    const packageId = await this.#package(signal)
    const { created, digest } = await this.#run((transaction) => {
      transaction.moveCall({
        target: `${packageId}::manifest::snapshot`,
        arguments: [transaction.object(this.id)],
      })
    }, signal)
    const made = created.find(({ type }) => type.endsWith('::manifest::Snapshot'))
    if (!made) throw new ManifestError('rejected', `${digest} made no snapshot`)
    return made.objectId
  }

  async #asAdmin(
    compose: (transaction: Transaction, packageId: ObjectId, admin: ObjectId) => void,
    signal: AbortSignal,
  ): Promise<Executed> {
    const packageId = await this.#package(signal)
    const capabilities = await ownedCapabilities(this.#account, packageId, 'AdminCap', signal)
    const admin = capabilities.find(({ manifest }) => manifest === this.id)
    if (!admin) throw new ManifestError('read-only', `this account does not rule over ${this.id}`)
    return this.#run((transaction) => compose(transaction, packageId, admin.id), signal)
  }

  async #package(signal: AbortSignal): Promise<ObjectId> {
    const { type } = await readObject(this.#account, this.id, signal)
    const [packageId, module] = type.split('::')
    if (module === 'manifest' && packageId !== undefined) return parseObjectId(packageId)
    throw new ManifestError('rejected', `${this.id} is no manifest`)
  }

  async #run(compose: Compose, signal: AbortSignal): Promise<Executed> {
    const { queue } = this.#account
    if (!queue) throw new ManifestError('read-only', 'there is no key to sign with')
    try {
      return await queue.run(compose, signal)
    } catch (error) {
      signal.throwIfAborted()
      throw manifestFailure(error)
    }
  }
}
