import type { Axis, CodeParameters, Sliver } from '../codec.ts'
import { codeAcross, codeAlong, powerOfTwo } from '../erasure-code.ts'
import { directIsCheaper } from '../erasure-locator.ts'
import { symbolsPerSliver } from '../parameters.ts'
import { AddressSpace } from '../pool/address-space.ts'
import { copyBytes, TurnTaker } from './copy.ts'
import { cutIntoTasks, rangesOf, rebuildNs } from './cost.ts'
import { planRebuild, runAddresses } from './rebuild-plan.ts'
import type { RebuildPlan } from './task.ts'
import type { Bench, Layout } from './workshop.ts'

/** Windows in the arena: while the workers are at some, another one is filled or read. */
const slots = 3
/** Bytes of slivers in a window, unless one symbol of each takes more. */
const windowBytes = 12 << 20

/** Symbols [first, end) of every sliver. */
interface DecodeWindow {
  readonly first: number
  readonly end: number
}

export interface DecodePlan {
  readonly axis: Axis
  readonly rebuild: RebuildPlan
  /** Symbols of every sliver that a slot has room for; each run of the word holds that many for all slots, in turn. */
  readonly slotSymbols: number
}

function crossing(axis: Axis): Axis {
  return axis === 'primary' ? 'secondary' : 'primary'
}

export function planDecode(
  parameters: CodeParameters,
  workers: number,
  axis: Axis,
  slivers: readonly Sliver[],
  base: number,
): Layout<DecodePlan> {
  const { originals } = codeAcross(axis, parameters.shards)
  const received = slivers.map(({ index }) => index)
  const missing = received.filter((index) => index >= originals).length
  const perSymbol = (originals + missing) * parameters.symbolBytes
  const symbols = symbolsPerSliver(parameters, axis)
  const slotSymbols = Math.max(1, Math.min(symbols, Math.floor(windowBytes / perSymbol)))
  const step = Math.min(symbols, slots * slotSymbols) * parameters.symbolBytes
  const space = new AddressSpace(base)
  const rebuild = planRebuild(space, workers, parameters, crossing(axis), received, step)
  return { plan: { axis, rebuild, slotSymbols }, bytes: space.top }
}

/** Rebuilds what is missing of the slivers and puts everything where it belongs in the blob's padded rows. */
export class DecodeJob {
  readonly #bench: Bench
  readonly #parameters: CodeParameters
  readonly #plan: DecodePlan
  readonly #slivers: readonly Sliver[]
  readonly #rows: Uint8Array
  readonly #turns: TurnTaker
  /** Where the k-th sliver's run begins in the arena. */
  readonly #runs: readonly number[]
  /** Systematic slivers that were not received. */
  readonly #missing: readonly number[]

  constructor(
    bench: Bench,
    parameters: CodeParameters,
    plan: DecodePlan,
    slivers: readonly Sliver[],
    rows: Uint8Array,
    signal: AbortSignal,
  ) {
    this.#bench = bench
    this.#parameters = parameters
    this.#plan = plan
    this.#slivers = slivers
    this.#rows = rows
    this.#turns = new TurnTaker(signal)
    const { originals } = codeAcross(plan.axis, parameters.shards)
    this.#runs = runAddresses(plan.rebuild, originals)
    const received = new Set(plan.rebuild.received)
    const systematic = Array.from({ length: originals }, (_, index) => index)
    this.#missing = systematic.filter((index) => !received.has(index))
  }

  /** Window by window: the slivers in, the missing ones rebuilt by the workers, and out. */
  async run(): Promise<void> {
    const { axis, slotSymbols } = this.#plan
    const windows = rangesOf(symbolsPerSliver(this.#parameters, axis), slotSymbols)
    const rebuilt: Promise<void>[] = []
    const finish = async (k: number): Promise<void> => {
      await rebuilt[k]
      await this.#takeOut(windows[k]!, this.#slotOf(k))
    }
    for (const [k, window] of windows.entries()) {
      if (k >= slots) await finish(k - slots)
      await this.#putIn(window, this.#slotOf(k))
      const work = this.#rebuild(window, this.#slotOf(k))
      work.catch(() => {})
      rebuilt.push(work)
    }
    for (let k = Math.max(0, windows.length - slots); k < windows.length; k++) await finish(k)
  }

  /** The first symbol of a window's place in each run. */
  #slotOf(window: number): number {
    return (window % slots) * this.#plan.slotSymbols
  }

  /** The slivers' symbols of the window into the arena; rows of the blob are also put where they belong. */
  async #putIn(window: DecodeWindow, slot: number): Promise<void> {
    const { symbolBytes, primarySymbols, primarySliverBytes } = this.#parameters
    const { bytes } = this.#bench.crew.arena
    const [from, to] = [window.first * symbolBytes, window.end * symbolBytes]
    for (const [k, { axis, index, data }] of this.#slivers.entries()) {
      const piece = data.subarray(from, to)
      await this.#turns.copy(piece, bytes, this.#runs[k]! + slot * symbolBytes)
      if (axis !== 'primary' || index >= primarySymbols) continue
      await this.#turns.copy(piece, this.#rows, index * primarySliverBytes + from)
    }
  }

  async #rebuild({ first, end }: DecodeWindow, slot: number): Promise<void> {
    const missing = this.#missing.length
    if (missing === 0) return
    const { crew, workers } = this.#bench
    const plan = this.#plan.rebuild
    const code = codeAlong(plan.axis, crew.arena.state.shards)
    const direct = directIsCheaper(code, missing)
    const ns = rebuildNs(code.originals, missing, powerOfTwo(code.points), plan.symbolBytes, direct)
    const ranges = cutIntoTasks(end - first, ns, workers)
    await crew.all(
      ranges.map((range) => ({
        kind: 'rebuild',
        plan,
        first: slot + range.first,
        end: slot + range.end,
      })),
    )
  }

  async #takeOut(window: DecodeWindow, slot: number): Promise<void> {
    if (this.#plan.axis === 'primary') await this.#copyRows(window, slot)
    else await this.#copyColumns(window, slot)
  }

  /** The rows that were missing into the blob. */
  async #copyRows({ first, end }: DecodeWindow, slot: number): Promise<void> {
    const { primarySliverBytes, symbolBytes } = this.#parameters
    const { originals, step } = this.#plan.rebuild
    const { bytes } = this.#bench.crew.arena
    for (const row of this.#missing) {
      const from = originals + row * step + slot * symbolBytes
      const piece = bytes.subarray(from, from + (end - first) * symbolBytes)
      await this.#turns.copy(piece, this.#rows, row * primarySliverBytes + first * symbolBytes)
    }
  }

  /** All columns into the blob's rows. */
  async #copyColumns({ first, end }: DecodeWindow, slot: number): Promise<void> {
    const { secondarySymbols, symbolBytes } = this.#parameters
    const { originals, step } = this.#plan.rebuild
    const { bytes } = this.#bench.crew.arena
    for (let row = first; row < end; row++) {
      let to = row * secondarySymbols * symbolBytes
      let from = originals + (slot + row - first) * symbolBytes
      for (let column = 0; column < secondarySymbols; column++) {
        copySymbol(bytes, from, this.#rows, to, symbolBytes)
        from += step
        to += symbolBytes
      }
      // A symbol costs as much as some hundred bytes copied in one go.
      await this.#turns.copied(secondarySymbols * (symbolBytes + 200))
    }
  }
}

function copySymbol(from: Uint8Array, at: number, to: Uint8Array, place: number, length: number) {
  if (length > 16) {
    copyBytes(from, at, at + length, to, place)
    return
  }
  for (let k = 0; k < length; k++) to[place + k] = from[at + k]!
}
