/**
 * A symbol's bytes as elements of the field. In each block of 64 bytes element e has its low byte at e and its
 * high byte at 32 + e; a last block of t < 64 bytes has the low bytes first, then the high ones.
 */
const blockBytes = 64

/** Reads a symbol's elements into `elements`, from `at` on. */
export function loadSymbol(symbol: Uint8Array, elements: Uint16Array, at: number): void {
  let out = at
  for (let block = 0; block < symbol.length; block += blockBytes) {
    const half = Math.min(blockBytes, symbol.length - block) / 2
    for (let low = block; low < block + half; low++) {
      elements[out++] = symbol[low]! | (symbol[low + half]! << 8)
    }
  }
}

/** Writes a symbol's bytes from `elements`, from `at` on: the inverse of {@link loadSymbol}. */
export function storeSymbol(elements: Uint16Array, at: number, symbol: Uint8Array): void {
  let from = at
  for (let block = 0; block < symbol.length; block += blockBytes) {
    const half = Math.min(blockBytes, symbol.length - block) / 2
    for (let low = block; low < block + half; low++) {
      const value = elements[from++]!
      symbol[low] = value
      symbol[low + half] = value >> 8
    }
  }
}
