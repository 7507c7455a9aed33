import type { CodeParameters } from '../../../src/redstuff/codec.ts'
import { codeAlong } from '../../../src/redstuff/erasure-code.ts'
import type { ErasureCode } from '../../../src/redstuff/erasure-code.ts'
import { loadKernel } from '../../../src/redstuff/kernel/kernel.ts'
import { Workspace } from '../../../src/redstuff/simd/workspace.ts'

/** What an encoding cannot do without: compressions of BLAKE2b, and butterflies of 16 elements. */
export interface Work {
  readonly compressions: number
  readonly butterflies: number
}

/** Butterflies over one code word, in a transform that leaves out rows that are zero or not wanted. */
function butterfliesOf({ chunk, chunkBits, originals, recoveries, highRate }: ErasureCode): number {
  const whole = (rows: number): number => {
    let sum = 0
    for (let layer = 0; layer < chunkBits; layer++) {
      sum += Math.ceil(rows / 2 ** (layer + 1)) * 2 ** layer
    }
    return sum
  }
  const chunks = (rows: number): number => {
    let sum = 0
    for (let at = 0; at < rows; at += chunk) sum += whole(Math.min(chunk, rows - at))
    return sum
  }
  return highRate ? chunks(originals) + whole(recoveries) : whole(originals) + chunks(recoveries)
}

/** The work of an encoding with slivers and hashes: rows past the blob's end are zero and have known hashes. */
export function workOf(parameters: CodeParameters, length: number): Work {
  const { shards, symbolBytes, primarySymbols, secondarySymbols } = parameters
  const filled = Math.max(1, Math.ceil(length / (secondarySymbols * symbolBytes)))
  const lines = shards - primarySymbols + filled
  // Symbols of two bytes have few different leaves: these come from a table, which is there already.
  const leafBlocks =
    symbolBytes === 2 && shards >= 200 ? 0 : lines * shards * Math.ceil((symbolBytes + 1) / 128)
  const rows = butterfliesOf(codeAlong('primary', shards)) * filled
  const columns = butterfliesOf(codeAlong('secondary', shards)) * shards
  return {
    compressions: leafBlocks + 2 * lines * shards + 2 * shards,
    butterflies: ((rows + columns) * symbolBytes) / 32,
  }
}

/** Nanoseconds that the kernel takes for one, on this machine now. */
export interface KernelSpeed {
  readonly compression: number
  readonly butterfly: number
}

/** Milliseconds that the kernel takes for an encoding, shared by so many threads that never wait. */
export function floorMs(
  parameters: CodeParameters,
  length: number,
  speed: KernelSpeed,
  threads: number,
): number {
  const { compressions, butterflies } = workOf(parameters, length)
  return (compressions * speed.compression + butterflies * speed.butterfly) / 1e6 / threads
}

/** Long enough for the engine to have compiled the kernel with all optimisation. */
const warmUpMs = 1000

function best(rounds: number, work: () => void): number {
  for (const started = performance.now(); performance.now() < started + warmUpMs;) work()
  let least = Number.POSITIVE_INFINITY
  for (let k = 0; k < rounds; k++) {
    const { user, system } = process.cpuUsage()
    work()
    const now = process.cpuUsage()
    least = Math.min(least, now.user + now.system - user - system)
  }
  return least * 1000
}

/** Times the kernel alone: inner nodes, and the extension of columns of 1000 shards without loads from afar. */
export async function kernelSpeed(): Promise<KernelSpeed> {
  const memory = new WebAssembly.Memory({ initial: 512, maximum: 65536, shared: true })
  const space = new Workspace(await loadKernel(), memory, 0)
  const capacity = memory.buffer.byteLength
  space.prepare({ shards: 1000, epoch: 0, capacity })
  const free = capacity - (8 << 20)
  const nodes = best(30, () => {
    for (let k = 0; k < 40; k++) space.kernel.merkleRoot(free, 1000, free + 65536, free, 0, 0)
  })
  const symbolBytes = 320
  const code = space.setCode('secondary', symbolBytes)
  space.kernel.setSource(free, symbolBytes, 0)
  space.kernel.setTarget(free + (4 << 20), symbolBytes, 0, false)
  space.kernel.setLeaves(0, 0, 0)
  const column = best(30, () => {
    for (let k = 0; k < 8; k++) space.kernel.extendLines(0, 1, 0, symbolBytes)
  })
  return {
    compression: nodes / (40 * 1001),
    butterfly: column / ((8 * butterfliesOf(code) * symbolBytes) / 32),
  }
}
