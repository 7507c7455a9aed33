import { CodecError } from '../codec.ts'
import type {
  Axis,
  BlobMetadata,
  Codec,
  DecodeOptions,
  DecodingSymbol,
  EncodeOptions,
  EncodedSlivers,
  EncodeSource,
  Sliver,
} from '../codec.ts'
import { readSource, sourceLength } from '../encode-source.ts'
import { checkStoredSliver } from '../given.ts'
import { merkleProof } from '../merkle.ts'
import { codeParameters } from '../parameters.ts'
import { decodeBlob, recoverSliver, verifySlivers } from './decoding.ts'
import { encodeBlob, MatrixSlivers } from './encoding.ts'
import { leafHashes } from './matrix.ts'
import { sliced } from './sliced.ts'
import { extendSliver } from './word.ts'

/**
 * The codec in plain TypeScript on the calling thread, a few milliseconds at a time: the reference for the fast
 * one, and what runs where WebAssembly has no SIMD. Takes all of a blob's matrix into memory, 4.5 times the blob.
 */
export class ScalarCodec implements Codec {
  #closed = false

  async metadata(shards: number, source: EncodeSource, signal: AbortSignal): Promise<BlobMetadata> {
    const { metadata } = await this.#encode(shards, source, signal, {})
    return metadata
  }

  async encode(
    shards: number,
    source: EncodeSource,
    signal: AbortSignal,
    options: EncodeOptions = {},
  ): Promise<EncodedSlivers> {
    const { metadata, matrix } = await this.#encode(shards, source, signal, options)
    return new MatrixSlivers(metadata, matrix)
  }

  async verify(
    metadata: BlobMetadata,
    slivers: readonly Sliver[],
    signal: AbortSignal,
  ): Promise<boolean[]> {
    return this.#run(verifySlivers(metadata, slivers), signal)
  }

  async recover(
    metadata: BlobMetadata,
    target: { readonly axis: Axis; readonly index: number },
    symbols: readonly DecodingSymbol[],
    signal: AbortSignal,
  ): Promise<Sliver> {
    return this.#run(recoverSliver(metadata, target.axis, target.index, symbols), signal)
  }

  async decode(
    metadata: BlobMetadata,
    slivers: readonly Sliver[],
    check: 'skip' | 'default' | 'strict',
    signal: AbortSignal,
    options: DecodeOptions = {},
  ): Promise<Uint8Array> {
    return this.#run(decodeBlob(metadata, slivers, check, options.verified ?? false), signal)
  }

  async decodingSymbol(
    shards: number,
    source: Sliver,
    target: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { data } = await this.recoverySymbol(shards, source, target, signal)
    return data
  }

  async recoverySymbol(
    shards: number,
    source: Sliver,
    target: number,
    signal: AbortSignal,
  ): Promise<{ readonly data: Uint8Array; readonly proof: readonly Uint8Array[] }> {
    checkStoredSliver(shards, source, target)
    const { axis, symbolBytes } = source
    const line = await this.#run(extendSliver(axis, shards, symbolBytes, source.data), signal)
    const data = line.slice(target * symbolBytes, (target + 1) * symbolBytes)
    return { data, proof: merkleProof(leafHashes(line, symbolBytes), target) }
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  async #encode(
    shards: number,
    source: EncodeSource,
    signal: AbortSignal,
    options: EncodeOptions,
  ): Promise<{ metadata: BlobMetadata; matrix: Uint8Array }> {
    const parameters = codeParameters(shards, sourceLength(source))
    const blob = await readSource(source, signal)
    return this.#run(encodeBlob(parameters, blob, options.metadata), signal)
  }

  async #run<T>(work: Generator<void, T>, signal: AbortSignal): Promise<T> {
    if (this.#closed) throw new CodecError('closed', 'the codec is closed')
    return sliced(work, signal)
  }
}
