import { BlobEncoder } from '@mysten/walrus-wasm'
import type { BlobMetadata, Codec, Sliver } from '../../../src/redstuff/codec.ts'
import { codeParameters } from '../../../src/redstuff/parameters.ts'
import { decodeSliver, encodeSliver, sliverBcsBytes } from '../../../src/redstuff/sliver-bcs.ts'
import { blobIdBytes } from '../../../src/terms/blob-id.ts'
import { Measures } from './measures.ts'

const { signal } = new AbortController()
/** What is timed, of ours and of the official codec. */
export const operations = [
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
export class Contest {
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
