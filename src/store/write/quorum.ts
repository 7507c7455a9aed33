import type { BlobId } from '../../terms/blob-id.ts'
import { blocksQuorum, isQuorum } from '../nodes/committee.ts'
import type { Committee, StorageNode } from '../nodes/committee.ts'
import type { NodeHealthBook } from '../nodes/node-health.ts'
import type { Signatures } from './signatures.ts'

export interface Certificate {
  readonly signers: readonly number[]
  readonly serializedMessage: Uint8Array
  readonly signature: Uint8Array
}

/**
 * Collects signatures of one message until nodes of two thirds of the shards have signed, by weight as the contract
 * counts (the SDK counts nodes, and may build what the contract refuses). They are checked together, once.
 */
export class Quorum {
  readonly #blobId: BlobId
  readonly #committee: Committee
  readonly #message: Uint8Array
  readonly #signatures: Signatures
  readonly #health: NodeHealthBook
  readonly #signed = new Map<StorageNode, Uint8Array>()
  readonly #lost = new Set<StorageNode>()

  constructor(
    blobId: BlobId,
    committee: Committee,
    message: Uint8Array,
    signatures: Signatures,
    health: NodeHealthBook,
  ) {
    this.#blobId = blobId
    this.#committee = committee
    this.#message = message
    this.#signatures = signatures
    this.#health = health
  }

  /** The certificate, when this signature completes one. */
  async add(node: StorageNode, signature: Uint8Array): Promise<Certificate | undefined> {
    this.#lost.delete(node)
    this.#signed.set(node, signature)
    while (isQuorum(weightOf(this.#signed.keys()), this.#committee.shards)) {
      const certificate = await this.#combine()
      if (certificate) return certificate
      // The liars are gone, and others may have signed meanwhile.
    }
    return undefined
  }

  /** This node will not sign for now. */
  lose(node: StorageNode): void {
    this.#lost.add(node)
  }

  /** Nothing but a change of mind of a lost node can complete the quorum. */
  get hopeless(): boolean {
    return blocksQuorum(weightOf(this.#lost), this.#committee.shards)
  }

  async #combine(): Promise<Certificate | undefined> {
    const signers = [...this.#signed.keys()].sort((a, b) => a.index - b.index)
    const signatures = signers.map((signer) => this.#signed.get(signer)!)
    const keys = signers.map(({ publicKey }) => publicKey)
    const message = this.#message
    const { signature, bad } = await this.#signatures.combine({ keys, message, signatures })
    if (signature) {
      return { signers: signers.map(({ index }) => index), serializedMessage: message, signature }
    }
    if (bad.length === 0) throw new Error('signatures that are good by themselves do not combine')
    for (const place of bad) this.#drop(signers[place]!)
    return undefined
  }

  #drop(liar: StorageNode): void {
    this.#signed.delete(liar)
    this.#lost.add(liar)
    this.#health.lied(liar, 'a signature', this.#blobId)
  }
}

function weightOf(nodes: Iterable<StorageNode>): number {
  let weight = 0
  for (const { shards } of nodes) weight += shards.length
  return weight
}
