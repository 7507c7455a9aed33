import type { Transaction } from '@mysten/sui/transactions'
import type { Compose, Executed } from '../store/chain/signer-queue.ts'
import type { SuiAccount } from '../store/chain/sui-account.ts'
import { parseObjectId } from '../terms/object-id.ts'
import type { ObjectId } from '../terms/object-id.ts'
import { ManifestError } from './manifest.ts'
import { manifestFailure } from './manifest-failure.ts'
import { parseManifest } from './layouts.ts'
import { ownedCapabilities, readObject } from './object-source.ts'

/** Who may change a manifest. */
export interface Writer {
  /** Its capability. */
  readonly capability: ObjectId
  /** The account that has the capability; undefined where it was thrown away, or lies in another object. */
  readonly account: ObjectId | undefined
}

/** Objects in one transaction: a protocol limit is 2,048 inputs. */
const handedOverAtOnce = 500

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

  /** Those on the list. Needs no capability. */
  async writers(signal: AbortSignal): Promise<Writer[]> {
    const { content, previousTransaction } = await readObject(this.#account, this.id, signal)
    const { writers } = parseManifest(content, previousTransaction)
    return Promise.all(
      writers.map(async (capability) => {
        const object = await readObject(this.#account, capability, signal).catch(unlessGone)
        return { capability, account: object?.owner }
      }),
    )
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

  /**
   * Gives the rule over the manifest to another account, and with it other objects of ours (capabilities, blobs): these
   * first, a few hundred in a transaction, so that what is broken off may be done again.
   */
  async handOver(
    recipient: ObjectId,
    objects: readonly ObjectId[],
    signal: AbortSignal,
  ): Promise<void> {
    for (let at = 0; at < objects.length; at += handedOverAtOnce) {
      const part = objects.slice(at, at + handedOverAtOnce)
      await this.#run((transaction) => {
        transaction.transferObjects(
          part.map((id) => transaction.object(id)),
          recipient,
        )
      }, signal)
    }
    await this.#asAdmin((transaction, _, admin) => {
      transaction.transferObjects([transaction.object(admin)], recipient)
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

  /** Replaces the key slots that were read at a revision. Throws ManifestError `conflict` where somebody else did. */
  async setSlots(expected: bigint, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#asAdmin((transaction, packageId, admin) => {
      const { pure } = transaction
      transaction.moveCall({
        target: `${packageId}::manifest::set_slots`,
        arguments: [
          transaction.object(this.id),
          transaction.object(admin),
          pure.u64(expected),
          pure.vector('u8', bytes),
        ],
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

function unlessGone(error: unknown): undefined {
  if (error instanceof ManifestError && error.code === 'not-found') return undefined
  throw error
}
