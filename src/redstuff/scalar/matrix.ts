import { hashBytes } from '../blake2b.ts'
import type { Axis, CodeParameters } from '../codec.ts'
import { codeAlong } from '../erasure-code.ts'
import type { ErasureCode } from '../erasure-code.ts'
import { leafHash, merkleRoot } from '../merkle.ts'
import { sliverBytes } from '../parameters.ts'
import { pairOfSliver } from '../sliver-pair.ts'
import { expand } from './expand.ts'
import { loadStrip, storeStrip, stripRows, stripsOf } from './strip.ts'

/** Code words lying in one array: symbol i of word k begins at k · wordStep + i · symbolStep. */
export interface Words {
  readonly bytes: Uint8Array
  readonly count: number
  readonly wordStep: number
  readonly symbolStep: number
  readonly symbolBytes: number
}

/** Extends each word from its originals by its recovery symbols. Yields between strips. */
export function* extendWords(code: ErasureCode, words: Words): Generator<void, void> {
  const { bytes, wordStep, symbolStep } = words
  for (const strip of stripsOf(words.count, words.symbolBytes)) {
    const run = (symbol: number) => ({ bytes, at: symbol * symbolStep, step: wordStep })
    const originals = stripRows(code.originals, strip)
    for (let k = 0; k < code.originals; k++) loadStrip(run(k), strip, originals, k)
    const recovered = expand(code, originals)
    for (let k = 0; k < code.recoveries; k++) {
      storeStrip(run(code.originals + k), strip, recovered, k)
    }
    yield
  }
}

/** A blob's whole matrix of n × n symbols, row by row. */
export function* extendBlob(
  parameters: CodeParameters,
  blob: Uint8Array,
): Generator<void, Uint8Array> {
  const { shards, symbolBytes, primarySymbols, primarySliverBytes } = parameters
  const rowBytes = shards * symbolBytes
  const bytes = new Uint8Array(shards * rowBytes)
  for (let row = 0; row < primarySymbols; row++) {
    const from = row * primarySliverBytes
    bytes.set(blob.subarray(from, from + primarySliverBytes), row * rowBytes)
  }
  const rows = { count: primarySymbols, wordStep: rowBytes, symbolStep: symbolBytes }
  yield* extendWords(codeAlong('primary', shards), { bytes, symbolBytes, ...rows })
  const columns = { count: shards, wordStep: symbolBytes, symbolStep: rowBytes }
  yield* extendWords(codeAlong('secondary', shards), { bytes, symbolBytes, ...columns })
  return bytes
}

/** The leaf hashes of symbols back to back. */
export function leafHashes(symbols: Uint8Array, symbolBytes: number): Uint8Array {
  const leaves = new Uint8Array((symbols.length / symbolBytes) * hashBytes)
  for (let at = 0, leaf = 0; at < symbols.length; at += symbolBytes, leaf += hashBytes) {
    leaves.set(leafHash(symbols.subarray(at, at + symbolBytes)), leaf)
  }
  return leaves
}

/** The column's leaves out of those of all rows. */
function columnLeaves(leaves: readonly Uint8Array[], column: number): Uint8Array {
  const own = new Uint8Array(leaves.length * hashBytes)
  const at = column * hashBytes
  leaves.forEach((row, k) => own.set(row.subarray(at, at + hashBytes), k * hashBytes))
  return own
}

/** The hashes of all slivers, by pair, from the matrix. */
export function* sliverHashes(
  parameters: CodeParameters,
  matrix: Uint8Array,
): Generator<void, Uint8Array> {
  const { shards, symbolBytes } = parameters
  const rowBytes = shards * symbolBytes
  const hashes = new Uint8Array(shards * 2 * hashBytes)
  const leaves: Uint8Array[] = []
  for (let row = 0; row < shards; row++) {
    const own = leafHashes(matrix.subarray(row * rowBytes, (row + 1) * rowBytes), symbolBytes)
    leaves.push(own)
    hashes.set(merkleRoot(own), row * 2 * hashBytes)
    yield
  }
  for (let column = 0; column < shards; column++) {
    const pair = pairOfSliver('secondary', column, shards)
    hashes.set(merkleRoot(columnLeaves(leaves, column)), (2 * pair + 1) * hashBytes)
    yield
  }
  return hashes
}

/** Copies one sliver out of the matrix. */
export function sliverOfMatrix(
  parameters: CodeParameters,
  matrix: Uint8Array,
  axis: Axis,
  index: number,
  into: Uint8Array,
): void {
  const { shards, symbolBytes } = parameters
  const rowBytes = shards * symbolBytes
  if (axis === 'primary') {
    into.set(matrix.subarray(index * rowBytes, index * rowBytes + sliverBytes(parameters, axis)))
    return
  }
  for (let row = 0; row < parameters.primarySymbols; row++) {
    const at = row * rowBytes + index * symbolBytes
    into.set(matrix.subarray(at, at + symbolBytes), row * symbolBytes)
  }
}
