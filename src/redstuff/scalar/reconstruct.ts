import { directFactor } from '../erasure-locator.ts'
import type { ErasurePlan } from '../erasure-locator.ts'
import { exponents, fieldOrder } from '../field.ts'
import { addScaled, derive, inverseTransform, transform, zeroRows } from './transform.ts'
import type { Rows } from './transform.ts'

/** target ^= factor · source between two sets of rows. */
function addRowScaled(
  target: Rows,
  targetRow: number,
  source: Rows,
  sourceRow: number,
  factor: number,
): void {
  const { width } = target
  addScaled(target.elements, targetRow * width, source.elements, sourceRow * width, width, factor)
}

/** Each missing original as a sum over the received symbols. */
export function reconstructDirectly(plan: ErasurePlan, received: Rows): Rows {
  const out = zeroRows(plan.missing.length, received.width)
  plan.missing.forEach((missing, row) => {
    plan.received.forEach((known, k) => {
      addRowScaled(out, row, received, k, directFactor(known, missing))
    })
  })
  return out
}

/** The same by two transforms and a derivative: cheaper when many are missing. */
export function reconstructByTransform(plan: ErasurePlan, received: Rows): Rows {
  const word = zeroRows(plan.size, received.width)
  plan.received.forEach((known, k) => {
    addRowScaled(word, known.point, received, k, exponents[known.logLocator]!)
  })
  inverseTransform(word, plan.size, 0)
  derive(word, plan.size)
  transform(word, plan.size, 0)
  const out = zeroRows(plan.missing.length, received.width)
  plan.missing.forEach((missing, row) => {
    addRowScaled(out, row, word, missing.point, exponents[fieldOrder - missing.logLocator]!)
  })
  return out
}
