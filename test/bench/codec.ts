import { availableParallelism, loadavg } from 'node:os'
import { BlobEncoder } from '@mysten/walrus-wasm'
import type { BlobMetadata, Codec, Sliver } from '../../src/redstuff/codec.ts'
import { openCodec } from '../../src/redstuff/open-codec.ts'
import { codeParameters } from '../../src/redstuff/parameters.ts'
import { decodeSliver, encodeSliver, sliverBcsBytes } from '../../src/redstuff/sliver-bcs.ts'
import { blobIdBytes } from '../../src/terms/blob-id.ts'
import { kernelSpeed, workOf } from './codec-floor.ts'
import { loopDelay } from './codec-loop.ts'
import { Measures, bytes, ms, ratio, table } from './codec-measure.ts'
import { memoryOf } from './codec-memory.ts'

export interface CodecBenchOptions {
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

const { signal } = new AbortController()
const operations = [
  'encode',
  'metadata',
  'decode any third',
  'decode, 3 missing',
  'decode, none missing',
  'verify the blob rows',
] as const

function randomBytes(size: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(size / 4))
  for (let k = 0, state = 1; k < words.length; k++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    words[k] = state ^ (state >>> 15)
  }
  return new Uint8Array(words.buffer, 0, size)
}

/** The same sets of slivers in each run. */
function sliverSets(shards: number, needed: number): Record<string, number[]> {
  const all = Array.from({ length: shards }, (_, k) => k)
  const mixed = all.toSorted((a, b) => ((a * 7919) % shards) - ((b * 7919) % shards))
  const systematic = all.slice(0, needed)
  return {
    'decode any third': mixed.slice(0, needed),
    'decode, 3 missing': systematic.map((index) => (index < 3 ? shards - 1 - index : index)),
    'decode, none missing': systematic,
  }
}

/** What is decoded: a blob's primary slivers. */
interface Given {
  readonly metadata: BlobMetadata
  readonly slivers: readonly Sliver[]
}

/** One size on one number of shards: everything once per round, the official codec in between. */
class Contest {
  readonly measures = new Measures()
  readonly #shards: number
  readonly #blob: Uint8Array
  readonly #codecs: ReadonlyMap<string, Codec>
  readonly #official: BlobEncoder
  readonly #sets: Record<string, number[]>

  constructor(shards: number, size: number, codecs: ReadonlyMap<string, Codec>) {
    this.#shards = shards
    this.#blob = randomBytes(size)
    this.#codecs = codecs
    this.#official = new BlobEncoder(shards)
    this.#sets = sliverSets(shards, codeParameters(shards, size).primarySymbols)
  }

  /** At least so many rounds, and as many more as go into two seconds: short things need them. */
  async run(rounds: number): Promise<void> {
    const given = await this.#slivers()
    for (const codec of this.#codecs.values()) await this.#warmUp(codec, given)
    const started = performance.now()
    for (let round = 0; round < rounds || performance.now() < started + 2000; round++) {
      await this.#encodeOfficially()
      for (const [name, codec] of this.#codecs) await this.#encode(codec, `${name} `)
      for (const [operation, set] of Object.entries(this.#sets)) {
        await this.#decodeOfficially(operation, given, set)
        for (const [name, codec] of this.#codecs) {
          await this.#decode(codec, given, set, `${name} ${operation}`)
        }
      }
      for (const [name, codec] of this.#codecs) {
        await this.#verify(codec, given, `${name} verify the blob rows`)
      }
    }
    this.#official.free()
  }

  /** Until the engine has compiled the kernel with all optimisation. */
  async #warmUp(codec: Codec, given: Given): Promise<void> {
    const started = performance.now()
    do {
      await this.#encode(codec, 'warm-up ')
      for (const set of Object.values(this.#sets)) await this.#decode(codec, given, set, 'warm-up')
      await this.#verify(codec, given, 'warm-up')
    } while (performance.now() < started + 500)
  }

  async #encodeOfficially(): Promise<void> {
    const parameters = codeParameters(this.#shards, this.#blob.length)
    const blanks = (bytes: number): Uint8Array[] =>
      Array.from({ length: this.#shards }, () => new Uint8Array(sliverBcsBytes(bytes)))
    const primary = blanks(parameters.primarySliverBytes)
    const secondary = blanks(parameters.secondarySliverBytes)
    await this.measures.take('official encode', () => {
      this.#official.encode(this.#blob, primary, secondary)
    })
    await this.measures.take('official metadata', () => {
      this.#official.compute_metadata(this.#blob)
    })
  }

  async #encode(codec: Codec, prefix: string): Promise<void> {
    const source = { kind: 'bytes', bytes: this.#blob } as const
    const encode = () => codec.encode(this.#shards, source, signal)
    const encoded = await this.measures.take(`${prefix}encode`, encode)
    encoded.release()
    const metadata = () => codec.metadata(this.#shards, source, signal)
    await this.measures.take(`${prefix}metadata`, metadata)
  }

  async #decode(
    codec: Codec,
    { metadata, slivers }: Given,
    set: readonly number[],
    name: string,
  ): Promise<void> {
    const chosen = set.map((index) => slivers[index]!)
    const decode = () => codec.decode(metadata, chosen, 'skip', signal)
    this.#mustBeRight(await this.measures.take(name, decode))
  }

  async #verify(codec: Codec, { metadata, slivers }: Given, name: string): Promise<void> {
    const rows = slivers.slice(0, this.#sets['decode, none missing']!.length)
    await this.measures.take(name, () => codec.verify(metadata, rows, signal))
  }

  async #slivers(): Promise<Given> {
    const [codec] = this.#codecs.values()
    const source = { kind: 'bytes', bytes: this.#blob } as const
    const encoded = await codec!.encode(this.#shards, source, signal)
    const slivers: Sliver[] = []
    for (let pair = 0; pair < this.#shards; pair++) {
      slivers.push(decodeSliver('primary', await encoded.sliverBcs(pair, 'primary')))
    }
    encoded.release()
    return { metadata: encoded.metadata, slivers }
  }

  async #decodeOfficially(
    operation: string,
    { metadata, slivers }: Given,
    set: readonly number[],
  ): Promise<void> {
    const stored = set.map((index) => encodeSliver(slivers[index]!))
    const blob = new Uint8Array(this.#blob.length)
    const id = Array.from(blobIdBytes(metadata.blobId))
    await this.measures.take(`official ${operation}`, () => {
      this.#official.decode(id, BigInt(blob.length), stored, blob)
    })
    this.#mustBeRight(blob)
  }

  #mustBeRight(blob: Uint8Array): void {
    if (Buffer.compare(blob, this.#blob) !== 0) throw new Error('a decoder answered wrong bytes')
  }
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
export async function run(options: CodecBenchOptions = {}): Promise<void> {
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

if (process.argv[1] === import.meta.filename) {
  const numbers = (name: string): number[] | undefined => process.env[name]?.split(',').map(Number)
  await run({
    ...(process.env['SHARDS'] && { shards: numbers('SHARDS')! }),
    ...(process.env['SIZES'] && { sizes: numbers('SIZES')! }),
    ...(process.env['ROUNDS'] && { rounds: Number(process.env['ROUNDS']) }),
  })
}
