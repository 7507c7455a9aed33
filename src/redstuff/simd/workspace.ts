import { codeAlong } from '../erasure-code.ts'
import type { ErasureCode } from '../erasure-code.ts'
import type { Axis } from '../codec.ts'
import { kernelOver } from '../kernel/kernel.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { basisTable, generalTable, subfieldTable } from '../kernel/tables.ts'
import { equalLevels, scratchAt, scratchLayout } from './scratch.ts'
import type { Scratch } from './scratch.ts'
import type { ArenaState } from '../pool/protocol.ts'

const leafTableEntries = 65536

/** Tables that depend on nothing but the shards, kept for other arenas. */
class TableCache {
  readonly #general = new Map<number, Uint8Array>()
  readonly basis: Uint8Array = basisTable()
  readonly subfield: Uint8Array = subfieldTable()
  leafTable: Uint8Array | undefined

  general(end: number): Uint8Array {
    let table = this.#general.get(end)
    if (!table) {
      table = generalTable(end)
      this.#general.set(end, table)
    }
    return table
  }
}

const tables = new TableCache()

/** A worker's kernel over one arena, with its tables in place. */
export class Workspace {
  readonly kernel: Kernel
  /** Number of the worker: it tells its own part of a region from the others'. */
  readonly worker: number
  readonly #memory: WebAssembly.Memory
  #bytes: Uint8Array
  #state: ArenaState | undefined
  #scratch: Scratch | undefined
  #leafTableReady = false
  #equalNodesOf = 0

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory, worker: number) {
    this.worker = worker
    this.kernel = kernelOver(module, memory)
    this.#memory = memory
    this.#bytes = new Uint8Array(memory.buffer)
  }

  /** The arena's memory as the job in hand knows it. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** The address of a part of the scratch. */
  at(part: Exclude<keyof Scratch, 'bytes' | 'generalEnd'>): number {
    return scratchAt(this.#scratch!, this.worker) + this.#scratch![part]
  }

  get shards(): number {
    return this.#state!.shards
  }

  /** Makes the scratch ready, unless it is. */
  prepare(state: ArenaState): void {
    this.#refresh(state.capacity)
    const now = this.#state
    if (now?.shards === state.shards && now.epoch === state.epoch) return
    this.#state = state
    this.#scratch = scratchLayout(state.shards)
    this.#leafTableReady = false
    this.#equalNodesOf = 0
    this.bytes.set(tables.basis, this.at('basis'))
    this.bytes.set(tables.subfield, this.at('subfield'))
    this.bytes.set(tables.general(this.#scratch.generalEnd), this.at('general'))
    this.bytes.fill(0, this.at('emptyNode'), this.at('emptyNode') + 32)
    this.kernel.setTables(this.at('basis'), this.at('subfield'), this.at('general'))
    this.kernel.setScratch(this.at('hashing'))
    this.kernel.setNodes(this.at('emptyNode'), this.at('equalNodes'))
  }

  /** Makes sure that this thread sees all of the memory. */
  #refresh(capacity: number): void {
    if (this.#bytes.length >= capacity) return
    if (this.#memory.buffer.byteLength < capacity) this.#memory.grow(0)
    this.#bytes = new Uint8Array(this.#memory.buffer)
    if (this.#bytes.length < capacity) throw new Error('the memory is smaller than it was')
  }

  /** Sets the kernel to the code along slivers of an axis, of which only the first `nonzero` symbols are not zero. */
  setCode(axis: Axis, symbolBytes: number, nonzero?: number): ErasureCode {
    const code = codeAlong(axis, this.shards)
    this.#fillEqualNodes(symbolBytes)
    this.kernel.setCode(
      code.originals,
      code.recoveries,
      symbolBytes,
      nonzero ?? code.originals,
      this.at('work'),
      symbolBytes === 2 ? this.#leafTable() : 0,
      this.at('equalNodes'),
    )
    return code
  }

  /** Hashes of zero symbols of this length. */
  #fillEqualNodes(symbolBytes: number): void {
    if (this.#equalNodesOf === symbolBytes) return
    const zeros = this.at('work')
    this.bytes.fill(0, zeros, zeros + symbolBytes)
    this.kernel.fillEqualNodes(this.at('equalNodes'), zeros, symbolBytes, equalLevels)
    this.#equalNodesOf = symbolBytes
  }

  #leafTable(): number {
    if (this.#scratch!.leafTable === 0) return 0
    const at = this.at('leafTable')
    if (this.#leafTableReady) return at
    if (tables.leafTable) {
      this.bytes.set(tables.leafTable, at)
    } else {
      this.kernel.fillLeafTable(at, this.at('nodes'), 0, leafTableEntries)
      tables.leafTable = this.bytes.slice(at, at + leafTableEntries * 32)
    }
    this.#leafTableReady = true
    return at
  }
}
