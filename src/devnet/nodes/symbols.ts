import type { Axis, Sliver } from '../../redstuff/codec.ts'
import { codeParameters, systematicSlivers } from '../../redstuff/parameters.ts'
import { pairOfSliver, sliverOfPair } from '../../redstuff/sliver-pair.ts'
import {
  encodeDecodingSymbols,
  encodeRecoverySymbols,
  type RecoverySymbol,
  type TargetSymbols,
} from '../../redstuff/symbol-bcs.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import {
  ApiError,
  indexOutOfRange,
  sliverNotFound,
  symbolNotPresent,
  symbolOutOfRange,
} from './api-error.ts'
import type { BlobFile } from './blob-file.ts'
import { sliverBytesOf } from './blob-layout.ts'
import type { NodeParts, Reply } from './node-parts.ts'
import {
  parseDecodingQuery,
  parseRecoveryQuery,
  type RecoveryQuery,
  type SymbolId,
} from './symbol-query.ts'

/** A symbol comes from the sliver of one axis and helps to recover one of the other. */
export function otherAxis(axis: Axis): Axis {
  return axis === 'primary' ? 'secondary' : 'primary'
}

/** The calls that help others to recover slivers. */
export class Symbols {
  readonly #parts: NodeParts

  constructor(parts: NodeParts) {
    this.#parts = parts
  }

  /**
   * A map from target to one symbol of each crossing sliver of this node, without proofs. Targets are systematic
   * slivers only, so the symbols lie in the slivers as they are stored.
   */
  async decoding(blobId: BlobId, query: URLSearchParams): Promise<Reply> {
    const { axis, targets } = parseDecodingQuery(query)
    this.#checkRegistered(blobId)
    const found = await this.#parts.files.use(blobId, async (file) => {
      checkSystematic(file, axis, targets)
      const all: TargetSymbols[] = []
      for (const target of targets) {
        all.push({
          target,
          helps: axis,
          symbols: await this.#storedSymbols(file, blobId, axis, target),
        })
      }
      return all.filter(({ symbols }) => symbols.length > 0)
    })
    return { kind: 'bytes', bytes: encodeDecodingSymbols(found ?? []) }
  }

  /** Symbols with proofs. What a node does not have is left out, unless it has nothing at all. */
  async recovery(blobId: BlobId, query: URLSearchParams): Promise<Reply> {
    const wanted = parseRecoveryQuery(query)
    this.#checkRegistered(blobId)
    const symbols: RecoverySymbol[] = []
    let refusal: unknown = symbolNotPresent()
    await this.#parts.files.use(blobId, async (file) => {
      for (const id of this.#idsOf(blobId, wanted)) {
        try {
          symbols.push(await this.#symbolWithProof(file, blobId, id, wanted.proofAxis))
        } catch (error) {
          if (!(error instanceof ApiError)) throw error
          refusal = error
        }
      }
    })
    if (symbols.length === 0) throw this.#parts.files.has(blobId) ? refusal : sliverNotFound()
    return { kind: 'bytes', bytes: encodeRecoverySymbols(symbols) }
  }

  #checkRegistered(blobId: BlobId): void {
    if (!this.#parts.view.registration(blobId)) throw sliverNotFound()
  }

  async #storedSymbols(
    file: BlobFile,
    blobId: BlobId,
    axis: Axis,
    target: number,
  ): Promise<{ readonly index: number; readonly data: Uint8Array }[]> {
    const source = otherAxis(axis)
    const { pairs, total } = this.#pairsOf(blobId)
    const symbols = []
    for (const [slot, pair] of pairs.entries()) {
      const data = Buffer.alloc(file.layout.symbolBytes)
      if (!(await file.readSymbol(source, slot, target, data))) continue
      symbols.push({ index: sliverOfPair(source, pair, total), data })
    }
    return symbols
  }

  #pairsOf(blobId: BlobId): { readonly pairs: readonly number[]; readonly total: number } {
    const { shards } = this.#parts
    return { pairs: shards.pairs(blobId), total: shards.total }
  }

  #idsOf(blobId: BlobId, { wanted }: RecoveryQuery): readonly SymbolId[] {
    if (wanted.kind === 'ids') return wanted.ids
    const { pairs, total } = this.#pairsOf(blobId)
    const { index } = wanted
    return wanted.axis === 'primary'
      ? pairs.map((pair) => ({ primary: index, secondary: sliverOfPair('secondary', pair, total) }))
      : pairs.map((pair) => ({ primary: sliverOfPair('primary', pair, total), secondary: index }))
  }

  /** A cell lies in two slivers; the one that is here serves, the primary one first, as real nodes do it. */
  async #symbolWithProof(
    file: BlobFile,
    blobId: BlobId,
    id: SymbolId,
    proofAxis: Axis | undefined,
  ): Promise<RecoverySymbol> {
    const { total } = this.#parts.shards
    if (Math.max(id.primary, id.secondary) >= total) {
      throw indexOutOfRange(Math.max(id.primary, id.secondary), total)
    }
    let refusal = symbolNotPresent()
    for (const axis of ['primary', 'secondary'] as const) {
      if (proofAxis !== undefined && axis !== proofAxis) continue
      const slot = this.#parts.shards.slotOfPair(blobId, pairOfSliver(axis, id[axis], total))
      if (slot === undefined) continue
      const source = await readSliver(file, axis, id[axis], slot)
      if (source) return this.#prove(source, id[otherAxis(axis)])
      refusal = sliverNotFound()
    }
    throw refusal
  }

  async #prove(source: Sliver, target: number): Promise<RecoverySymbol> {
    const { codec, shards, signal } = this.#parts
    const { data, proof } = await codec.recoverySymbol(shards.total, source, target, signal)
    return { helps: otherAxis(source.axis), index: source.index, target, data, proof }
  }
}

async function readSliver(
  file: BlobFile,
  axis: Axis,
  index: number,
  slot: number,
): Promise<Sliver | undefined> {
  if (!file.has(axis, slot)) return undefined
  const data = Buffer.alloc(sliverBytesOf(file.layout, axis))
  if (!(await file.read(axis, slot, data))) return undefined
  return { axis, index, symbolBytes: file.layout.symbolBytes, data }
}

function checkSystematic(file: BlobFile, axis: Axis, targets: readonly number[]): void {
  const { shards, unencodedLength } = file.metadata
  const bound = systematicSlivers(codeParameters(shards, unencodedLength), axis)
  const wrong = targets.find((target) => target >= bound)
  if (wrong === undefined) return
  throw symbolOutOfRange(
    `target sliver index out of range, requested target sliver index ${wrong}, ` +
      `max source sliver index ${bound}, requested sliver type ${axis}`,
  )
}
