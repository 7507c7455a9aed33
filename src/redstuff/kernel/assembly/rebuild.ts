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

/** The first row of the work area is for what comes in or goes out, the word's rows come after it. */
function rebuildStrip(first: usize, symbols: i32, from: usize, to: usize): void {
  const width = ((symbols as usize) * ((to - from) >> 1) + 15) & ~15
  if (size == 0) sumDirectly(first * symbolBytes, symbols, from, to, width)
  else sumByTransform(first * symbolBytes, symbols, from, to, width)
}

function sumDirectly(at: usize, symbols: i32, from: usize, to: usize, width: usize): void {
  const rowBytes = width << 1
  const word = work + rowBytes
  let row = word
  for (let k = 0, entry = received; k < receivedCount; k++, entry += 12, row += rowBytes) {
    loadSymbols(runOf(entry) + at, symbolBytes, symbols, from, to, row, width)
  }
  for (let k = 0, entry = missing; k < missingCount; k++, entry += 12) {
    memory.fill(work, 0, rowBytes)
    let factor = factorOf(entry)
    row = word
    for (let j = 0; j < receivedCount; j++, factor += 128, row += rowBytes) {
      addScaledRow(work, row, width, factor)
    }
    storeSymbols(runOf(entry) + at, symbolBytes, symbols, from, to, work, width)
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
        const end = stripEnd(at, to)
        rebuildStrip(first, 1, at, end)
        at = end
      }
    }
    return
  }
  const together = (stripBytes / symbolBytes) as i32
  while (symbols > 0) {
    const own = min(together, symbols)
    rebuildStrip(first, own, 0, symbolBytes)
    first += own as usize
    symbols -= own
  }
}
