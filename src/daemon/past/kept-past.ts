import { isGone } from '../../renewal/kept-snapshots.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import { diffMaps } from '../../tree/btree/diff-maps.ts'
import { NodeReader } from '../../tree/btree/node-reader.ts'
import { neededPieces } from '../../tree/history/needed-pieces.ts'
import { pastStates, type PastState, type TreeHead } from '../../tree/history/past-states.ts'
import { packsKind } from '../../tree/kinds/packs-kind.ts'
import type { NodeSource } from '../../tree/node-source.ts'
import { Pace } from '../../tree/pace.ts'
import { packRows } from '../../tree/pack-rows.ts'
import type { PieceRef } from '../../tree/piece-ref.ts'
import type { RootRecord } from '../../tree/root-record.ts'
import { run } from '../../tree/steps.ts'

/**
 * What a drive keeps of its past. The present table of packs says it, as it says it to gc: a state is whole if all that it shows lies
 * in packs of that table. What a cache of this machine still has beyond that does not count.
 */
export class KeptPast {
  readonly source: NodeSource
  readonly head: TreeHead
  /** History goes further back than what is kept. Known when `states` has come to its end. */
  isCut = false
  readonly #present: RootRecord | undefined
  /** Undefined where the table is gone: what can be read counts then. */
  readonly #packs: ReadonlySet<BlobId> | undefined
  readonly #reader: NodeReader
  /** Roots of maps with nothing missing below them. */
  readonly #whole = new Set<string>()

  private constructor(
    source: NodeSource,
    head: TreeHead,
    present: RootRecord | undefined,
    packs: ReadonlySet<BlobId> | undefined,
  ) {
    this.#present = present
    this.source = source
    this.head = head
    this.#packs = packs
    this.#reader = new NodeReader(source)
  }

  /** Reads the table of packs: of `present`, where the head is a past state itself. */
  static async open(
    source: NodeSource,
    { base, inline }: TreeHead,
    present = base,
  ): Promise<KeptPast> {
    const packs = await namedPacks(source, present)
    return new KeptPast(source, { base, inline }, present, packs)
  }

  /** The latest first, as far back as root records are kept. Of some of them other things may be gone. */
  async *states(): AsyncGenerator<PastState> {
    this.isCut = false
    try {
      for await (const state of pastStates(this.source, this.head)) {
        yield state
        const { predecessor } = state.base ?? {}
        if (state.inline.length > 0 || !predecessor || this.#keeps(predecessor)) continue
        this.isCut = true
        return
      }
    } catch (error) {
      if (!isGone(error)) throw error
      this.isCut = true
    }
  }

  /** Everything that a state shows is kept. Walks it only where packs that it names were given up. */
  async isWhole({ base }: PastState): Promise<boolean> {
    if (!base || base.sequence === this.#present?.sequence) return true
    try {
      return (await this.#namesKeptOnly(base)) || (await this.#walk(base))
    } catch (error) {
      if (isGone(error)) return false
      throw error
    }
  }

  /** By the two tables, of which only what differs is read. */
  async #namesKeptOnly({ packs, self }: RootRecord): Promise<boolean> {
    let given = !this.#keeps(self)
    const present = this.#present?.packs
    try {
      await run(
        diffMaps(this.#reader, packsKind, packs, present, new Pace(), (_, before) => {
          if (before && !this.#keeps(before)) given = true
        }),
      )
    } catch (error) {
      if (!isGone(error)) throw error
      return false
    }
    return !given
  }

  #keeps({ blob }: { readonly blob: BlobId }): boolean {
    return this.#packs?.has(blob) ?? true
  }

  async #walk(base: RootRecord): Promise<boolean> {
    const walked: string[] = []
    let given = false
    const isKnown = (node: PieceRef) => {
      given ||= !this.#keeps(node)
      walked.push(placeOf(node))
      return given || this.#whole.has(placeOf(node))
    }
    // Nobody reads a file by the table of packs.
    const shown = { ...base, packs: undefined }
    for await (const { ref } of neededPieces(this.source, shown, isKnown)) {
      if (given || !this.#keeps(ref)) return false
    }
    if (given) return false
    for (const place of walked) this.#whole.add(place)
    return true
  }
}

/** All packs that a drive keeps; undefined where its table of them is gone. */
async function namedPacks(
  source: NodeSource,
  present: RootRecord | undefined,
): Promise<ReadonlySet<BlobId> | undefined> {
  try {
    const rows = await packRows(present?.packs, source)
    const packs = new Set(rows.map(({ blob }) => blob))
    // No table names the pack that it lies in.
    if (present) packs.add(present.self.blob)
    return packs
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

function placeOf({ blob, offset }: PieceRef): string {
  return `${blob} ${offset}`
}
