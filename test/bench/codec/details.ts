import { availableParallelism, loadavg } from 'node:os'
import type { Codec } from '../../../src/redstuff/codec.ts'
import { openCodec } from '../../../src/redstuff/open-codec.ts'
import { codeParameters } from '../../../src/redstuff/parameters.ts'
import { Contest, operations } from './contest.ts'
import type { Bench } from '../harness/bench.ts'
import { kernelSpeed, workOf } from './floor.ts'
import { loopDelay } from './loop-delay.ts'
import type { Measures } from './measures.ts'
import { bytes, ms, ratio, table } from './measures.ts'
import { memoryOf } from './memory.ts'

interface CodecBenchOptions {
  /** @default [100, 1000] */
  readonly shards?: readonly number[]
  /** Blob sizes in bytes. @default 4 KiB, 64 KiB, 1, 16 and 64 MiB */
  readonly sizes?: readonly number[]
  /** @default 3 */
  readonly rounds?: number
  /** Numbers of worker threads. @default [1, 2] */
  readonly workers?: readonly number[]
  /** Measure memory and event loop, too. @default true */
  readonly resources?: boolean
}

function contestRows(measures: Measures, names: readonly string[]): string[][] {
  return operations.map((operation) => {
    const theirs = measures.of(`official ${operation}`)
    const official = Number.isNaN(theirs.wall) ? ['', ''] : [ms(theirs.wall), ms(theirs.cpu)]
    const ours = names.flatMap((name) => {
      const own = measures.of(`${name} ${operation}`)
      const ratios = [ratio(theirs.wall, own.wall), ratio(theirs.cpu, own.cpu)]
      return [ms(own.wall), ms(own.cpu), ...ratios]
    })
    return [operation, ...official, ...ours]
  })
}

/** How far encoding is from what it cannot do without. */
async function printFloor(
  shards: readonly number[],
  sizes: readonly number[],
  cpuOf: (shards: number, size: number) => number,
): Promise<void> {
  const speed = await kernelSpeed()
  const head = ['floor', 'compressions', 'ms', 'butterflies', 'ms', 'floor ms', 'encode cpu ms']
  const rows = shards.flatMap((n) =>
    sizes.map((size) => {
      const { compressions, butterflies } = workOf(codeParameters(n, size), size)
      const hash = (compressions * speed.compression) / 1e6
      const extend = (butterflies * speed.butterfly) / 1e6
      const counts = [(compressions / 1e6).toFixed(2), ms(hash), (butterflies / 1e6).toFixed(1)]
      const sums = [ms(extend), ms(hash + extend), ms(cpuOf(n, size))]
      return [`${n} shards, ${bytes(size)}`, ...counts, ...sums]
    }),
  )
  const { compression, butterfly } = speed
  console.log(
    `\nkernel: ${compression.toFixed(0)} ns per compression, ${butterfly.toFixed(2)} ns per butterfly`,
  )
  console.log(table([head, ...rows]))
}

async function printResources(shards: readonly number[], sizes: readonly number[]): Promise<void> {
  const megabytes = ['threads MB', 'peak MB', 'limit MB', 'after MB']
  const head = ['memory over the idle process', ...megabytes, 'encode from new memory: ms', 'again']
  const rows: string[][] = []
  for (const n of shards) {
    for (const size of sizes.filter((own) => own >= 1 << 20)) {
      const { threads, peak, after, coldMs, warmMs } = await memoryOf(n, size)
      const limit = size >= 128 << 20 ? 256 * 1.048576 : (4.5 * size) / 1e6 + 40
      rows.push([
        `${n} shards, ${bytes(size)}`,
        ...[threads / 1e6, peak / 1e6, limit, after / 1e6, coldMs, warmMs].map(ms),
      ])
    }
  }
  console.log(`\n${table([head, ...rows])}`)
  const { p50, p99, longest } = await loopDelay(1000, 64 << 20)
  console.log(
    `\nevent loop while 64 MiB are encoded and sent: p50 ${ms(p50)} ms, p99 ${ms(p99)} ms, longest ${ms(longest)} ms`,
  )
}

/** Prints the codec's speed against the official one, interleaved, its floor, and what it takes of memory and turns. */
async function run(options: CodecBenchOptions = {}): Promise<void> {
  const shards = options.shards ?? [100, 1000]
  const sizes = options.sizes ?? [4096, 65536, 1 << 20, 16 << 20, 64 << 20]
  const workers = options.workers ?? [1, 2]
  const names = workers.map((count) => `${count} worker${count === 1 ? '' : 's'}`)
  console.log(
    `node ${process.version}, ${availableParallelism()} processors, load ${loadavg()[0]!.toFixed(1)}`,
  )
  const costs = new Map<string, number>()
  for (const n of shards) {
    for (const size of sizes) {
      const codecs = new Map<string, Codec>()
      for (const [k, name] of names.entries()) {
        codecs.set(name, await openCodec({ workers: workers[k]! }))
      }
      const contest = new Contest(n, size, codecs)
      await contest.run(options.rounds ?? 3)
      for (const codec of codecs.values()) await codec.close()
      costs.set(`${n} ${size}`, contest.measures.of(`${names[0]} encode`).cpu)
      const ours = names.flatMap((name) => [`${name}: ms`, 'cpu', 'wall ratio', 'cpu ratio'])
      const head = [`${n} shards, ${bytes(size)}`, 'official: ms', 'cpu', ...ours]
      console.log(`\n${table([head, ...contestRows(contest.measures, names)])}`)
    }
  }
  await printFloor(shards, sizes, (n, size) => costs.get(`${n} ${size}`)!)
  if (options.resources ?? process.env['RESOURCES'] !== '0')
    await printResources(shards, [...sizes, 128 << 20])
}

/** Prints tables of its own; SHARDS, SIZES and ROUNDS in the environment choose, RESOURCES=0 leaves memory and event loop out. */
export const codecDetails: Bench = {
  name: 'codec-details',
  about: 'the codec in all sizes, its floor, its memory',
  isLong: true,
  run: async () => {
    const numbers = (name: string): number[] | undefined =>
      process.env[name]?.split(',').map(Number)
    await run({
      ...(process.env['SHARDS'] && { shards: numbers('SHARDS')! }),
      ...(process.env['SIZES'] && { sizes: numbers('SIZES')! }),
      ...(process.env['ROUNDS'] && { rounds: Number(process.env['ROUNDS']) }),
    })
    return []
  },
}
