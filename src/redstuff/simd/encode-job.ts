import type { FileHandle } from 'node:fs/promises'
import type { EncodeSource } from '../codec.ts'
import type { Crew } from '../pool/crew.ts'
import { bandsOf } from './band.ts'
import { TurnTaker } from './copy.ts'
import { extendNs, hashedLineNs, isSmall, perTask, rangesOf, rowTreeNs } from './cost.ts'
import { bandColumns } from './scratch.ts'
import type { EncodePlan, FilePart, Task } from './task.ts'
import type { Bench } from './workshop.ts'

function filePart(source: EncodeSource, file: FileHandle | undefined): FilePart | undefined {
  if (source.kind === 'bytes' || !file) return undefined
  return { descriptor: file.fd, offset: source.offset }
}

/** Runs an encoding that has been laid out. */
export class EncodeJob {
  readonly #crew: Crew<Task>
  readonly #plan: EncodePlan
  readonly #turns: TurnTaker
  readonly #workers: number

  constructor({ crew, workers }: Bench, plan: EncodePlan, signal: AbortSignal) {
    this.#crew = crew
    this.#workers = workers
    this.#plan = plan
    this.#turns = new TurnTaker(signal)
  }

  /** `file` is the source's, open, where it is one; it may be closed afterwards. */
  async run(source: EncodeSource, file: FileHandle | undefined): Promise<void> {
    const { shards, symbolBytes } = this.#plan
    if (isSmall(shards * hashedLineNs(shards, symbolBytes))) return this.#runAtOnce(source, file)
    await this.#extendRows(source, file)
    await this.#crew.all(this.#columnTasks())
    if (this.#plan.hashes === 0) return
    await this.#crew.all(this.#rowRootTasks())
    await this.#crew.run({ kind: 'root', plan: this.#plan })
  }

  /** One worker does everything. */
  async #runAtOnce(source: EncodeSource, file: FileHandle | undefined): Promise<void> {
    const plan = this.#plan
    if (source.kind === 'bytes') await this.#copyRows(source.bytes, 0, plan.filledRows)
    const tasks: Task[] = [
      { kind: 'rows', plan, first: 0, end: plan.filledRows, file: filePart(source, file) },
      ...this.#columnTasks(),
    ]
    if (plan.hashes !== 0) tasks.push(...this.#rowRootTasks(), { kind: 'root', plan })
    await this.#crew.run({ kind: 'sequence', tasks })
  }

  /** Rows of a file are read by the workers; bytes in memory are copied here, a few rows ahead of the work on them. */
  async #extendRows(source: EncodeSource, handle: FileHandle | undefined): Promise<void> {
    const plan = this.#plan
    const file = filePart(source, handle)
    const each = perTask(extendNs(plan.shards, plan.symbolBytes))
    const running: Promise<void>[] = []
    for (const { first, end } of rangesOf(plan.filledRows, each)) {
      if (source.kind === 'bytes') await this.#copyRows(source.bytes, first, end)
      const work = this.#crew.run({ kind: 'rows', plan, first, end, file })
      work.catch(() => {})
      running.push(work)
    }
    await Promise.all(running)
  }

  async #copyRows(blob: Uint8Array, first: number, end: number): Promise<void> {
    const { columns, symbolBytes, length } = this.#plan
    const rowBytes = columns * symbolBytes
    const from = blob.subarray(first * rowBytes, end * rowBytes)
    const { bytes } = this.#crew.arena
    await this.#turns.copy(from, bytes, this.#plan.blob + first * rowBytes)
    const blobEnd = this.#plan.blob + Math.min(end * rowBytes, length)
    bytes.fill(0, blobEnd, this.#plan.blob + end * rowBytes)
  }

  /** Without hashes nothing is left of recovery columns. */
  #columnTasks(): Task[] {
    const { shards, columns, hashes } = this.#plan
    const all = bandsOf(shards)
    const wanted = hashes === 0 ? Math.ceil(columns / bandColumns(shards)) : all
    const plan = this.#plan
    return Array.from({ length: wanted }, (_, band) => ({ kind: 'columns', plan, band }))
  }

  #rowRootTasks(): Task[] {
    const { shards } = this.#plan
    const each = Math.min(perTask(rowTreeNs(bandsOf(shards))), Math.ceil(shards / this.#workers))
    const plan = this.#plan
    return rangesOf(shards, each).map((range) => ({ kind: 'row-roots', plan, ...range }))
  }
}
