import type { ErasureCode } from './erasure-code.ts'
import { pointOf, powerOfTwo } from './erasure-code.ts'
import { exponents, fieldOrder, logarithms } from './field.ts'

/** A symbol of a code word with its point and its locator value (both as logarithms where said so). */
export interface LocatedSymbol {
  readonly index: number
  readonly point: number
  /** Logarithm of E(point). */
  readonly logLocator: number
}

/** What rebuilds the missing originals of a code word from K received symbols. */
export interface ErasurePlan {
  readonly received: readonly LocatedSymbol[]
  readonly missing: readonly LocatedSymbol[]
  /** Points of the transform that covers the whole word. */
  readonly size: number
}

function productOfDifferences(points: readonly number[], from: number): number {
  let sum = 0
  for (const point of points) if (point !== from) sum += logarithms[point ^ from]!
  return sum % fieldOrder
}

/** In the high rate: every point of the word without a value, those never sent included. */
function unknownPoints(code: ErasureCode, received: ReadonlySet<number>): number[] {
  const points: number[] = []
  for (let index = 0; index < code.originals + code.recoveries; index++) {
    if (!received.has(index)) points.push(pointOf(code, index))
  }
  for (let point = code.recoveries; point < code.chunk; point++) points.push(point)
  return points
}

/** In the low rate: the received points and the padding between originals and recovery symbols. */
function knownPoints(code: ErasureCode, received: readonly number[]): number[] {
  const points = received.map((index) => pointOf(code, index))
  for (let point = code.originals; point < code.chunk; point++) points.push(point)
  return points
}

function locatorOf(code: ErasureCode, received: readonly number[]): (point: number) => number {
  if (code.highRate) {
    const points = unknownPoints(code, new Set(received))
    return (point) => productOfDifferences(points, point)
  }
  const points = knownPoints(code, received)
  return (point) => (fieldOrder - productOfDifferences(points, point)) % fieldOrder
}

/** Plans the rebuilding of the missing originals from exactly K different received indices. */
export function planErasures(code: ErasureCode, received: readonly number[]): ErasurePlan {
  const logLocator = locatorOf(code, received)
  const locate = (index: number): LocatedSymbol => {
    const point = pointOf(code, index)
    return { index, point, logLocator: logLocator(point) }
  }
  const present = new Set(received)
  const missing: number[] = []
  for (let index = 0; index < code.originals; index++) if (!present.has(index)) missing.push(index)
  return {
    received: received.map(locate),
    missing: missing.map(locate),
    size: powerOfTwo(code.points),
  }
}

/** The factor of a received symbol in the sum that gives a missing one. */
export function directFactor(received: LocatedSymbol, missing: LocatedSymbol): number {
  const logarithm =
    received.logLocator +
    2 * fieldOrder -
    missing.logLocator -
    logarithms[received.point ^ missing.point]!
  return exponents[logarithm % fieldOrder]!
}

/**
 * As many missing symbols as are summed directly, which then costs less than two transforms: few, or the code is small. The
 * unit is one multiplication of a row.
 */
export function mostDirect(code: ErasureCode): number {
  const size = powerOfTwo(code.points)
  const fewer = Math.ceil((3 * (size / 2) * Math.log2(size)) / code.originals) - 1
  return Math.min(fewer, code.originals)
}

export function directIsCheaper(code: ErasureCode, missing: number): boolean {
  return missing <= mostDirect(code)
}
