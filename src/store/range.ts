/** Throws a RangeError unless both are whole numbers from 0 on. */
export function checkRange(offset: number, length: number): void {
  if (Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0) {
    return
  }
  throw new RangeError(`not a range: ${length} bytes from ${offset}`)
}
