import { restBytes, stripBytes } from '../kernel/kernel.ts'
import { roundUp } from '../pool/address-space.ts'

/** Rough costs in nanoseconds. They only decide how work is cut: nothing depends on their truth. */
const compressionNs = 62
const extendNsPerByte = 0.9
const transformNsPerByte = 0.8
const directNsPerByte = 0.12

/** A worker looks for more urgent work between steps of about this length, */
const stepNs = 1.2e6
/** and is given about so much at once. */
const taskNs = 4e6
/** Less is not cut: handing it out costs a tenth of a millisecond. */
const smallNs = 6e5
/** Tasks that each worker gets at least: the last ones even out what the cost does not foresee. */
const sharesPerWorker = 3

/** Extending one line to n symbols. */
export function extendNs(shards: number, symbolBytes: number): number {
  return shards * symbolBytes * extendNsPerByte
}

/** Extending one line and hashing all of it. */
export function hashedLineNs(shards: number, symbolBytes: number): number {
  const compressions = Math.ceil((symbolBytes + 1) / 128) + 1
  return extendNs(shards, symbolBytes) + shards * compressions * compressionNs
}

/** A tree over so many nodes. */
export function rowTreeNs(nodes: number): number {
  return nodes * compressionNs
}

/** Rebuilding one symbol of every missing run. */
export function rebuildNs(
  originals: number,
  missing: number,
  size: number,
  symbolBytes: number,
  direct: boolean,
): number {
  return direct
    ? symbolBytes * (originals * missing * directNsPerByte + originals)
    : symbolBytes * size * transformNsPerByte
}

/** Lines (or symbols) of this cost that make one step, at least one. */
export function perStep(ns: number): number {
  return Math.max(1, Math.floor(stepNs / ns))
}

/** Work of this cost is not worth spreading. */
export function isSmall(ns: number): boolean {
  return ns < smallNs
}

/** Cuts `count` things of this cost each into tasks, so that every worker gets some of them, if there is enough to do. */
export function cutIntoTasks(
  count: number,
  ns: number,
  workers: number,
): { readonly first: number; readonly end: number }[] {
  if (isSmall(count * ns)) return rangesOf(count, count)
  const most = Math.max(1, Math.floor(taskNs / ns))
  const tasks = Math.max(Math.ceil(count / most), sharesPerWorker * workers)
  return evenRanges(count, Math.min(count, roundUp(tasks, workers)))
}

/** So many ranges out of `count`, as alike as can be: of a shorter last one the other workers would wait for nothing. */
function evenRanges(count: number, ranges: number): { first: number; end: number }[] {
  const startOf = (range: number): number => Math.floor((range * count) / ranges)
  return Array.from({ length: ranges }, (_, k) => ({ first: startOf(k), end: startOf(k + 1) }))
}

/** Where a part of a symbol ends that begins at `from`, so that it costs a step: a strip's end, or the symbol's. */
export function partEnd(symbolBytes: number, symbolNs: number, from: number): number {
  const parts = Math.max(1, Math.round(symbolNs / stepNs))
  const end = from + roundUp(symbolBytes / parts, stripBytes)
  return end + restBytes >= symbolBytes ? symbolBytes : end
}

/** Ranges of at most `each` out of `count`. */
export function rangesOf(
  count: number,
  each: number,
): { readonly first: number; readonly end: number }[] {
  const ranges: { first: number; end: number }[] = []
  for (let first = 0; first < count; first += each) {
    ranges.push({ first, end: Math.min(first + each, count) })
  }
  return ranges
}
