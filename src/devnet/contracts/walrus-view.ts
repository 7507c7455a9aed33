import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BlobId } from '../../terms/blob-id.ts'
import type { ChainState, Committed } from '../chain/chain-state.ts'
import { writeDurably } from '../chain/identity.ts'
import type { Ledger } from '../chain/ledger/ledger.ts'
import { G } from '../chain/proto/grpc-types.ts'
import type { ChainView, Committee, Registration, WalrusEvent } from '../chain-view.ts'
import { Registrations } from './registrations.ts'
import type { SavedRegistration } from './registrations.ts'
import { isWalrusEvent, walrusEvents } from './walrus-events.ts'
import { readWalrus } from './walrus-objects.ts'
import type { WalrusObjects } from './walrus-objects.ts'

interface Saved {
  readonly format: 1
  /** The last checkpoint whose events are in the table. */
  readonly checkpoint: string
  readonly blobs: readonly SavedRegistration[]
}

const fileName = 'registrations.json'
/** Events after which the table is saved, at least. */
const saveInterval = 1024

/** The table of registrations as it was saved, with the checkpoint that it reflects. */
export class RegistrationFile {
  readonly path: string
  /** History after this checkpoint is needed to bring the table up to the present. */
  checkpoint = 0n
  readonly registrations: Registrations

  constructor(directory: string) {
    this.path = join(directory, fileName)
    const saved = this.#read()
    this.checkpoint = BigInt(saved?.checkpoint ?? 0)
    this.registrations = new Registrations(saved?.blobs)
  }

  save(checkpoint: bigint): void {
    const saved: Saved = {
      format: 1,
      checkpoint: String(checkpoint),
      blobs: [...this.registrations.all()],
    }
    writeDurably(this.path, JSON.stringify(saved))
    this.checkpoint = checkpoint
  }

  #read(): Saved | undefined {
    try {
      return JSON.parse(readFileSync(this.path, 'utf8')) as Saved
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw new Error(`${this.path} cannot be read`, { cause: error })
    }
  }
}

/** The chain as storage nodes see it. */
export class WalrusView implements ChainView {
  readonly #chain: ChainState
  readonly #objects: WalrusObjects
  readonly #file: RegistrationFile
  readonly #listeners = new Set<(event: WalrusEvent) => void>()
  #committee: Committee
  #reached: bigint
  #unsaved = 0

  /** Brings the saved table up to the present and keeps it there. */
  constructor(chain: ChainState, objects: WalrusObjects, file: RegistrationFile) {
    this.#chain = chain
    this.#objects = objects
    this.#file = file
    this.#reached = file.checkpoint
    this.#catchUp(chain.ledger)
    this.#committee = readWalrus(chain, objects).committee
    chain.onCommitted((committed) => this.#hear(committed))
  }

  get epoch(): number {
    return this.#committee.epoch
  }

  committee(): Committee {
    return this.#committee
  }

  registration(blobId: BlobId): Registration | undefined {
    return this.#file.registrations.get(blobId)
  }

  registrations(): Iterable<Registration> {
    return this.#file.registrations.all()
  }

  onEvent(listener: (event: WalrusEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Writes the table to disk. */
  save(): void {
    this.#file.save(this.#reached)
    this.#unsaved = 0
  }

  #catchUp(ledger: Ledger): void {
    const { transactions } = ledger
    if (transactions.first > this.#reached + 1n)
      throw new Error(`${this.#file.path} is older than the history that the chain still has`)
    for (let checkpoint = this.#reached + 1n; checkpoint <= transactions.last; checkpoint++) {
      const found = transactions.at(checkpoint)
      if (!found?.facts.events.some((event) => isWalrusEvent(event.type))) continue
      const message = G.ExecutedTransaction.fromBinary(ledger.executed(found))
      for (const event of walrusEvents(message)) this.#file.registrations.apply(event)
    }
    this.#reached = transactions.last
  }

  #hear({ commit, message }: Committed): void {
    this.#reached = commit.checkpoint
    for (const event of walrusEvents(message)) {
      if (event.type === 'EpochChanged')
        this.#committee = readWalrus(this.#chain, this.#objects).committee
      this.#file.registrations.apply(event)
      for (const listener of this.#listeners) listener(event)
      this.#unsaved++
    }
    if (this.#unsaved > saveInterval + this.#file.registrations.size) this.save()
  }
}
