import { CodecError } from './codec.ts'
import type { Axis, CodeParameters, DecodingSymbol, Sliver } from './codec.ts'
import { sliverBytes, symbolsPerSliver, systematicSlivers } from './parameters.ts'

/** Whether the sliver has the index and lengths that a sliver of this blob has. */
export function sliverFits(parameters: CodeParameters, sliver: Sliver): boolean {
  return (
    sliver.index >= 0 &&
    sliver.index < parameters.shards &&
    sliver.symbolBytes === parameters.symbolBytes &&
    sliver.data.length === sliverBytes(parameters, sliver.axis)
  )
}

/** The first `count` of different index, those with the lowest indices first: they need the least work. */
function pick<T extends { readonly index: number }>(given: readonly T[], count: number): T[] {
  const byIndex = new Map<number, T>()
  for (const one of given) if (!byIndex.has(one.index)) byIndex.set(one.index, one)
  return [...byIndex.values()].toSorted((a, b) => a.index - b.index).slice(0, count)
}

/** The slivers to decode from: of the axis that has enough. Throws `too-few`. */
export function chooseSlivers(
  parameters: CodeParameters,
  slivers: readonly Sliver[],
): { readonly axis: Axis; readonly chosen: readonly Sliver[] } {
  const fitting = slivers.filter((sliver) => sliverFits(parameters, sliver))
  const counts = (['primary', 'secondary'] as const).map((axis) => {
    const needed = systematicSlivers(parameters, axis)
    const own = fitting.filter((sliver) => sliver.axis === axis)
    return { axis, needed, chosen: pick(own, needed) }
  })
  const enough = counts.find(({ needed, chosen }) => chosen.length === needed)
  if (enough) return enough
  const had = counts.map(({ axis, needed, chosen }) => `${chosen.length} of ${needed} ${axis}`)
  throw new CodecError('too-few', `not enough slivers to decode the blob: ${had.join(', ')}`)
}

/** The symbols to recover a sliver from. Throws `too-few`. */
export function chooseSymbols(
  parameters: CodeParameters,
  axis: Axis,
  symbols: readonly DecodingSymbol[],
): DecodingSymbol[] {
  const { shards, symbolBytes } = parameters
  const needed = symbolsPerSliver(parameters, axis)
  const fitting = symbols.filter(
    ({ index, data }) => index >= 0 && index < shards && data.length === symbolBytes,
  )
  const chosen = pick(fitting, needed)
  if (chosen.length === needed) return chosen
  throw new CodecError(
    'too-few',
    `not enough symbols to recover a ${axis} sliver: ${chosen.length} of ${needed}`,
  )
}

/** Throws `mismatch` unless a stored sliver has the length that its axis and symbol size ask for. */
export function checkStoredSliver(shards: number, source: Sliver, target: number): void {
  const faults = Math.floor((shards - 1) / 3)
  const symbols = source.axis === 'primary' ? shards - faults : shards - 2 * faults
  if (source.symbolBytes <= 0 || source.symbolBytes % 2 !== 0) {
    throw new CodecError('mismatch', `a symbol has an even length, not ${source.symbolBytes}`)
  }
  if (source.data.length !== symbols * source.symbolBytes) {
    throw new CodecError(
      'mismatch',
      `a ${source.axis} sliver has ${symbols} symbols of ${source.symbolBytes} bytes, not ${source.data.length} bytes`,
    )
  }
  if (!(Number.isInteger(target) && target >= 0 && target < shards)) {
    throw new CodecError('mismatch', `there is no sliver ${target} among ${shards}`)
  }
}
