import { inflateRawSync } from 'node:zlib'
import { packedKernel } from './kernel-wasm.ts'

/** What the compiled kernel exports; all numbers are addresses, byte counts or counts. See assembly/. */
export interface Kernel {
  setTables(basis: number, subfield: number, general: number): void
  setScratch(address: number): void
  setNodes(emptyNode: number, equalNodes: number): void
  merkleRoot(
    leaves: number,
    count: number,
    work: number,
    out: number,
    equalFrom: number,
    equalUntil: number,
  ): void
  raiseColumns(nodes: number, step: number, columns: number, rows: number, levels: number): void
  scatterHashes(from: number, count: number, to: number, step: number): void
  setCode(
    originals: number,
    recoveries: number,
    symbolBytes: number,
    nonzero: number,
    work: number,
    leafTable: number,
    zeroLeaf: number,
  ): void
  setSource(base: number, symbolStep: number, lineStep: number): void
  setTarget(base: number, symbolStep: number, lineStep: number, window: boolean): void
  setLeaves(base: number, step: number, states: number): void
  extendLines(line: number, lines: number, from: number, to: number): void
  fillLeafTable(table: number, symbols: number, first: number, end: number): void
  setRebuild(
    received: number,
    receivedCount: number,
    missing: number,
    missingCount: number,
    symbolBytes: number,
    size: number,
    pointsUsed: number,
    pointsWanted: number,
    work: number,
  ): void
  rebuild(first: number, symbols: number, from: number, to: number): void
  fillEqualNodes(nodes: number, symbol: number, bytes: number, levels: number): void
  hashMessages(messages: number, count: number, bytes: number, out: number): void
}

/** Bytes of a symbol that the kernel transforms at once, and so many more in a last strip (assembly/lines.ts). */
export const stripBytes = 384
export const restBytes = 128
/** Bytes of a symbol that are rebuilt at once as a sum, and {@link restBytes} more in a last strip (assembly/rebuild.ts). */
export const directStripBytes = 1536
/** Bytes of the chaining values of three unfinished leaves (assembly/lanes.ts). */
export const stateBytes = 192

function kernelBytes(): Buffer<ArrayBuffer> {
  return inflateRawSync(Buffer.from(packedKernel, 'base64'))
}

/** Whether this engine runs the kernel: it needs relaxed SIMD and shared memory. */
export function kernelRuns(): boolean {
  return WebAssembly.validate(kernelBytes())
}

/** Compiles the kernel; workers share what the engine makes of it. */
export async function loadKernel(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(kernelBytes())
}

/** The kernel over a memory of the caller's. */
export function kernelOver(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernel {
  const instance = new WebAssembly.Instance(module, { env: { memory } })
  return instance.exports as unknown as Kernel
}
