// Symbols as they are stored, and as the planes of a row. In each block of 64 bytes the low bytes of 32 elements come first,
// then the high ones; a last block of t bytes holds t/2 low bytes, then t/2 high ones.
import { tower } from './gf'

/** Copies `bytes` < 16 exactly from a vector's front. */
// @ts-ignore: decorator
@inline
function storeFront(to: usize, vector: v128, bytes: usize): void {
  if (bytes & 8) {
    v128.store64_lane(to, vector, 0)
    to += 8
    vector = v128.shuffle<i64>(vector, vector, 1, 1)
  }
  if (bytes & 4) {
    v128.store32_lane(to, vector, 0)
    to += 4
    vector = i64x2.shr_u(vector, 32)
  }
  if (bytes & 2) {
    v128.store16_lane(to, vector, 0)
    to += 2
    vector = i64x2.shr_u(vector, 16)
  }
  if (bytes & 1) v128.store8_lane(to, vector, 0)
}

/** A last block of `half` low and `half` high bytes, into planes of which `room` elements are left. */
function loadTail(from: usize, half: usize, x: usize, width: usize, room: usize): void {
  for (let at: usize = 0; at < half; at += 16) {
    const high = v128.load(from + half + at)
    const low = tower(v128.load(from + at), high)
    if (at + 16 <= room) {
      v128.store(x + at, low)
      v128.store(x + at + width, high)
    } else {
      storeFront(x + at, low, room - at)
      storeFront(x + at + width, high, room - at)
    }
  }
}

/** Bytes [from, to) of one symbol, `from` a multiple of 64, into the planes at x. May read 32 bytes past the end. */
// @ts-ignore: decorator
@inline
function loadOne(symbol: usize, from: usize, to: usize, x: usize, width: usize, end: usize): usize {
  let at = symbol + from
  for (const full = at + ((to - from) & ~63); at < full; at += 64, x += 32) {
    const high0 = v128.load(at, 32), high1 = v128.load(at, 48)
    v128.store(x, tower(v128.load(at), high0))
    v128.store(x, tower(v128.load(at, 16), high1), 16)
    v128.store(x + width, high0)
    v128.store(x + width, high1, 16)
  }
  const half = ((to - from) & 63) >> 1
  if (half) loadTail(at, half, x, width, end - x)
  return x + half
}

/** Bytes [from, to) of `count` symbols, `step` apart, into the row at `row`. */
export function loadSymbols(
  symbol: usize,
  step: usize,
  count: i32,
  from: usize,
  to: usize,
  row: usize,
  width: usize,
): void {
  let x = row
  for (const end = row + width; count > 0; count--, symbol += step) {
    x = loadOne(symbol, from, to, x, width, end)
  }
}

/** A last block: never writes past it, since the neighbour may be another thread's. */
function storeTail(to: usize, half: usize, x: usize, width: usize): void {
  let at: usize = 0
  for (; at + 16 <= half; at += 16) {
    const high = v128.load(x + at + width)
    v128.store(to + at, tower(v128.load(x + at), high))
    v128.store(to + at + half, high)
  }
  if (at == half) return
  const high = v128.load(x + at + width)
  storeFront(to + at, tower(v128.load(x + at), high), half - at)
  storeFront(to + at + half, high, half - at)
}

// @ts-ignore: decorator
@inline
function storeOne(symbol: usize, from: usize, to: usize, x: usize, width: usize): usize {
  let at = symbol + from
  for (const full = at + ((to - from) & ~63); at < full; at += 64, x += 32) {
    const high0 = v128.load(x + width), high1 = v128.load(x + width, 16)
    v128.store(at, tower(v128.load(x), high0))
    v128.store(at, tower(v128.load(x, 16), high1), 16)
    v128.store(at, high0, 32)
    v128.store(at, high1, 48)
  }
  const half = ((to - from) & 63) >> 1
  if (half) storeTail(at, half, x, width)
  return x + half
}

/** The inverse of {@link loadSymbols}. */
export function storeSymbols(
  symbol: usize,
  step: usize,
  count: i32,
  from: usize,
  to: usize,
  row: usize,
  width: usize,
): void {
  for (let x = row; count > 0; count--, symbol += step) {
    x = storeOne(symbol, from, to, x, width)
  }
}
