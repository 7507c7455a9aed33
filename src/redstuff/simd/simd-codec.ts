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
import { checkStoredSliver, chooseSymbols, sliverFits } from '../given.ts'
import { merkleProof } from '../merkle.ts'
import { codeParameters } from '../parameters.ts'
import { decodeBlob } from './decode-blob.ts'
import { Encoder } from './encoder.ts'
import type { StreamingOptions } from './encoder.ts'
import { planLine, planRecover, runLine, runRecover } from './symbol-job.ts'
import { planVerify, runVerify, verifyBatches } from './verify-job.ts'
import type { Workshop } from './workshop.ts'

/** The codec on WebAssembly kernels with SIMD, in a pool of workers over shared memory. */
export class SimdCodec implements Codec {
  readonly #workshop: Workshop
  readonly #encoder: Encoder

  constructor(workshop: Workshop, streaming: StreamingOptions) {
    this.#workshop = workshop
    this.#encoder = new Encoder(workshop, streaming)
  }

  async metadata(
    shards: number,
    source: EncodeSource,
    signal: AbortSignal,
    options?: CodecOptions,
  ): Promise<BlobMetadata> {
    return this.#encoder.metadata(shards, source, signal, options)
  }

  async encode(
    shards: number,
    source: EncodeSource,
    signal: AbortSignal,
    options?: EncodeOptions,
  ): Promise<EncodedSlivers> {
    return this.#encoder.encode(shards, source, signal, options)
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
