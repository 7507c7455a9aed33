/**
 * GF(2^16) with the polynomial x^16 + x^5 + x^3 + x^2 + 1. Elements are 16-bit values over a Cantor basis;
 * adding two is `^`. With g = x, `exponents[k]` is the value of g^k (twice the period, so that a sum of two
 * logarithms needs no reduction) and `logarithms` its inverse.
 */
const basis = [
  0x0001, 0xacca, 0x3c0e, 0x163e, 0xc582, 0xed2e, 0x914c, 0x4012, 0x6c98, 0x10d8, 0x6a72, 0xb900,
  0xfdb8, 0xfb34, 0xff38, 0x991e,
]
const polynomial = 0x1002d

/** The multiplicative order of g. */
export const fieldOrder = 65535

export const exponents: Uint16Array = new Uint16Array(2 * fieldOrder)
/** The entry of 0 has no meaning. */
export const logarithms: Uint16Array = new Uint16Array(65536)

function valuesByPolynomial(): Uint16Array {
  const polynomials = new Uint16Array(65536)
  basis.forEach((element, bit) => {
    const half = 1 << bit
    for (let low = 0; low < half; low++) polynomials[half | low] = polynomials[low]! ^ element
  })
  const values = new Uint16Array(65536)
  polynomials.forEach((image, value) => (values[image] = value))
  return values
}

function fillTables(): void {
  const values = valuesByPolynomial()
  for (let k = 0, power = 1; k < fieldOrder; k++) {
    const value = values[power]!
    exponents[k] = value
    exponents[k + fieldOrder] = value
    logarithms[value] = k
    power <<= 1
    if (power > 0xffff) power ^= polynomial
  }
}

fillTables()

/** The product of two values. */
export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : exponents[logarithms[a]! + logarithms[b]!]!
}

/** The inverse of a value that is not 0. */
export function inverse(a: number): number {
  return exponents[fieldOrder - logarithms[a]!]!
}
