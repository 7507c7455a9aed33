import { loadSymbol, storeSymbol } from './symbol-elements.ts'
import { zeroRows } from './transform.ts'
import type { Rows } from './transform.ts'

/** Symbols back to back or apart: symbol k begins at `at + k · step`. */
export interface SymbolRun {
  readonly bytes: Uint8Array
  readonly at: number
  readonly step: number
}

/** The bytes [from, to) of `count` symbols beginning with number `first`: what is transformed at once. */
export interface Strip {
  readonly first: number
  readonly count: number
  readonly from: number
  readonly to: number
}

/** A multiple of 64, where a symbol may be cut. */
const stripBytes = 128

/** Cuts `count` symbols into strips of about 128 bytes. */
export function stripsOf(count: number, symbolBytes: number): Strip[] {
  const together = Math.max(1, Math.floor(stripBytes / symbolBytes))
  const strips: Strip[] = []
  for (let first = 0; first < count; first += together) {
    for (let from = 0; from < symbolBytes; from += stripBytes) {
      const to = Math.min(from + stripBytes, symbolBytes)
      strips.push({ first, count: Math.min(together, count - first), from, to })
    }
  }
  return strips
}

/** Rows for a strip: one row per run. */
export function stripRows(rows: number, strip: Strip): Rows {
  return zeroRows(rows, (strip.count * (strip.to - strip.from)) / 2)
}

/** Loads a run's part of the strip into a row. */
export function loadStrip(run: SymbolRun, strip: Strip, rows: Rows, row: number): void {
  const half = (strip.to - strip.from) / 2
  for (let k = 0; k < strip.count; k++) {
    const at = run.at + (strip.first + k) * run.step
    const part = run.bytes.subarray(at + strip.from, at + strip.to)
    loadSymbol(part, rows.elements, row * rows.width + k * half)
  }
}

/** Stores a row into a run's part of the strip. */
export function storeStrip(run: SymbolRun, strip: Strip, rows: Rows, row: number): void {
  const half = (strip.to - strip.from) / 2
  for (let k = 0; k < strip.count; k++) {
    const at = run.at + (strip.first + k) * run.step
    const part = run.bytes.subarray(at + strip.from, at + strip.to)
    storeSymbol(rows.elements, row * rows.width + k * half, part)
  }
}
