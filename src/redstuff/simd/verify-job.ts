import type { Axis, BlobMetadata, Sliver } from '../codec.ts'
import { sliverHash } from '../metadata.ts'
import { codeParameters, sliverBytes } from '../parameters.ts'
import { AddressSpace } from '../pool/address-space.ts'
import { TurnTaker } from './copy.ts'
import { cutIntoTasks, hashedLineNs, rangesOf } from './cost.ts'
import type { Bench, Layout } from './workshop.ts'

/** So much is copied in for each worker before it is handed out. */
const batchNs = 4e6
/** Bytes of slivers that are taken in at once. */
const batchBytes = 96 << 20

/** Slivers of one axis, all of the right length. */
export interface VerifyPlan {
  readonly slivers: readonly Sliver[]
  readonly step: number
  readonly at: number
  readonly roots: number
}

/** Cuts slivers into batches of one axis that fit an arena. */
export function verifyBatches(metadata: BlobMetadata, slivers: readonly Sliver[]): Sliver[][] {
  const parameters = codeParameters(metadata.shards, metadata.unencodedLength)
  return (['primary', 'secondary'] as const).flatMap((axis) => {
    const own = slivers.filter((sliver) => sliver.axis === axis)
    const each = Math.max(1, Math.floor(batchBytes / sliverBytes(parameters, axis)))
    return rangesOf(own.length, each).map(({ first, end }) => own.slice(first, end))
  })
}

export function planVerify(slivers: readonly Sliver[], base: number): Layout<VerifyPlan> {
  const space = new AddressSpace(base)
  const step = slivers[0]!.data.length
  const roots = space.reserve(slivers.length * 32)
  const at = space.reserve(slivers.length * step)
  return { plan: { slivers, step, at, roots }, bytes: space.top }
}

/** The axis and lengths of a run of slivers in an arena. */
export interface SliverRun {
  readonly axis: Axis
  readonly symbolBytes: number
  readonly at: number
  readonly step: number
  readonly roots: number
}

/** Has the slivers [first, end) of a run hashed, in tasks that are spread over the workers. */
export function hashSlivers(
  { crew, workers }: Bench,
  run: SliverRun,
  first: number,
  end: number,
): Promise<void>[] {
  const { axis, symbolBytes, at, step, roots } = run
  const lineNs = hashedLineNs(crew.arena.state.shards, symbolBytes)
  return cutIntoTasks(end - first, lineNs, workers).map((range) =>
    crew.run({
      kind: 'sliver-hashes',
      axis,
      symbolBytes,
      slivers: at,
      step,
      first: first + range.first,
      end: first + range.end,
      out: roots,
    }),
  )
}

/** Whether the hash that was worked out for a sliver is the one of the metadata. */
export function hashMatches(
  { crew }: Bench,
  metadata: BlobMetadata,
  { axis, roots }: SliverRun,
  position: number,
  index: number,
): boolean {
  const at = roots + position * 32
  const root = crew.arena.bytes.subarray(at, at + 32)
  return Buffer.compare(root, sliverHash(metadata, axis, index)) === 0
}

/** Copies slivers in, and has them hashed while the next ones are copied. */
export async function runVerify(
  bench: Bench,
  metadata: BlobMetadata,
  plan: VerifyPlan,
  signal: AbortSignal,
): Promise<boolean[]> {
  const { slivers, step, at, roots } = plan
  const { axis, symbolBytes } = slivers[0]!
  const run = { axis, symbolBytes, at, step, roots }
  const turns = new TurnTaker(signal)
  const lineNs = hashedLineNs(metadata.shards, symbolBytes)
  const each = Math.max(1, Math.floor(batchNs / lineNs)) * bench.workers
  const hashing: Promise<unknown>[] = []
  for (const { first, end } of rangesOf(slivers.length, each)) {
    for (let k = first; k < end; k++) {
      await turns.copy(slivers[k]!.data, bench.crew.arena.bytes, at + k * step)
    }
    const hashed = Promise.all(hashSlivers(bench, run, first, end))
    hashed.catch(() => {})
    hashing.push(hashed)
  }
  await Promise.all(hashing)
  return slivers.map(({ index }, k) => hashMatches(bench, metadata, run, k, index))
}
