import { CodecError } from '../codec.ts'
import type { Axis, BlobMetadata, CodeParameters, DecodingSymbol, Sliver } from '../codec.ts'
import { codeAlong } from '../erasure-code.ts'
import { AddressSpace } from '../pool/address-space.ts'
import { TurnTaker } from './copy.ts'
import { planRebuild, runAddresses } from './rebuild-plan.ts'
import type { RebuildPlan, Task } from './task.ts'
import { hashMatches } from './verify-job.ts'
import type { Bench, Layout } from './workshop.ts'

/** A stored sliver whose line is extended. */
export interface LinePlan {
  readonly sliver: number
  readonly recoveries: number
  /** 0: no leaf hashes. */
  readonly leaves: number
}

export function planLine(
  shards: number,
  source: Sliver,
  withLeaves: boolean,
  base: number,
): Layout<LinePlan> {
  const space = new AddressSpace(base)
  const { recoveries } = codeAlong(source.axis, shards)
  const plan = {
    sliver: space.reserve(source.data.length),
    recoveries: space.reserve(recoveries * source.symbolBytes),
    leaves: withLeaves ? space.reserve(shards * 32) : 0,
  }
  return { plan, bytes: space.top }
}

/** Symbol `target` of a sliver's line, and the leaf hashes of all of them. */
export async function runLine(
  { crew }: Bench,
  plan: LinePlan,
  source: Sliver,
  target: number,
  signal: AbortSignal,
): Promise<{ readonly data: Uint8Array; readonly leaves: Uint8Array }> {
  const { axis, symbolBytes, data } = source
  const { bytes, state } = crew.arena
  await new TurnTaker(signal).copy(data, bytes, plan.sliver)
  await crew.run({ kind: 'line', axis, symbolBytes, ...plan })
  const { originals } = codeAlong(axis, state.shards)
  const at =
    target < originals
      ? plan.sliver + target * symbolBytes
      : plan.recoveries + (target - originals) * symbolBytes
  const { leaves } = plan
  return {
    data: bytes.slice(at, at + symbolBytes),
    leaves: leaves === 0 ? new Uint8Array(0) : bytes.slice(leaves, leaves + state.shards * 32),
  }
}

/** A sliver that is rebuilt from symbols. */
export interface RecoverPlan {
  readonly rebuild: RebuildPlan
  readonly root: number
}

export function planRecover(
  parameters: CodeParameters,
  workers: number,
  axis: Axis,
  symbols: readonly DecodingSymbol[],
  base: number,
): Layout<RecoverPlan> {
  const space = new AddressSpace(base)
  const received = symbols.map(({ index }) => index)
  const step = parameters.symbolBytes
  const rebuild = planRebuild(space, workers, parameters, axis, received, step)
  const plan = { rebuild, root: space.reserve(32) }
  return { plan, bytes: space.top }
}

/** The rebuilt symbols, back to back, are the sliver. Throws `mismatch`. */
export async function runRecover(
  bench: Bench,
  metadata: BlobMetadata,
  { rebuild, root }: RecoverPlan,
  index: number,
  symbols: readonly DecodingSymbol[],
  signal: AbortSignal,
): Promise<Sliver> {
  const { crew } = bench
  const { bytes } = crew.arena
  const { axis, symbolBytes } = rebuild
  const { originals } = codeAlong(axis, metadata.shards)
  const turns = new TurnTaker(signal)
  for (const [k, at] of runAddresses(rebuild, originals).entries()) {
    await turns.copy(symbols[k]!.data, bytes, at)
  }
  const length = originals * symbolBytes
  const run = { axis, symbolBytes, at: rebuild.originals, step: length, roots: root }
  const tasks: Task[] = [
    { kind: 'rebuild', plan: rebuild, first: 0, end: 1 },
    {
      kind: 'sliver-hashes',
      axis,
      symbolBytes,
      slivers: run.at,
      step: length,
      first: 0,
      end: 1,
      out: root,
    },
  ]
  await crew.run({ kind: 'sequence', tasks })
  if (!hashMatches(bench, metadata, run, 0, index)) {
    throw new CodecError('mismatch', `${axis} sliver ${index} came out wrong: a symbol was false`)
  }
  const data = new Uint8Array(length)
  await turns.copy(bytes.subarray(run.at, run.at + length), data, 0)
  return { axis, index, symbolBytes, data }
}
