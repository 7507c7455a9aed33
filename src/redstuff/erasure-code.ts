import type { Axis } from './codec.ts'
import { toleratedFaults } from './parameters.ts'

/**
 * A systematic Reed-Solomon code: K originals, R recovery symbols, each standing for the value of one
 * polynomial at a point of the field. Indices 0 … K−1 are the originals, K … K+R−1 the recovery symbols.
 */
export interface ErasureCode {
  readonly originals: number
  readonly recoveries: number
  /** Recovery symbols lie below the originals (at points 0 … R−1), not above. */
  readonly highRate: boolean
  /** Points of one transform, a power of two, and its logarithm. */
  readonly chunk: number
  readonly chunkBits: number
  /** Points that hold originals, recovery symbols or padding: 0 … points−1. */
  readonly points: number
}

/** The smallest power of two that is at least x. */
export function powerOfTwo(x: number): number {
  return x <= 1 ? 1 : 2 ** (32 - Math.clz32(x - 1))
}

/** The code with K originals and R recovery symbols, laid out as the official encoder does. */
export function erasureCode(originals: number, recoveries: number): ErasureCode {
  const [own, other] = [powerOfTwo(originals), powerOfTwo(recoveries)]
  // On equal powers of two the choice looks inverted; it is what the official encoder does.
  const highRate = own === other ? originals <= recoveries : own > other
  const chunk = highRate ? other : own
  return {
    originals,
    recoveries,
    highRate,
    chunk,
    chunkBits: 31 - Math.clz32(chunk),
    points: chunk + (highRate ? originals : recoveries),
  }
}

/** The code that extends a sliver of this axis along itself, from its symbols to all n. */
export function codeAlong(axis: Axis, shards: number): ErasureCode {
  const faults = toleratedFaults(shards)
  return axis === 'primary'
    ? erasureCode(shards - faults, faults)
    : erasureCode(shards - 2 * faults, 2 * faults)
}

/** The code that joins all n slivers of this axis, element by element. */
export function codeAcross(axis: Axis, shards: number): ErasureCode {
  return codeAlong(axis === 'primary' ? 'secondary' : 'primary', shards)
}

/** The point of a symbol of the code. */
export function pointOf(code: ErasureCode, index: number): number {
  const { originals, highRate, chunk } = code
  if (index < originals) return highRate ? chunk + index : index
  return highRate ? index - originals : chunk + index - originals
}
