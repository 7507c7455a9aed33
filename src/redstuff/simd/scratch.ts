import { codeAlong, powerOfTwo } from '../erasure-code.ts'
import type { ErasureCode } from '../erasure-code.ts'
import { mostDirect } from '../erasure-locator.ts'
import { maxSymbolBytes } from '../parameters.ts'
import { directStripBytes, restBytes, stateBytes, stripBytes } from '../kernel/kernel.ts'
import { basisTableBytes, generalEntryBytes, subfieldTableBytes } from '../kernel/tables.ts'
import { AddressSpace, roundUp } from '../pool/address-space.ts'

/** Working memory of one worker in one arena; all are offsets from its beginning. It depends on the shards only. */
export interface Scratch {
  readonly hashing: number
  readonly basis: number
  readonly subfield: number
  readonly general: number
  /** Factors below this have a general table. */
  readonly generalEnd: number
  readonly emptyNode: number
  /** Hashes of trees of zero symbols, from the leaf up. */
  readonly equalNodes: number
  /** Leaf hashes of all symbols of two bytes, 0 where there are too few symbols for it to pay. */
  readonly leafTable: number
  /** Leaf hashes of `linesAtOnce` lines, n to each. */
  readonly leaves: number
  /** Half a line's hashes. */
  readonly nodes: number
  /** Chaining values of a line's unfinished leaves. */
  readonly states: number
  /** A strip of each recovery symbol of a line, `windowStep` apart. */
  readonly window: number
  /** Rows of elements for the transforms, a row and sums of a rebuilding, or one symbol of zeros. */
  readonly work: number
  readonly bytes: number
}

/** Columns of the matrix that are done together: their leaves are hashed up to one node per row at once. */
export function bandColumns(shards: number): number {
  return Math.min(16, 2 ** Math.floor(Math.log2(Math.max(1, shards / 32))))
}

/** Lines whose leaves fit the scratch. */
export function linesAtOnce(shards: number): number {
  return Math.max(4, bandColumns(shards))
}

/** From one recovery symbol's strip to the next in the window; the byte before a strip is kept, too. */
export const windowStep: number = stripBytes + restBytes + 64

export const equalLevels = 17

function expandRows({ highRate, chunk, originals, recoveries }: ErasureCode): number {
  return highRate ? roundUp(originals, chunk) : chunk + roundUp(recoveries, chunk)
}

/** The layout for this many shards. */
export function scratchLayout(shards: number): Scratch {
  const codes = [codeAlong('primary', shards), codeAlong('secondary', shards)]
  const points = Math.max(...codes.map((code) => powerOfTwo(code.points)))
  const rows = Math.max(points + 1, ...codes.map(expandRows))
  const sums = 1 + Math.max(...codes.map(mostDirect))
  const space = new AddressSpace(0)
  const leafTablePays = shards >= 200
  return {
    hashing: space.reserve(2048),
    basis: space.reserve(basisTableBytes),
    subfield: space.reserve(subfieldTableBytes),
    generalEnd: 2 * points,
    general: space.reserve(points * generalEntryBytes),
    emptyNode: space.reserve(32),
    equalNodes: space.reserve((equalLevels + 1) * 32),
    leafTable: leafTablePays ? space.reserve(65538 * 32) : 0,
    leaves: space.reserve(linesAtOnce(shards) * shards * 32),
    nodes: space.reserve(roundUp(shards, 2) * 16 + 64),
    states: space.reserve((shards / 3 + 3) * stateBytes),
    window: space.reserve(64 + shards * windowStep) + 64,
    work: space.reserve(
      Math.max(
        rows * (stripBytes + restBytes),
        sums * (directStripBytes + restBytes),
        maxSymbolBytes,
      ),
    ),
    bytes: roundUp(space.top, 4096),
  }
}

/** Where an arena's scratch begins: the first page is left alone. */
const scratchBase = 65536

/** The address of a worker's scratch; that of the worker after the last is where an arena's free memory begins. */
export function scratchAt(scratch: Scratch, worker: number): number {
  return scratchBase + worker * scratch.bytes
}
