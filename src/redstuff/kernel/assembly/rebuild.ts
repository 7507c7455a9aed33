// Missing originals of code words from as many received symbols, over runs of symbols (slivers) element by element.
import { addScaledRow } from './gf'
import { loadSymbols, storeSymbols } from './symbols'
import { stripBytes, stripEnd } from './lines'
import { derive, inverseTransform, transform } from './transform'

/**
 * Lists of received and of missing runs, 12 bytes each: u32 point, u32 address of the run, u32 address of its factor's
 * 128-byte entry (in the direct form: missing ones only, K entries back to back).
 */
let received: usize = 0
let receivedCount: i32 = 0
let missing: usize = 0
let missingCount: i32 = 0
let symbolBytes: usize = 0
/** Points of the transform, and how many of them are in use from below on either side; 0: the direct form. */
let size: i32 = 0
let pointsUsed: i32 = 0
let pointsWanted: i32 = 0
let work: usize = 0

export function setRebuild(
  receivedList: usize,
  receivedRuns: i32,
  missingList: usize,
  missingRuns: i32,
  bytes: usize,
  points: i32,
  used: i32,
  wanted: i32,
  workArea: usize,
): void {
  received = receivedList
  receivedCount = receivedRuns
  missing = missingList
  missingCount = missingRuns
  symbolBytes = bytes
  size = points
  pointsUsed = used
  pointsWanted = wanted
  work = workArea
}

// @ts-ignore: decorator
@inline
function pointOf(entry: usize): usize {
  return load<u32>(entry) as usize
}

// @ts-ignore: decorator
@inline
function runOf(entry: usize): usize {
  return load<u32>(entry, 4) as usize
}

// @ts-ignore: decorator
@inline
function factorOf(entry: usize): usize {
  return load<u32>(entry, 8) as usize
}

/** In the direct form so many bytes of a symbol are summed at once: one row, and a sum for each missing run, stay in the cache. */
const directStripBytes: usize = 1536

/** Where the strip ends that begins at `from`; the rest of a symbol goes along with its last one. */
// @ts-ignore: decorator
@inline
function ownStripEnd(from: usize, to: usize): usize {
  if (size != 0) return stripEnd(from, to)
  return to - from <= directStripBytes + 128 ? to : from + directStripBytes
}

/** The first row of the work area is for what comes in or goes out, the word's rows or the sums come after it. */
function rebuildStrip(first: usize, symbols: i32, from: usize, to: usize): void {
  const width = ((symbols as usize) * ((to - from) >> 1) + 15) & ~15
  if (size == 0) sumDirectly(first * symbolBytes, symbols, from, to, width)
  else sumByTransform(first * symbolBytes, symbols, from, to, width)
}

function sumDirectly(at: usize, symbols: i32, from: usize, to: usize, width: usize): void {
  const rowBytes = width << 1
  const sums = work + rowBytes
  memory.fill(sums, 0, (missingCount as usize) * rowBytes)
  let factors: usize = 0
  for (let j = 0, known = received; j < receivedCount; j++, known += 12, factors += 128) {
    loadSymbols(runOf(known) + at, symbolBytes, symbols, from, to, work, width)
    let sum = sums
    for (let k = 0, entry = missing; k < missingCount; k++, entry += 12, sum += rowBytes) {
      addScaledRow(sum, work, width, factorOf(entry) + factors)
    }
  }
  let sum = sums
  for (let k = 0, entry = missing; k < missingCount; k++, entry += 12, sum += rowBytes) {
    storeSymbols(runOf(entry) + at, symbolBytes, symbols, from, to, sum, width)
  }
}

function sumByTransform(at: usize, symbols: i32, from: usize, to: usize, width: usize): void {
  const rowBytes = width << 1
  const word = work + rowBytes
  memory.fill(word, 0, (size as usize) * rowBytes)
  for (let k = 0, entry = received; k < receivedCount; k++, entry += 12) {
    loadSymbols(runOf(entry) + at, symbolBytes, symbols, from, to, work, width)
    addScaledRow(word + pointOf(entry) * rowBytes, work, width, factorOf(entry))
  }
  inverseTransform(word, width, size, pointsUsed, 0)
  derive(word, width, size)
  transform(word, width, size, pointsWanted, 0)
  for (let k = 0, entry = missing; k < missingCount; k++, entry += 12) {
    memory.fill(work, 0, rowBytes)
    addScaledRow(work, word + pointOf(entry) * rowBytes, width, factorOf(entry))
    storeSymbols(runOf(entry) + at, symbolBytes, symbols, from, to, work, width)
  }
}

/** Rebuilds `symbols` symbols from number `first` on of every missing run; of long ones the bytes [from, to). */
export function rebuild(first: usize, symbols: i32, from: usize, to: usize): void {
  if (symbolBytes > stripBytes) {
    for (; symbols > 0; symbols--, first++) {
      for (let at = from; at < to; ) {
        const end = ownStripEnd(at, to)
        rebuildStrip(first, 1, at, end)
        at = end
      }
    }
    return
  }
  const together = ((size == 0 ? directStripBytes : stripBytes) / symbolBytes) as i32
  while (symbols > 0) {
    const own = min(together, symbols)
    rebuildStrip(first, own, 0, symbolBytes)
    first += own as usize
    symbols -= own
  }
}
