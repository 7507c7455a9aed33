import type { FileHandle } from 'node:fs/promises'
import type { EncodeSource } from '../codec.ts'
import type { Crew } from '../pool/crew.ts'
import { bandsOf } from './band.ts'
import { TurnTaker } from './copy.ts'
import { cutIntoTasks, extendNs, hashedLineNs, isSmall, rowTreeNs } from './cost.ts'
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
    if (this.#plan.hashes !== 0) await this.#finishTrees()
  }

  /** One worker does everything. */
  async #runAtOnce(source: EncodeSource, handle: FileHandle | undefined): Promise<void> {
    const plan = this.#plan
    const file = filePart(source, handle)
    if (source.kind === 'bytes') await this.#copyRows(source.bytes, 0, plan.filledRows)
    const rows: Task = { kind: 'rows', plan, first: 0, end: plan.filledRows, file }
    const trees = plan.hashes === 0 ? [] : [...this.#rowRootTasks(), this.#rootTask()]
    await this.#crew.run({ kind: 'sequence', tasks: [rows, ...this.#columnTasks(), ...trees] })
  }

  /** Rows of a file are read by the workers; bytes in memory are copied here, a few rows ahead of the work on them. */
  async #extendRows(source: EncodeSource, handle: FileHandle | undefined): Promise<void> {
    const plan = this.#plan
    const file = filePart(source, handle)
    const ns = extendNs(plan.shards, plan.symbolBytes)
    const running: Promise<void>[] = []
    for (const { first, end } of cutIntoTasks(plan.filledRows, ns, this.#workers)) {
      if (source.kind === 'bytes') await this.#copyRows(source.bytes, first, end)
      const work = this.#crew.run({ kind: 'rows', plan, first, end, file })
      work.catch(() => {})
      running.push(work)
    }
    await Promise.all(running)
  }

  async #finishTrees(): Promise<void> {
    const tasks = this.#rowRootTasks()
    if (tasks.length > 1) {
      await this.#crew.all(tasks)
      await this.#crew.run(this.#rootTask())
    } else {
      await this.#crew.run({ kind: 'sequence', tasks: [...tasks, this.#rootTask()] })
    }
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
    const { shards, columns, hashes, symbolBytes } = this.#plan
    const plan = this.#plan
    const wide = bandColumns(shards)
    const bands = hashes === 0 ? Math.ceil(columns / wide) : bandsOf(shards)
    const ns = wide * hashedLineNs(shards, symbolBytes)
    return cutIntoTasks(bands, ns, this.#workers).map((range) => ({
      kind: 'columns',
      plan,
      ...range,
    }))
  }

  #rowRootTasks(): Task[] {
    const { shards } = this.#plan
    const plan = this.#plan
    const ns = rowTreeNs(bandsOf(shards))
    return cutIntoTasks(shards, ns, this.#workers).map((range) => ({
      kind: 'row-roots',
      plan,
      ...range,
    }))
  }

  #rootTask(): Task {
    return { kind: 'root', plan: this.#plan }
  }
}
