import { exponents, logarithms } from '../field.ts'

/**
 * Rows of equally many elements, back to back: the transforms run over the rows, for each element position on
 * its own.
 */
export interface Rows {
  readonly elements: Uint16Array
  /** Elements of a row. */
  readonly width: number
}

/** Room for `count` rows of zeros. */
export function zeroRows(count: number, width: number): Rows {
  return { elements: new Uint16Array(count * width), width }
}

/** The rows from `first` on, without a copy. */
export function rowsFrom(rows: Rows, first: number): Rows {
  return { elements: rows.elements.subarray(first * rows.width), width: rows.width }
}

/** target[at …] ^= factor · source[from …], over `length` elements. */
export function addScaled(
  target: Uint16Array,
  at: number,
  source: Uint16Array,
  from: number,
  length: number,
  factor: number,
): void {
  if (factor === 0) return
  const shift = logarithms[factor]!
  for (let k = 0; k < length; k++) {
    const value = source[from + k]!
    if (value !== 0) target[at + k]! ^= exponents[logarithms[value]! + shift]!
  }
}

/** The rows from `to` on ^= the rows from `from` on. */
function addRows(rows: Rows, to: number, from: number, count: number): void {
  const { elements, width } = rows
  const offset = (from - to) * width
  for (let k = to * width; k < (to + count) * width; k++) elements[k]! ^= elements[k + offset]!
}

/** The rows from `to` on ^= factor · the rows from `from` on. */
function addScaledRows(rows: Rows, to: number, from: number, count: number, factor: number): void {
  const { elements, width } = rows
  addScaled(elements, to * width, elements, from * width, count * width, factor)
}

/** From coefficients to the values at points delta … delta + size − 1; delta is a multiple of size. */
export function transform(rows: Rows, size: number, delta: number): void {
  for (let distance = size / 2; distance >= 1; distance /= 2) {
    for (let row = 0; row < size; row += 2 * distance) {
      const twiddle = Math.floor((row + delta) / distance)
      addScaledRows(rows, row, row + distance, distance, twiddle)
      addRows(rows, row + distance, row, distance)
    }
  }
}

/** From the values at points delta … delta + size − 1 to coefficients: the inverse of {@link transform}. */
export function inverseTransform(rows: Rows, size: number, delta: number): void {
  for (let distance = 1; distance < size; distance *= 2) {
    for (let row = 0; row < size; row += 2 * distance) {
      const twiddle = Math.floor((row + delta) / distance)
      addRows(rows, row + distance, row, distance)
      addScaledRows(rows, row, row + distance, distance, twiddle)
    }
  }
}

/** The formal derivative of a polynomial given by its coefficients. */
export function derive(rows: Rows, size: number): void {
  for (let row = 1; row < size; row++) {
    const lowest = row & -row
    addRows(rows, row - lowest, row, lowest)
  }
}
