import { billShares } from '../renewal/bill-shares.ts'
import { PackLedger } from '../renewal/ledger.ts'
import type { Survey } from '../renewal/survey.ts'
import type { Clock } from '../runtime/clock.ts'
import type { BlobId } from '../terms/blob-id.ts'
import type { PieceRef } from '../tree/piece-ref.ts'
import { surveyOf } from './drive-survey.ts'
import { sequenceOf } from './drive-sequence.ts'
import type { Drive } from './open-drive.ts'

/** Prices and ends move that slowly. */
const freshMs = 60_000
/** Somebody waits for the attribute. */
const deadlineMs = 10_000

interface Look {
  readonly sequence: bigint
  readonly atMs: number
  /** Undefined: the chain could not be asked. */
  readonly now: Promise<Survey | undefined>
}

/** What single files of a drive cost, by looks at the chain that many questions share. */
export class FileCosts {
  readonly #drive: Drive
  readonly #clock: Clock
  readonly #ledger: PackLedger
  #look: Look | undefined

  constructor(drive: Drive, clock: Clock) {
    this.#drive = drive
    this.#clock = clock
    this.#ledger = new PackLedger(drive.connection.store, drive.content)
  }

  /**
   * FROST per epoch for a file's pieces: its part of what their packs are billed, by the bytes that it has in each. Undefined where the
   * chain cannot be asked now.
   */
  async of(pieces: Iterable<PieceRef>): Promise<bigint | undefined> {
    const stored = storedBytes(pieces)
    if (stored.size === 0) return 0n
    const now = await this.#recent()
    if (!now) return undefined
    const { packs, epoch, storagePrice } = now
    const meant = packs.filter(({ blob }) => stored.has(blob))
    return billShares(meant, [stored], epoch, storagePrice).owners[0]!.costPerEpoch
  }

  #recent(): Promise<Survey | undefined> {
    const [sequence, atMs] = [sequenceOf(this.#drive), this.#clock.now()]
    const last = this.#look
    if (last?.sequence === sequence && atMs - last.atMs < freshMs) return last.now
    const look: Look = { sequence, atMs, now: this.#survey(() => this.#look === look) }
    this.#look = look
    return look.now
  }

  /** What failed is not kept for the next question. */
  async #survey(isLast: () => boolean): Promise<Survey | undefined> {
    try {
      return await surveyOf(this.#drive, AbortSignal.timeout(deadlineMs), this.#ledger)
    } catch {
      if (isLast()) this.#look = undefined
      return undefined
    }
  }
}

function storedBytes(pieces: Iterable<PieceRef>): Map<BlobId, number> {
  const stored = new Map<BlobId, number>()
  const seen = new Set<string>()
  for (const { blob, offset, storedLength } of pieces) {
    const key = `${blob} ${offset}`
    if (seen.has(key)) continue
    seen.add(key)
    stored.set(blob, (stored.get(blob) ?? 0) + storedLength)
  }
  return stored
}
