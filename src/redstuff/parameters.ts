import { CodecError } from './codec.ts'
import type { Axis, CodeParameters } from './codec.ts'

/** The longest symbol: the largest even u16. */
export const maxSymbolBytes = 65534
const maxShards = 65535

/** Shards that may be lost or lying: f of 3f + 1. */
export function toleratedFaults(shards: number): number {
  return Math.floor((shards - 1) / 3)
}

/** Throws `bad-shards` unless the code exists for this many shards. */
export function checkShards(shards: number): void {
  if (Number.isInteger(shards) && shards >= 4 && shards <= maxShards) return
  throw new CodecError('bad-shards', `the code needs 4 to ${maxShards} shards, not ${shards}`)
}

/** Bytes of the largest blob that fits this many shards. */
export function maxBlobBytes(shards: number): number {
  checkShards(shards)
  const faults = toleratedFaults(shards)
  return (shards - 2 * faults) * (shards - faults) * maxSymbolBytes
}

/**
 * The matrix for a blob of this many bytes. Throws {@link CodecError} `bad-shards` or `too-large`.
 */
export function codeParameters(shards: number, unencodedLength: number): CodeParameters {
  const most = maxBlobBytes(shards)
  if (!(unencodedLength >= 0 && unencodedLength <= most)) {
    throw new CodecError(
      'too-large',
      `${shards} shards hold blobs of up to ${most} bytes, not ${unencodedLength}`,
    )
  }
  const faults = toleratedFaults(shards)
  const primarySymbols = shards - 2 * faults
  const secondarySymbols = shards - faults
  const least = Math.ceil(Math.max(unencodedLength, 1) / (primarySymbols * secondarySymbols))
  const symbolBytes = least + (least % 2)
  return {
    shards,
    primarySymbols,
    secondarySymbols,
    symbolBytes,
    primarySliverBytes: secondarySymbols * symbolBytes,
    secondarySliverBytes: primarySymbols * symbolBytes,
  }
}

/** Bytes of one sliver of an axis. */
export function sliverBytes(parameters: CodeParameters, axis: Axis): number {
  return axis === 'primary' ? parameters.primarySliverBytes : parameters.secondarySliverBytes
}

/** Symbols in one sliver of an axis: so many crossing symbols rebuild it. */
export function symbolsPerSliver(parameters: CodeParameters, axis: Axis): number {
  return axis === 'primary' ? parameters.secondarySymbols : parameters.primarySymbols
}

/** Slivers of an axis that are plain blob bytes, and so many of any rebuild the blob. */
export function systematicSlivers(parameters: CodeParameters, axis: Axis): number {
  return axis === 'primary' ? parameters.primarySymbols : parameters.secondarySymbols
}
