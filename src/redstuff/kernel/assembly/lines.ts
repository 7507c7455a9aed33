// Lines of the matrix: a row extended to the right, a column extended down, a sliver extended along itself. Symbol i of
// line k lies at base + i · symbolStep + k · lineStep; the originals in the source, the recovery symbols in the target.
import { expand } from './transform'
import { hashLeaves } from './hash'
import { stateBytes } from './lanes'
import { copyHash } from './merkle'
import { loadSymbols, storeSymbols } from './symbols'

/** Bytes of a symbol that are transformed at once: a multiple of 128, so that hashing can stop between two strips. */
export const stripBytes: usize = 384
/** So much more is taken along with a last strip. */
const restBytes: usize = 128

/** Where the strip ends that begins at `from`. */
export function stripEnd(from: usize, to: usize): usize {
  return to - from <= stripBytes + restBytes ? to : from + stripBytes
}

let originals: i32 = 0
let recoveries: i32 = 0
let symbolBytes: usize = 0
/** Original symbols that are not known to be zero. */
let count: i32 = 0
let work: usize = 0
/** Leaf hashes of all symbols of two bytes, or 0. */
let leafTable: usize = 0
/** The leaf hash of a zero symbol. */
let zeroLeaf: usize = 0

let source: usize = 0
let sourceSymbolStep: usize = 0
let sourceLineStep: usize = 0
let target: usize = 0
let targetSymbolStep: usize = 0
let targetLineStep: usize = 0
/** The target only holds one strip of each symbol, and in front of it the byte before. */
let targetIsWindow: bool = false
/** Leaf hashes go to leaves + line · leafStep, 32 bytes a symbol; 0: no hashing. */
let leaves: usize = 0
let leafStep: usize = 0
/** Chaining values between strips: one line's. */
let states: usize = 0

export function setCode(
  codeOriginals: i32,
  codeRecoveries: i32,
  bytes: usize,
  nonzero: i32,
  workArea: usize,
  table: usize,
  zero: usize,
): void {
  originals = codeOriginals
  recoveries = codeRecoveries
  symbolBytes = bytes
  count = nonzero
  work = workArea
  leafTable = table
  zeroLeaf = zero
}

export function setSource(base: usize, symbolStep: usize, lineStep: usize): void {
  source = base
  sourceSymbolStep = symbolStep
  sourceLineStep = lineStep
}

export function setTarget(base: usize, symbolStep: usize, lineStep: usize, window: bool): void {
  target = base
  targetSymbolStep = symbolStep
  targetLineStep = lineStep
  targetIsWindow = window
}

export function setLeaves(base: usize, step: usize, chains: usize): void {
  leaves = base
  leafStep = step
  states = chains
}

/** Where a symbol would begin of which a window holds the bytes from `from` on. */
// @ts-ignore: decorator
@inline
function targetOf(line: usize, from: usize): usize {
  return targetIsWindow ? target - from : target + line * targetLineStep
}

/** Keeps the last byte of the strip before: hashing needs it. */
function keepLastBytes(): void {
  for (let k = 0, at = target; k < recoveries; k++, at += targetSymbolStep) {
    store<u8>(at - 1, load<u8>(at + stripBytes - 1))
  }
}

/** Extends the bytes [from, to) of `lines` lines. */
function extendStrip(line: usize, lines: i32, from: usize, to: usize): void {
  const elements = (lines as usize) * ((to - from) >> 1)
  const width = (elements + 15) & ~15
  const rowBytes = width << 1
  let symbol = source + line * sourceLineStep
  let row = work
  for (let k = 0; k < count; k++) {
    loadSymbols(symbol, sourceLineStep, lines, from, to, row, width)
    symbol += sourceSymbolStep
    row += rowBytes
  }
  row = expand(work, width, originals, recoveries, count)
  symbol = targetOf(line, from)
  for (let k = 0; k < recoveries; k++) {
    storeSymbols(symbol, targetLineStep, lines, from, to, row, width)
    symbol += targetSymbolStep
    row += rowBytes
  }
}

/** Hashes `symbols` symbols, `step` apart, as far as the bytes [from, to) bring them. */
function hashRun(
  symbol: usize,
  step: usize,
  symbols: i32,
  from: usize,
  to: usize,
  state: usize,
  out: usize,
): void {
  for (; symbols >= 3; symbols -= 3) {
    const b = symbol + step, c = b + step
    hashLeaves(symbol, b, c, from, to, symbolBytes, state, out, out + 32, out + 64)
    symbol = c + step
    out += 96
    state += stateBytes
  }
  if (symbols == 0) return
  const second: usize = symbols > 1 ? 1 : 0
  const b = symbol + second * step, next = out + (second << 5)
  hashLeaves(symbol, b, symbol, from, to, symbolBytes, state, out, next, out)
}

function lookUpRun(symbol: usize, step: usize, symbols: i32, out: usize): void {
  for (; symbols > 0; symbols--, symbol += step, out += 32) {
    copyHash(out, leafTable + ((load<u16>(symbol) as usize) << 5))
  }
}

/** Leaf hashes of one line's symbols, as far as the bytes [from, to) bring them. */
function hashLine(line: usize, own: usize, from: usize, to: usize): void {
  const systematic = source + line * sourceLineStep
  const out = leaves + line * leafStep
  const lower = out + ((originals as usize) << 5)
  if (leafTable) {
    lookUpRun(systematic, sourceSymbolStep, count, out)
    lookUpRun(own, targetSymbolStep, recoveries, lower)
  } else {
    const lowerStates = states + (((originals + 2) / 3) as usize) * stateBytes
    hashRun(systematic, sourceSymbolStep, count, from, to, states, out)
    hashRun(own, targetSymbolStep, recoveries, from, to, lowerStates, lower)
  }
  for (let k = count; k < originals; k++) copyHash(out + ((k as usize) << 5), zeroLeaf)
}

/** Long symbols: one line, strip by strip, each hashed while it is in the cache. */
function extendLongLine(line: usize, from: usize, to: usize): void {
  for (let at = from; at < to; ) {
    const end = stripEnd(at, to)
    if (targetIsWindow && at > 0) keepLastBytes()
    extendStrip(line, 1, at, end)
    if (leaves) hashLine(line, targetOf(line, at), at, end)
    at = end
  }
}

/** Short symbols: as many lines at once as fill a strip. */
function extendShortLines(line: usize, lines: i32): void {
  const together = (stripBytes / symbolBytes) as i32
  while (lines > 0) {
    const own = min(together, lines)
    extendStrip(line, own, 0, symbolBytes)
    if (leaves) {
      for (let k: usize = 0; k < (own as usize); k++) {
        const lower = targetIsWindow ? target + k * targetLineStep : targetOf(line + k, 0)
        hashLine(line + k, lower, 0, symbolBytes)
      }
    }
    line += own as usize
    lines -= own
  }
}

/**
 * Extends `lines` lines from number `line` on, and hashes their symbols. Lines of long symbols may be done in parts:
 * bytes [from, to) of each symbol, one line at a time, each part beginning where {@link stripEnd} puts a strip's end.
 */
export function extendLines(line: usize, lines: i32, from: usize, to: usize): void {
  if (symbolBytes <= stripBytes) {
    extendShortLines(line, lines)
    return
  }
  for (; lines > 0; lines--, line++) extendLongLine(line, from, to)
}

/** The leaf hashes of all symbols of two bytes: 65536 × 32 bytes, and 64 more. */
export function fillLeafTable(table: usize, symbols: usize, first: i32, end: i32): void {
  for (let value = first; value < end; value += 3) {
    store<u16>(symbols, value as u16)
    store<u16>(symbols, (value + 1) as u16, 2)
    store<u16>(symbols, (value + 2) as u16, 4)
    const out = table + ((value as usize) << 5)
    hashLeaves(symbols, symbols + 2, symbols + 4, 0, 2, 2, 0, out, out + 32, out + 64)
  }
}
