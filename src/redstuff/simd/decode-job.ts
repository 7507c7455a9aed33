import type { Axis, CodeParameters, Sliver } from '../codec.ts'
import { codeAcross, codeAlong, powerOfTwo } from '../erasure-code.ts'
import { directIsCheaper } from '../erasure-locator.ts'
import { symbolsPerSliver } from '../parameters.ts'
import { AddressSpace } from '../pool/address-space.ts'
import { TurnTaker } from './copy.ts'
import { cutIntoTasks, rangesOf, rebuildNs } from './cost.ts'
import { planRebuild, runAddresses } from './rebuild-plan.ts'
import type { RebuildPlan } from './task.ts'
import type { Bench, Layout } from './workshop.ts'

/** Bytes of slivers that lie in the arena at once. */
const windowBytes = 160 << 20

/** Symbols [first, end) of every sliver. */
export interface DecodeWindow {
  readonly first: number
  readonly end: number
}

export interface DecodePlan {
  readonly axis: Axis
  readonly rebuild: RebuildPlan
  readonly missing: number
  readonly window: DecodeWindow
}

function crossing(axis: Axis): Axis {
  return axis === 'primary' ? 'secondary' : 'primary'
}

/** Cuts the slivers across, so that a window of them fits an arena. */
export function decodeWindows(
  parameters: CodeParameters,
  axis: Axis,
  slivers: readonly Sliver[],
): DecodeWindow[] {
  const { originals } = codeAcross(axis, parameters.shards)
  const recoveries = slivers.filter(({ index }) => index >= originals).length
  const perSymbol = (originals + recoveries) * parameters.symbolBytes
  const each = Math.max(1, Math.floor(windowBytes / perSymbol))
  return rangesOf(symbolsPerSliver(parameters, axis), each)
}

export function planDecode(
  parameters: CodeParameters,
  workers: number,
  axis: Axis,
  slivers: readonly Sliver[],
  window: DecodeWindow,
  base: number,
): Layout<DecodePlan> {
  const space = new AddressSpace(base)
  const received = slivers.map(({ index }) => index)
  const step = (window.end - window.first) * parameters.symbolBytes
  const rebuild = planRebuild(space, workers, parameters, crossing(axis), received, step)
  const { originals } = codeAlong(rebuild.axis, parameters.shards)
  const missing = received.filter((index) => index >= originals).length
  return { plan: { axis, rebuild, missing, window }, bytes: space.top }
}

async function rebuildMissing({ crew, workers }: Bench, plan: DecodePlan): Promise<void> {
  const { rebuild, missing, window } = plan
  if (missing === 0) return
  const code = codeAlong(rebuild.axis, crew.arena.state.shards)
  const symbols = window.end - window.first
  const direct = directIsCheaper(code, missing)
  const size = powerOfTwo(code.points)
  const ns = rebuildNs(code.originals, missing, size, rebuild.symbolBytes, direct)
  const ranges = cutIntoTasks(symbols, ns, workers)
  await crew.all(ranges.map((range) => ({ kind: 'rebuild', plan: rebuild, ...range })))
}

/** Rows of the window into the blob. */
async function copyRows(
  bytes: Uint8Array,
  parameters: CodeParameters,
  { rebuild, window }: DecodePlan,
  rows: Uint8Array,
  turns: TurnTaker,
): Promise<void> {
  const { primarySymbols, primarySliverBytes, symbolBytes } = parameters
  for (let row = 0; row < primarySymbols; row++) {
    const from = rebuild.originals + row * rebuild.step
    const to = row * primarySliverBytes + window.first * symbolBytes
    await turns.copy(bytes.subarray(from, from + rebuild.step), rows, to)
  }
}

function copySymbol(from: Uint8Array, at: number, to: Uint8Array, place: number, length: number) {
  if (length > 16) {
    to.set(from.subarray(at, at + length), place)
    return
  }
  for (let k = 0; k < length; k++) to[place + k] = from[at + k]!
}

/** Columns of the window into the blob's rows. */
async function copyColumns(
  bytes: Uint8Array,
  parameters: CodeParameters,
  { rebuild, window }: DecodePlan,
  rows: Uint8Array,
  turns: TurnTaker,
): Promise<void> {
  const { secondarySymbols, symbolBytes } = parameters
  for (let row = window.first; row < window.end; row++) {
    let to = row * secondarySymbols * symbolBytes
    let from = rebuild.originals + (row - window.first) * symbolBytes
    for (let column = 0; column < secondarySymbols; column++) {
      copySymbol(bytes, from, rows, to, symbolBytes)
      from += rebuild.step
      to += symbolBytes
    }
    // A symbol costs as much as some hundred bytes copied in one go.
    await turns.copied(secondarySymbols * (symbolBytes + 200))
  }
}

/** Rebuilds a window of the slivers and puts it where it belongs in the blob's padded rows. */
export async function runDecode(
  bench: Bench,
  parameters: CodeParameters,
  plan: DecodePlan,
  slivers: readonly Sliver[],
  rows: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const { bytes } = bench.crew.arena
  const { axis, rebuild, window } = plan
  const turns = new TurnTaker(signal)
  const { originals } = codeAlong(rebuild.axis, parameters.shards)
  const at = window.first * parameters.symbolBytes
  for (const [k, address] of runAddresses(rebuild, originals).entries()) {
    await turns.copy(slivers[k]!.data.subarray(at, at + rebuild.step), bytes, address)
  }
  await rebuildMissing(bench, plan)
  const copy = axis === 'primary' ? copyRows : copyColumns
  await copy(bytes, parameters, plan, rows, turns)
}
