import { open } from 'node:fs/promises'
import { CodecError } from '../codec.ts'
import type {
  Axis,
  BlobMetadata,
  Codec,
  CodecOptions,
  DecodeOptions,
  DecodingSymbol,
  EncodedSlivers,
  EncodeOptions,
  EncodeSource,
  Sliver,
} from '../codec.ts'
import { sourceLength } from '../encode-source.ts'
import { checkStoredSliver, chooseSymbols, sliverFits } from '../given.ts'
import { merkleProof } from '../merkle.ts'
import { deriveBlobId } from '../metadata.ts'
import { codeParameters } from '../parameters.ts'
import { ArenaSlivers } from './arena-slivers.ts'
import { decodeBlob } from './decode-blob.ts'
import { EncodeJob } from './encode-job.ts'
import type { LoadedSource } from './encode-job.ts'
import { planEncoding } from './encode-plan.ts'
import type { EncodeWants } from './encode-plan.ts'
import { planLine, planRecover, runLine, runRecover } from './symbol-job.ts'
import type { EncodePlan } from './task.ts'
import { planVerify, runVerify, verifyBatches } from './verify-job.ts'
import type { Bench, Layout, Workshop } from './workshop.ts'

async function withSource<Result>(
  source: EncodeSource,
  work: (loaded: LoadedSource) => Promise<Result>,
): Promise<Result> {
  if (source.kind === 'bytes') return work(source)
  const handle = await open(source.path)
  try {
    return await work({ kind: 'file', handle, offset: source.offset })
  } finally {
    await handle.close()
  }
}

/** What an encoding left in its arena. */
function metadataIn({ crew }: Bench, { shards, hashes, length }: EncodePlan): BlobMetadata {
  const { bytes } = crew.arena
  const rootAt = hashes + shards * 64
  const rootHash = bytes.slice(rootAt, rootAt + 32)
  return {
    blobId: deriveBlobId(rootHash, length),
    rootHash,
    unencodedLength: length,
    shards,
    hashes: bytes.slice(hashes, rootAt),
  }
}

/** The codec on WebAssembly kernels with SIMD, in a pool of workers over shared memory. */
export class SimdCodec implements Codec {
  readonly #workshop: Workshop

  constructor(workshop: Workshop) {
    this.#workshop = workshop
  }

  async metadata(
    shards: number,
    source: EncodeSource,
    signal: AbortSignal,
    options?: CodecOptions,
  ): Promise<BlobMetadata> {
    const layOut = this.#encoding(shards, source, { slivers: false, hashes: true })
    return withSource(source, (loaded) =>
      this.#workshop.run(
        shards,
        layOut,
        async (bench, plan) => {
          await new EncodeJob(bench.crew, plan, bench.workers, signal).run(loaded)
          return metadataIn(bench, plan)
        },
        signal,
        options,
      ),
    )
  }

  async encode(
    shards: number,
    source: EncodeSource,
    signal: AbortSignal,
    options: EncodeOptions = {},
  ): Promise<EncodedSlivers> {
    const known = options.metadata
    const layOut = this.#encoding(shards, source, { slivers: true, hashes: !known })
    return withSource(source, (loaded) =>
      this.#workshop.runAndHold(
        shards,
        layOut,
        async (bench, plan, release) => {
          await new EncodeJob(bench.crew, plan, bench.workers, signal).run(loaded)
          const metadata = known ?? metadataIn(bench, plan)
          return new ArenaSlivers(metadata, plan, bench.crew.arena, release)
        },
        signal,
        options,
      ),
    )
  }

  async verify(
    metadata: BlobMetadata,
    slivers: readonly Sliver[],
    signal: AbortSignal,
    options?: CodecOptions,
  ): Promise<boolean[]> {
    signal.throwIfAborted()
    const parameters = codeParameters(metadata.shards, metadata.unencodedLength)
    const fitting = slivers.filter((sliver) => sliverFits(parameters, sliver))
    const good = new Set<Sliver>()
    for (const batch of verifyBatches(metadata, fitting)) {
      const verdicts = await this.#workshop.run(
        metadata.shards,
        (base) => planVerify(batch, base),
        (bench, plan) => runVerify(bench, metadata, plan, signal),
        signal,
        options,
      )
      for (const [k, verdict] of verdicts.entries()) if (verdict) good.add(batch[k]!)
    }
    return slivers.map((sliver) => good.has(sliver))
  }

  async recover(
    metadata: BlobMetadata,
    { axis, index }: { readonly axis: Axis; readonly index: number },
    symbols: readonly DecodingSymbol[],
    signal: AbortSignal,
    options?: CodecOptions,
  ): Promise<Sliver> {
    const parameters = codeParameters(metadata.shards, metadata.unencodedLength)
    const chosen = chooseSymbols(parameters, axis, symbols)
    return this.#workshop.run(
      metadata.shards,
      (base) => planRecover(parameters, this.#workshop.pool.workers, axis, chosen, base),
      (bench, plan) => runRecover(bench, metadata, plan, index, chosen, signal),
      signal,
      options,
    )
  }

  async decode(
    metadata: BlobMetadata,
    slivers: readonly Sliver[],
    check: 'skip' | 'default' | 'strict',
    signal: AbortSignal,
    options: DecodeOptions = {},
  ): Promise<Uint8Array> {
    const { blob, unchecked } = await decodeBlob(this.#workshop, metadata, slivers, signal, options)
    if (check === 'default') await this.#checkRows(metadata, unchecked, signal, options)
    if (check === 'strict') await this.#checkId(metadata, blob, signal, options)
    return blob
  }

  async decodingSymbol(
    shards: number,
    source: Sliver,
    target: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    checkStoredSliver(shards, source, target)
    const { symbolBytes, data } = source
    if ((target + 1) * symbolBytes <= data.length) {
      signal.throwIfAborted()
      return data.slice(target * symbolBytes, (target + 1) * symbolBytes)
    }
    const line = await this.#line(shards, source, target, false, signal)
    return line.data
  }

  async recoverySymbol(
    shards: number,
    source: Sliver,
    target: number,
    signal: AbortSignal,
  ): Promise<{ readonly data: Uint8Array; readonly proof: readonly Uint8Array[] }> {
    checkStoredSliver(shards, source, target)
    const { data, leaves } = await this.#line(shards, source, target, true, signal)
    return { data, proof: merkleProof(leaves, target) }
  }

  async close(): Promise<void> {
    await this.#workshop.close()
  }

  #encoding(
    shards: number,
    source: EncodeSource,
    wants: EncodeWants,
  ): (base: number) => Layout<EncodePlan> {
    const length = sourceLength(source)
    const parameters = codeParameters(shards, length)
    return (base) => planEncoding(parameters, length, wants, base)
  }

  #line(
    shards: number,
    source: Sliver,
    target: number,
    withLeaves: boolean,
    signal: AbortSignal,
  ): Promise<{ readonly data: Uint8Array; readonly leaves: Uint8Array }> {
    return this.#workshop.run(
      shards,
      (base) => planLine(shards, source, withLeaves, base),
      (bench, plan) => runLine(bench, plan, source, target, signal),
      signal,
    )
  }

  /** Throws `mismatch` unless the metadata vouch for these rows of the blob. */
  async #checkRows(
    metadata: BlobMetadata,
    rows: readonly Sliver[],
    signal: AbortSignal,
    options: CodecOptions,
  ): Promise<void> {
    const verdicts = await this.verify(metadata, rows, signal, options)
    const bad = rows[verdicts.indexOf(false)]
    if (!bad) return
    throw new CodecError('mismatch', `the blob is not ${metadata.blobId}: row ${bad.index} differs`)
  }

  async #checkId(
    metadata: BlobMetadata,
    blob: Uint8Array,
    signal: AbortSignal,
    options: CodecOptions,
  ): Promise<void> {
    const source = { kind: 'bytes', bytes: blob } as const
    const anew = await this.metadata(metadata.shards, source, signal, options)
    if (anew.blobId === metadata.blobId) return
    throw new CodecError('mismatch', `the blob is ${anew.blobId}, not ${metadata.blobId}`)
  }
}
