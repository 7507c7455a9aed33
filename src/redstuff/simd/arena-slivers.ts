import type { Axis, BlobMetadata, EncodedSlivers } from '../codec.ts'
import { codeParameters, sliverBytes } from '../parameters.ts'
import type { Arena } from '../pool/arena.ts'
import { blankSliverBcs } from '../sliver-bcs.ts'
import { sliverOfPair } from '../sliver-pair.ts'
import { copyBytes } from './copy.ts'
import type { EncodePlan } from './task.ts'

/** Slivers cut out of the arena in which they were encoded. */
export class ArenaSlivers implements EncodedSlivers {
  readonly metadata: BlobMetadata
  readonly #plan: EncodePlan
  readonly #onRelease: () => void
  #arena: Arena | undefined

  constructor(metadata: BlobMetadata, plan: EncodePlan, arena: Arena, onRelease: () => void) {
    this.metadata = metadata
    this.#plan = plan
    this.#arena = arena
    this.#onRelease = onRelease
  }

  sliverBcs(pair: number, axis: Axis, into?: Uint8Array): Uint8Array {
    if (!this.#arena) throw new Error('the slivers have been released')
    const { shards, unencodedLength } = this.metadata
    const parameters = codeParameters(shards, unencodedLength)
    const index = sliverOfPair(axis, pair, shards)
    const length = sliverBytes(parameters, axis)
    const { bcs, data } = blankSliverBcs(index, parameters.symbolBytes, length, into)
    if (axis === 'primary') this.#copyRow(this.#arena.bytes, index, data)
    else this.#copyColumn(this.#arena.bytes, index, data)
    return bcs
  }

  release(): void {
    if (!this.#arena) return
    this.#arena = undefined
    this.#onRelease()
  }

  /** Rows past the blob's end stay the zeros they are in new bytes: the arena holds nothing for them. */
  #copyRow(bytes: Uint8Array, row: number, into: Uint8Array): void {
    const { blob, recoveryRows, rows, filledRows } = this.#plan
    if (row >= filledRows && row < rows) return
    const at = row < rows ? blob + row * into.length : recoveryRows + (row - rows) * into.length
    copyBytes(bytes, at, at + into.length, into, 0)
  }

  #copyColumn(bytes: Uint8Array, column: number, into: Uint8Array): void {
    const { blob, recoveryColumns, columns, rows, filledRows, symbolBytes } = this.#plan
    if (column >= columns) {
      const at = recoveryColumns + (column - columns) * rows * symbolBytes
      copyBytes(bytes, at, at + filledRows * symbolBytes, into, 0)
      return
    }
    const step = columns * symbolBytes
    gather(bytes, blob + column * symbolBytes, step, filledRows, symbolBytes, into)
  }
}

/** Copies `count` pieces, `step` apart, back to back. */
function gather(
  bytes: Uint8Array,
  at: number,
  step: number,
  count: number,
  pieceBytes: number,
  into: Uint8Array,
): void {
  if (pieceBytes >= 32) {
    for (let k = 0, from = at; k < count; k++, from += step) {
      copyBytes(bytes, from, from + pieceBytes, into, k * pieceBytes)
    }
    return
  }
  for (let k = 0, from = at, to = 0; k < count; k++, from += step) {
    for (let byte = 0; byte < pieceBytes; byte++) into[to++] = bytes[from + byte]!
  }
}
