import type { BlobMetadata, DecodeOptions, Sliver } from '../codec.ts'
import { chooseSlivers } from '../given.ts'
import { codeParameters } from '../parameters.ts'
import { TurnTaker } from './copy.ts'
import { DecodeJob, planDecode } from './decode-job.ts'
import type { Workshop } from './workshop.ts'

/** A blob, and those of its rows that nobody has vouched for yet. */
export interface DecodedBlob {
  readonly blob: Uint8Array
  readonly unchecked: readonly Sliver[]
}

/** Nothing is missing: the rows are the blob. */
async function joinRows(
  rows: readonly Sliver[],
  padded: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted()
  const turns = new TurnTaker(signal)
  for (const { index, data } of rows) await turns.copy(data, padded, index * data.length)
}

/** The blob from enough slivers of one axis. Throws `too-few`. */
export async function decodeBlob(
  workshop: Workshop,
  metadata: BlobMetadata,
  slivers: readonly Sliver[],
  signal: AbortSignal,
  options: DecodeOptions,
): Promise<DecodedBlob> {
  const { shards, unencodedLength } = metadata
  const parameters = codeParameters(shards, unencodedLength)
  const { primarySymbols, primarySliverBytes, symbolBytes } = parameters
  const { axis, chosen } = chooseSlivers(parameters, slivers)
  const padded = workshop.blank(primarySymbols * primarySliverBytes)
  if (axis === 'primary' && chosen.at(-1)!.index < primarySymbols) {
    await joinRows(chosen, padded, signal)
  } else {
    await workshop.run(
      shards,
      (base) => planDecode(parameters, workshop.pool.workers, axis, chosen, base),
      (bench, plan) => new DecodeJob(bench, parameters, plan, chosen, padded, signal).run(),
      signal,
      options,
    )
  }
  const trusted = options.verified === true && axis === 'primary'
  const vouched = new Set(trusted ? chosen.map(({ index }) => index) : [])
  const rows = Array.from({ length: primarySymbols }, (_, index): Sliver => {
    const at = index * primarySliverBytes
    const data = padded.subarray(at, at + primarySliverBytes)
    return { axis: 'primary', index, symbolBytes, data }
  })
  return {
    blob: padded.subarray(0, unencodedLength),
    unchecked: rows.filter(({ index }) => !vouched.has(index)),
  }
}
