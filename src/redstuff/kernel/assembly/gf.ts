// The field GF(2^16) on vectors. An element lo + 256·hi (as a value over the Cantor basis) is held as X + g·Y with X and
// Y in the subfield of 256 elements and g = 256: g·Y = (Y << 8) | p(Y), so X = lo ^ p(hi) and Y = hi. A factor below 256
// then maps X and Y alike, by two table look-ups of a nibble each.
//
// A row of the work area holds E elements (a multiple of 16) as two planes, [E bytes X][E bytes Y].

/** Nibble tables of p: 2 × 16 bytes. */
let basisTable: usize = 0
/** For each factor below 256 its nibble tables: 256 × 32 bytes. */
let subfieldTable: usize = 0
/** For each even factor its 128 bytes: X→X, X→Y, Y→X, Y→Y, each two nibble tables. */
let generalTable: usize = 0

export function setTables(basis: usize, subfield: usize, general: usize): void {
  basisTable = basis
  subfieldTable = subfield
  generalTable = general
}

// @ts-ignore: decorator
@inline
function lookUp(table: v128, nibbles: v128): v128 {
  return i8x16.relaxed_swizzle(table, nibbles)
}

/** A GF(2)-linear map of bytes, given by the images of low and high nibbles. */
// @ts-ignore: decorator
@inline
function map(bytes: v128, low: v128, high: v128, mask: v128): v128 {
  return v128.xor(
    lookUp(low, v128.and(bytes, mask)),
    lookUp(high, v128.and(i16x8.shr_u(bytes, 4), mask)),
  )
}

/** X from the low bytes, or back: lo ^ p(hi). */
// @ts-ignore: decorator
@inline
export function tower(low: v128, high: v128): v128 {
  return v128.xor(
    low,
    map(high, v128.load(basisTable), v128.load(basisTable, 16), i8x16.splat(15)),
  )
}

/** to ^= from, `bytes` being a multiple of 32. */
export function xorRows(to: usize, from: usize, bytes: usize): void {
  for (const end = to + bytes; to < end; to += 32, from += 32) {
    v128.store(to, v128.xor(v128.load(to), v128.load(from)))
    v128.store(to, v128.xor(v128.load(to, 16), v128.load(from, 16)), 16)
  }
}

// A butterfly over rows at `a` and their partners at `b`; forward: a ^= t·b, b ^= a; inverse: b ^= a, a ^= t·b.

function forwardSubfield(a: usize, b: usize, bytes: usize, t: i32): void {
  const table = subfieldTable + ((t as usize) << 5)
  const low = v128.load(table), high = v128.load(table, 16), mask = i8x16.splat(15)
  for (const end = a + bytes; a < end; a += 32, b += 32) {
    const b0 = v128.load(b), b1 = v128.load(b, 16)
    const a0 = v128.xor(v128.load(a), map(b0, low, high, mask))
    const a1 = v128.xor(v128.load(a, 16), map(b1, low, high, mask))
    v128.store(a, a0)
    v128.store(a, a1, 16)
    v128.store(b, v128.xor(b0, a0))
    v128.store(b, v128.xor(b1, a1), 16)
  }
}

function inverseSubfield(a: usize, b: usize, bytes: usize, t: i32): void {
  const table = subfieldTable + ((t as usize) << 5)
  const low = v128.load(table), high = v128.load(table, 16), mask = i8x16.splat(15)
  for (const end = a + bytes; a < end; a += 32, b += 32) {
    const a0 = v128.load(a), a1 = v128.load(a, 16)
    const b0 = v128.xor(v128.load(b), a0), b1 = v128.xor(v128.load(b, 16), a1)
    v128.store(b, b0)
    v128.store(b, b1, 16)
    v128.store(a, v128.xor(a0, map(b0, low, high, mask)))
    v128.store(a, v128.xor(a1, map(b1, low, high, mask)), 16)
  }
}

/** X of the product of x + g·y with a general factor, added to `sum`; `table` is its entry, or that plus 32 for Y. */
// @ts-ignore: decorator
@inline
function addProduct(sum: v128, table: usize, x0: v128, x1: v128, y0: v128, y1: v128): v128 {
  const fromX = v128.xor(lookUp(v128.load(table), x0), lookUp(v128.load(table, 16), x1))
  const fromY = v128.xor(lookUp(v128.load(table, 64), y0), lookUp(v128.load(table, 80), y1))
  return v128.xor(sum, v128.xor(fromX, fromY))
}

// @ts-ignore: decorator
@inline
function lowNibbles(bytes: v128): v128 {
  return v128.and(bytes, i8x16.splat(15))
}

// @ts-ignore: decorator
@inline
function highNibbles(bytes: v128): v128 {
  return v128.and(i16x8.shr_u(bytes, 4), i8x16.splat(15))
}

function forwardGeneral(a: usize, b: usize, width: usize, rows: i32, t: i32): void {
  const table = generalTable + ((t as usize) << 6)
  // The inner loop moves a and b over the X plane, the outer one over the Y plane.
  for (; rows > 0; rows--, a += width, b += width) {
    for (const end = a + width; a < end; a += 16, b += 16) {
      const x = v128.load(b), y = v128.load(b + width)
      const x0 = lowNibbles(x), x1 = highNibbles(x), y0 = lowNibbles(y), y1 = highNibbles(y)
      const ax = addProduct(v128.load(a), table, x0, x1, y0, y1)
      v128.store(a, ax)
      v128.store(b, v128.xor(x, ax))
      const ay = addProduct(v128.load(a + width), table + 32, x0, x1, y0, y1)
      v128.store(a + width, ay)
      v128.store(b + width, v128.xor(y, ay))
    }
  }
}

function inverseGeneral(a: usize, b: usize, width: usize, rows: i32, t: i32): void {
  const table = generalTable + ((t as usize) << 6)
  for (; rows > 0; rows--, a += width, b += width) {
    for (const end = a + width; a < end; a += 16, b += 16) {
      const ax = v128.load(a), ay = v128.load(a + width)
      const x = v128.xor(v128.load(b), ax), y = v128.xor(v128.load(b + width), ay)
      v128.store(b, x)
      v128.store(b + width, y)
      const x0 = lowNibbles(x), x1 = highNibbles(x), y0 = lowNibbles(y), y1 = highNibbles(y)
      v128.store(a, addProduct(ax, table, x0, x1, y0, y1))
      v128.store(a + width, addProduct(ay, table + 32, x0, x1, y0, y1))
    }
  }
}

/** One block of a layer: `distance` rows at `a` with as many after them, and the twiddle t. */
// @ts-ignore: decorator
@inline
export function forward(a: usize, distance: usize, width: usize, t: i32): void {
  const bytes = distance * width * 2
  if (t == 0) xorRows(a + bytes, a, bytes)
  else if (t < 256) forwardSubfield(a, a + bytes, bytes, t)
  else forwardGeneral(a, a + bytes, width, distance as i32, t)
}

// @ts-ignore: decorator
@inline
export function inverse(a: usize, distance: usize, width: usize, t: i32): void {
  const bytes = distance * width * 2
  if (t == 0) xorRows(a + bytes, a, bytes)
  else if (t < 256) inverseSubfield(a, a + bytes, bytes, t)
  else inverseGeneral(a, a + bytes, width, distance as i32, t)
}

/** to ^= factor · from over one row; the factor by its 128-byte entry. */
export function addScaledRow(to: usize, from: usize, width: usize, entry: usize): void {
  for (const end = to + width; to < end; to += 16, from += 16) {
    const x = v128.load(from), y = v128.load(from + width)
    const x0 = lowNibbles(x), x1 = highNibbles(x), y0 = lowNibbles(y), y1 = highNibbles(y)
    v128.store(to, addProduct(v128.load(to), entry, x0, x1, y0, y1))
    v128.store(to + width, addProduct(v128.load(to + width), entry + 32, x0, x1, y0, y1))
  }
}
