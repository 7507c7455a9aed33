import type { Axis, CodeParameters } from '../codec.ts'
import { codeAlong } from '../erasure-code.ts'
import { directIsCheaper } from '../erasure-locator.ts'
import { roundUp } from '../pool/address-space.ts'
import type { AddressSpace } from '../pool/address-space.ts'
import { factorBytes } from './rebuild-steps.ts'
import type { RebuildPlan } from './task.ts'

let lastPlan = 0

/** Lays out a word whose symbols are runs of `step` bytes. */
export function planRebuild(
  space: AddressSpace,
  workers: number,
  parameters: CodeParameters,
  axis: Axis,
  received: readonly number[],
  step: number,
): RebuildPlan {
  const code = codeAlong(axis, parameters.shards)
  const missing = received.filter((index) => index >= code.originals).length
  const direct = directIsCheaper(code, missing)
  const each = roundUp(factorBytes(code.originals, missing, direct), 64)
  return {
    id: ++lastPlan,
    axis,
    symbolBytes: parameters.symbolBytes,
    received,
    originals: space.reserve(code.originals * step),
    recoveries: space.reserve(missing * step),
    step,
    factors: space.reserve(workers * each),
    factorBytes: each,
  }
}

/** Where the k-th received run belongs, in the order of `received`. */
export function runAddresses(plan: RebuildPlan, originals: number): number[] {
  let recovery = plan.recoveries
  return plan.received.map((index) => {
    if (index < originals) return plan.originals + index * plan.step
    recovery += plan.step
    return recovery - plan.step
  })
}
