import type { FileHandle } from 'node:fs/promises'
import type { CodeParameters } from '../codec.ts'
import { AddressSpace, roundUp } from '../pool/address-space.ts'
import { bandsOf } from './band.ts'
import { cutIntoTasks, rangesOf, rowTreeNs } from './cost.ts'
import type { EncodeWants } from './encode-plan.ts'
import { bandColumns } from './scratch.ts'
import type { StreamPlan, Task } from './task.ts'
import type { Bench, Layout } from './workshop.ts'

/** The files of a streamed encoding. */
export interface StreamFiles {
  /** The blob is a part of this file. */
  readonly source: FileHandle
  readonly offset: number
  readonly spool: FileHandle
}

/** Bytes of the spool that the slivers take: recovery columns, then recovery rows. */
export function spoolBytes(parameters: CodeParameters): number {
  const { shards, primarySymbols, secondarySymbols } = parameters
  const columns = (shards - secondarySymbols) * parameters.secondarySliverBytes
  return columns + (shards - primarySymbols) * parameters.primarySliverBytes
}

/** Lays out windows of `windowBytes` in all, or as much more as one row or column takes for each worker. */
export function planStream(
  parameters: CodeParameters,
  length: number,
  wants: EncodeWants,
  files: StreamFiles,
  workers: number,
  windowBytes: number,
  base: number,
): Layout<StreamPlan> {
  const { shards, symbolBytes, primarySymbols, secondarySymbols } = parameters
  const space = new AddressSpace(base)
  const each = Math.max(Math.floor(windowBytes / workers), shards * symbolBytes + 512)
  const step = roundUp(each, 4096)
  const columnBytes = (shards - secondarySymbols) * parameters.secondarySliverBytes
  const plan: StreamPlan = {
    shards,
    rows: primarySymbols,
    columns: secondarySymbols,
    symbolBytes,
    length,
    filledRows: Math.max(1, Math.ceil(length / parameters.primarySliverBytes)),
    hashes: wants.hashes ? space.reserve((shards * 2 + 1) * 32) : 0,
    subtrees: wants.hashes ? space.reserve(shards * bandsOf(shards) * 32) : 0,
    source: { descriptor: files.source.fd, offset: files.offset },
    spool: {
      descriptor: files.spool.fd,
      recoveryColumns: 0,
      recoveryRows: wants.slivers ? columnBytes : undefined,
    },
    windows: space.reserve(workers * step),
    windowBytes: step,
  }
  return { plan, bytes: space.top }
}

/** Runs a streamed encoding: two passes over the blob, the second one over what the first one spooled, too. */
export async function runStream({ crew, workers }: Bench, plan: StreamPlan): Promise<void> {
  const { shards, symbolBytes, filledRows, columns, hashes } = plan
  const fitting = Math.floor(plan.windowBytes / (shards * symbolBytes + 256))
  const rows = Math.max(1, Math.min(fitting, Math.ceil(filledRows / (4 * workers))))
  await crew.all(rangesOf(filledRows, rows).map((own) => ({ kind: 'stream-rows', plan, ...own })))
  const all = bandsOf(shards)
  const wanted = hashes === 0 ? Math.ceil(columns / bandColumns(shards)) : all
  const bands = Array.from({ length: wanted }, (_, band): Task => ({
    kind: 'stream-columns',
    plan,
    band,
  }))
  await crew.all(bands)
  if (hashes === 0) return
  const roots = cutIntoTasks(shards, rowTreeNs(all), workers)
  await crew.all(roots.map((own) => ({ kind: 'row-roots', plan, ...own })))
  await crew.run({ kind: 'root', plan })
}
