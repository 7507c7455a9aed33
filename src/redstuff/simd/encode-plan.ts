import type { CodeParameters } from '../codec.ts'
import { AddressSpace } from '../pool/address-space.ts'
import { bandsOf } from './band.ts'
import type { EncodePlan } from './task.ts'

/** What an encoding is to leave in the arena. */
export interface EncodeWants {
  readonly slivers: boolean
  readonly hashes: boolean
}

/** Lays an encoding out from `base` on. */
export function planEncoding(
  parameters: CodeParameters,
  length: number,
  wants: EncodeWants,
  base: number,
): { readonly plan: EncodePlan; readonly bytes: number } {
  const { shards, symbolBytes, primarySymbols, secondarySymbols } = parameters
  const { primarySliverBytes, secondarySliverBytes } = parameters
  const space = new AddressSpace(base)
  const plan: EncodePlan = {
    shards,
    rows: primarySymbols,
    columns: secondarySymbols,
    symbolBytes,
    length,
    filledRows: Math.max(1, Math.ceil(length / primarySliverBytes)),
    hashes: wants.hashes ? space.reserve((shards * 2 + 1) * 32) : 0,
    subtrees: wants.hashes ? space.reserve(shards * bandsOf(shards) * 32) : 0,
    blob: space.reserve(primarySymbols * primarySliverBytes),
    recoveryColumns: space.reserve((shards - secondarySymbols) * secondarySliverBytes),
    recoveryRows: wants.slivers ? space.reserve((shards - primarySymbols) * primarySliverBytes) : 0,
  }
  return { plan, bytes: space.top }
}
