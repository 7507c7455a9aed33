// The additive transforms over the rows of the work area, each element position on its own.
import { forward, inverse, xorRows } from './gf'

/** Rows handled depth-first, so that they stay in the first cache. */
const blockRows: i32 = 64

/** Coefficients to values at points delta … delta + size − 1; only the first `count` rows are wanted. */
export function transform(base: usize, width: usize, size: i32, count: i32, delta: i32): void {
  const rowBytes = width << 1
  let layer = 31 - clz(size) - 1
  let distance = size >> 1
  for (; distance >= blockRows; distance >>= 1, layer--) {
    for (let row = 0; row < count; row += distance << 1) {
      forward(base + (row as usize) * rowBytes, distance as usize, width, (row + delta) >> layer)
    }
  }
  if (distance == 0) return
  const block = distance << 1
  for (let first = 0; first < count; first += block) {
    const end = min(first + block, count)
    for (let d = distance, l = layer; d > 0; d >>= 1, l--) {
      for (let row = first; row < end; row += d << 1) {
        forward(base + (row as usize) * rowBytes, d as usize, width, (row + delta) >> l)
      }
    }
  }
}

/** Values at points delta … to coefficients; rows from `count` on are zero on entry. */
export function inverseTransform(
  base: usize,
  width: usize,
  size: i32,
  count: i32,
  delta: i32,
): void {
  const rowBytes = width << 1
  const block = min(blockRows, size)
  for (let first = 0; first < count; first += block) {
    const end = min(first + block, count)
    for (let d = 1, l = 0; d < block; d <<= 1, l++) {
      for (let row = first; row < end; row += d << 1) {
        inverse(base + (row as usize) * rowBytes, d as usize, width, (row + delta) >> l)
      }
    }
  }
  let layer = 31 - clz(block)
  for (let d = block; d < size; d <<= 1, layer++) {
    for (let row = 0; row < count; row += d << 1) {
      inverse(base + (row as usize) * rowBytes, d as usize, width, (row + delta) >> layer)
    }
  }
}

/** The formal derivative of a polynomial given by its coefficients. */
export function derive(base: usize, width: usize, size: i32): void {
  const rowBytes = width << 1
  for (let row = 1; row < size; row++) {
    const lowest = row & -row
    const from = base + (row as usize) * rowBytes
    const bytes = (lowest as usize) * rowBytes
    xorRows(from - bytes, from, bytes)
  }
}

function powerOfTwo(x: i32): i32 {
  return x <= 1 ? 1 : 1 << (32 - clz(x - 1))
}

function clearRows(base: usize, rowBytes: usize, from: i32, to: i32): void {
  if (from < to) memory.fill(base + (from as usize) * rowBytes, 0, ((to - from) as usize) * rowBytes)
}

function expandHighRate(base: usize, width: usize, chunk: i32, recoveries: i32, count: i32): usize {
  const rowBytes = width << 1
  const first = min(count, chunk)
  clearRows(base, rowBytes, first, chunk)
  inverseTransform(base, width, chunk, first, chunk)
  for (let at = chunk; at < count; at += chunk) {
    const own = base + (at as usize) * rowBytes
    const rows = min(count - at, chunk)
    clearRows(own, rowBytes, rows, chunk)
    inverseTransform(own, width, chunk, rows, chunk + at)
    xorRows(base, own, (chunk as usize) * rowBytes)
  }
  transform(base, width, chunk, recoveries, 0)
  return base
}

function expandLowRate(base: usize, width: usize, chunk: i32, recoveries: i32, count: i32): usize {
  const rowBytes = width << 1
  const bytes = (chunk as usize) * rowBytes
  const out = base + bytes
  clearRows(base, rowBytes, count, chunk)
  inverseTransform(base, width, chunk, count, 0)
  for (let at = 0; at < recoveries; at += chunk) {
    const own = out + (at as usize) * rowBytes
    memory.copy(own, base, bytes)
    transform(own, width, chunk, min(recoveries - at, chunk), chunk + at)
  }
  return out
}

/**
 * The recovery symbols of K originals, of which the first `count` lie in the rows from `base` on and the others are
 * zero. Answers the address of the first recovery row.
 */
export function expand(
  base: usize,
  width: usize,
  originals: i32,
  recoveries: i32,
  count: i32,
): usize {
  const own = powerOfTwo(originals), other = powerOfTwo(recoveries)
  const highRate = own == other ? originals <= recoveries : own > other
  return highRate
    ? expandHighRate(base, width, other, recoveries, count)
    : expandLowRate(base, width, own, recoveries, count)
}
