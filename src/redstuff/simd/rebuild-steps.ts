import { codeAlong, powerOfTwo } from '../erasure-code.ts'
import { directFactor, directIsCheaper, planErasures } from '../erasure-locator.ts'
import type { ErasurePlan, LocatedSymbol } from '../erasure-locator.ts'
import { exponents, fieldOrder } from '../field.ts'
import { generalEntryBytes, writeGeneralEntry } from '../kernel/tables.ts'
import { partEnd, perStep, rebuildNs } from './cost.ts'
import type { RebuildPlan, RebuildTask } from './task.ts'
import type { Workspace } from './workspace.ts'

/** u32 point, u32 address of the run, u32 address of its factor (or its K factors). */
const listEntryBytes = 12

/** Bytes for the lists and factors by which `missing` originals are rebuilt. */
export function factorBytes(originals: number, missing: number, direct: boolean): number {
  const factors = direct ? originals * missing : originals + missing
  return (originals + missing) * listEntryBytes + factors * generalEntryBytes + 256
}

/** A plan with its numbers, as the kernel wants them. */
class Lists {
  readonly #space: Workspace
  readonly #plan: RebuildPlan
  readonly #erasures: ErasurePlan
  readonly received: number
  readonly missing: number
  readonly #factors: number

  constructor(space: Workspace, plan: RebuildPlan, erasures: ErasurePlan) {
    this.#space = space
    this.#plan = plan
    this.#erasures = erasures
    this.received = plan.factors + space.worker * plan.factorBytes
    this.missing = this.received + erasures.received.length * listEntryBytes
    const listsEnd = this.missing + erasures.missing.length * listEntryBytes
    this.#factors = Math.ceil(listsEnd / 64) * 64
  }

  /** Each missing run as a sum over all received ones. */
  writeDirect(): void {
    const { received, missing } = this.#erasures
    const each = received.length * generalEntryBytes
    this.#writeRuns(0, each)
    missing.forEach((one, row) => {
      received.forEach((known, k) => {
        const at = this.#factors + row * each + k * generalEntryBytes
        writeGeneralEntry(this.#space.bytes, at, directFactor(known, one))
      })
    })
  }

  /** Received runs times their locator, missing ones times its inverse. */
  writeTransform(): void {
    const { received, missing } = this.#erasures
    const count = received.length
    this.#writeRuns(generalEntryBytes, generalEntryBytes, count * generalEntryBytes)
    received.forEach(({ logLocator }, k) => this.#writeFactor(k, exponents[logLocator]!))
    missing.forEach(({ logLocator }, k) => {
      this.#writeFactor(count + k, exponents[fieldOrder - logLocator]!)
    })
  }

  #writeFactor(entry: number, factor: number): void {
    writeGeneralEntry(this.#space.bytes, this.#factors + entry * generalEntryBytes, factor)
  }

  #writeRuns(receivedStep: number, missingStep: number, missingAt = 0): void {
    const { originals, recoveries, step } = this.#plan
    const { received, missing } = this.#erasures
    const count = received.length
    let recovery = recoveries
    received.forEach((symbol, k) => {
      const isOriginal = symbol.index < count
      const run = isOriginal ? originals + symbol.index * step : recovery
      if (!isOriginal) recovery += step
      this.#writeRun(this.received, k, symbol, run, this.#factors + k * receivedStep)
    })
    missing.forEach((symbol, k) => {
      const factor = this.#factors + missingAt + k * missingStep
      this.#writeRun(this.missing, k, symbol, originals + symbol.index * step, factor)
    })
  }

  #writeRun(list: number, k: number, symbol: LocatedSymbol, run: number, factor: number): void {
    const { buffer } = this.#space.bytes
    new Uint32Array(buffer, list + k * listEntryBytes, 3).set([symbol.point, run, factor])
  }
}

/** One past the highest point of these. */
function pointsEnd(symbols: readonly LocatedSymbol[]): number {
  return symbols.reduce((end, { point }) => Math.max(end, point + 1), 0)
}

/** What the kernel was set to last in a workspace. */
interface Prepared {
  readonly plan: number
  readonly symbolNs: number
}

const preparedOf = new WeakMap<Workspace, Prepared>()

/** Works out the factors, unless the workspace still has them, and answers what one symbol costs. */
function prepare(space: Workspace, plan: RebuildPlan): number {
  const known = preparedOf.get(space)
  if (known?.plan === plan.id) return known.symbolNs
  const code = codeAlong(plan.axis, space.shards)
  const erasures = planErasures(code, plan.received)
  const { received, missing } = erasures
  const direct = directIsCheaper(code, missing.length)
  const lists = new Lists(space, plan, erasures)
  if (direct) lists.writeDirect()
  else lists.writeTransform()
  const size = powerOfTwo(code.points)
  space.kernel.setRebuild(
    lists.received,
    received.length,
    lists.missing,
    missing.length,
    plan.symbolBytes,
    direct ? 0 : size,
    pointsEnd(received),
    pointsEnd(missing),
    space.at('work'),
  )
  const symbolNs = rebuildNs(received.length, missing.length, size, plan.symbolBytes, direct)
  preparedOf.set(space, { plan: plan.id, symbolNs })
  return symbolNs
}

/** Rebuilds a range of symbols of every missing run. */
export function* rebuildSteps(
  space: Workspace,
  { plan, first, end }: RebuildTask,
): Generator<void, void> {
  const symbolNs = prepare(space, plan)
  yield
  const together = perStep(symbolNs)
  for (let symbol = first; symbol < end; symbol += together) {
    const count = Math.min(together, end - symbol)
    for (let from = 0; from < plan.symbolBytes;) {
      const to = partEnd(plan.symbolBytes, count * symbolNs, from)
      space.kernel.rebuild(symbol, count, from, to)
      from = to
      yield
    }
  }
}
