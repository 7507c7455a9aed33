import type { Axis, DecodingSymbol } from '../codec.ts'
import { codeAlong } from '../erasure-code.ts'
import type { ErasureCode } from '../erasure-code.ts'
import { directIsCheaper, planErasures } from '../erasure-locator.ts'
import { merkleRoot } from '../merkle.ts'
import { extendWords, leafHashes } from './matrix.ts'
import { reconstructByTransform, reconstructDirectly } from './reconstruct.ts'
import { loadStrip, storeStrip, stripRows, stripsOf } from './strip.ts'

/** All n symbols of the line of the matrix that a sliver lies in. */
export function* extendSliver(
  axis: Axis,
  shards: number,
  symbolBytes: number,
  data: Uint8Array,
): Generator<void, Uint8Array> {
  const bytes = new Uint8Array(shards * symbolBytes)
  bytes.set(data)
  const words = { count: 1, wordStep: 0, symbolStep: symbolBytes, symbolBytes }
  yield* extendWords(codeAlong(axis, shards), { bytes, ...words })
  return bytes
}

/** The hash that the metadata hold for a sliver with this data. */
export function* hashSliver(
  axis: Axis,
  shards: number,
  symbolBytes: number,
  data: Uint8Array,
): Generator<void, Uint8Array> {
  const line = yield* extendSliver(axis, shards, symbolBytes, data)
  return merkleRoot(leafHashes(line, symbolBytes))
}

/**
 * Rebuilds the originals of a code word whose symbols are runs of `count` symbols each. `received` holds exactly
 * K different ones; `originals` are written back to back, those that were received, too.
 */
export function* rebuildOriginals(
  code: ErasureCode,
  received: readonly DecodingSymbol[],
  symbolBytes: number,
  count: number,
): Generator<void, Uint8Array> {
  const runBytes = count * symbolBytes
  const bytes = new Uint8Array(code.originals * runBytes)
  for (const { index, data } of received) {
    if (index < code.originals) bytes.set(data, index * runBytes)
  }
  const indices = received.map(({ index }) => index)
  const plan = planErasures(code, indices)
  if (plan.missing.length === 0) return bytes
  const reconstruct = directIsCheaper(code, plan.missing.length)
    ? reconstructDirectly
    : reconstructByTransform
  for (const strip of stripsOf(count, symbolBytes)) {
    const rows = stripRows(code.originals, strip)
    received.forEach(({ data }, row) => {
      loadStrip({ bytes: data, at: 0, step: symbolBytes }, strip, rows, row)
    })
    const rebuilt = reconstruct(plan, rows)
    plan.missing.forEach(({ index }, row) => {
      storeStrip({ bytes, at: index * runBytes, step: symbolBytes }, strip, rebuilt, row)
    })
    yield
  }
  return bytes
}
