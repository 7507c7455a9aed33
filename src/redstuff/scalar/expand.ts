import type { ErasureCode } from '../erasure-code.ts'
import { inverseTransform, rowsFrom, transform, zeroRows } from './transform.ts'
import type { Rows } from './transform.ts'

/** Originals above the recovery symbols: all chunks' coefficients are summed, then evaluated below. */
function expandHighRate(code: ErasureCode, originals: Rows): Rows {
  const { chunk, originals: count } = code
  const { width } = originals
  const sum = zeroRows(chunk, width)
  const part = zeroRows(chunk, width)
  for (let first = 0; first < count; first += chunk) {
    const last = Math.min(first + chunk, count)
    part.elements.fill(0)
    part.elements.set(originals.elements.subarray(first * width, last * width))
    inverseTransform(part, chunk, chunk + first)
    for (let k = 0; k < sum.elements.length; k++) sum.elements[k]! ^= part.elements[k]!
  }
  transform(sum, chunk, 0)
  return sum
}

/** Originals below the recovery symbols: one set of coefficients, evaluated chunk by chunk above. */
function expandLowRate(code: ErasureCode, originals: Rows): Rows {
  const { chunk, recoveries, originals: count } = code
  const { width } = originals
  const chunks = Math.ceil(recoveries / chunk)
  const out = zeroRows(chunks * chunk, width)
  const coefficients = out.elements.subarray(0, chunk * width)
  coefficients.set(originals.elements.subarray(0, count * width))
  inverseTransform(out, chunk, 0)
  for (let k = 1; k < chunks; k++) out.elements.set(coefficients, k * chunk * width)
  for (let k = 0; k < chunks; k++) transform(rowsFrom(out, k * chunk), chunk, chunk * (k + 1))
  return out
}

/** The recovery symbols of K originals, as the first R rows of the result. */
export function expand(code: ErasureCode, originals: Rows): Rows {
  return code.highRate ? expandHighRate(code, originals) : expandLowRate(code, originals)
}
