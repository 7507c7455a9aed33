import { blobIdBytes } from '../../terms/blob-id.ts'
import { CodecError } from '../codec.ts'
import type {
  Axis,
  BlobMetadata,
  Codec,
  CodecOptions,
  DecodeOptions,
  DecodingSymbol,
  EncodedSlivers,
  EncodeSource,
  Sliver,
} from '../codec.ts'
import { readSource, sourceLength } from '../encode-source.ts'
import { chooseSlivers } from '../given.ts'
import { metadataFromHashes } from '../metadata.ts'
import { codeParameters } from '../parameters.ts'
import { encodeSliver, sliverBcsBytes } from '../sliver-bcs.ts'
import { OfficialThread } from './official-thread.ts'
import type { OfficialAnswer, OfficialOrder, OfficialSlivers } from './protocol.ts'

class OfficialEncodedSlivers implements EncodedSlivers {
  readonly metadata: BlobMetadata
  #slivers: OfficialSlivers | undefined

  constructor(metadata: BlobMetadata, slivers: OfficialSlivers) {
    this.metadata = metadata
    this.#slivers = slivers
  }

  sliverBcs(pair: number, axis: Axis, into?: Uint8Array): Uint8Array {
    if (!this.#slivers) throw new Error('the slivers have been released')
    const bcs = this.#slivers[axis][pair]!
    if (!into) return bcs.slice()
    into.set(bcs)
    return into.subarray(0, bcs.length)
  }

  release(): void {
    this.#slivers = undefined
  }
}

/**
 * The encoder and decoder that Walrus publishes, for comparison and doubt: slow, and all of a blob's slivers in memory
 * twice. What it does not offer is done by another codec.
 */
export class OfficialCodec implements Codec {
  readonly #rest: Codec
  readonly #thread = new OfficialThread()
  #closed = false

  constructor(rest: Codec) {
    this.#rest = rest
  }

  async metadata(shards: number, source: EncodeSource, signal: AbortSignal): Promise<BlobMetadata> {
    const encoded = await this.encode(shards, source, signal)
    encoded.release()
    return encoded.metadata
  }

  async encode(shards: number, source: EncodeSource, signal: AbortSignal): Promise<EncodedSlivers> {
    const parameters = codeParameters(shards, sourceLength(source))
    const blob = await readSource(source, signal)
    const order = {
      kind: 'encode',
      shards,
      blob,
      primaryBcsBytes: sliverBcsBytes(parameters.primarySliverBytes),
      secondaryBcsBytes: sliverBcsBytes(parameters.secondarySliverBytes),
    } as const
    const answer = await this.#perform(order, blob.length, signal)
    if (answer.kind !== 'slivers') throw new Error(`an answer of kind ${answer.kind}`)
    const metadata = metadataFromHashes(answer.slivers.hashes, blob.length)
    return new OfficialEncodedSlivers(metadata, answer.slivers)
  }

  verify(
    metadata: BlobMetadata,
    slivers: readonly Sliver[],
    signal: AbortSignal,
    options?: CodecOptions,
  ): Promise<boolean[]> {
    return this.#rest.verify(metadata, slivers, signal, options)
  }

  recover(
    metadata: BlobMetadata,
    target: { readonly axis: Axis; readonly index: number },
    symbols: readonly DecodingSymbol[],
    signal: AbortSignal,
    options?: CodecOptions,
  ): Promise<Sliver> {
    return this.#rest.recover(metadata, target, symbols, signal, options)
  }

  async decode(
    metadata: BlobMetadata,
    slivers: readonly Sliver[],
    check: 'skip' | 'default' | 'strict',
    signal: AbortSignal,
    options: DecodeOptions = {},
  ): Promise<Uint8Array> {
    const parameters = codeParameters(metadata.shards, metadata.unencodedLength)
    const { axis, chosen } = chooseSlivers(parameters, slivers)
    // The official decoder takes primary slivers only, and checks nothing.
    if (axis === 'secondary' || check === 'default') {
      return this.#rest.decode(metadata, slivers, check, signal, options)
    }
    const blob = await this.#decode(metadata, chosen, signal)
    if (check === 'strict') await this.#checkId(metadata, blob, signal)
    return blob
  }

  decodingSymbol(
    shards: number,
    source: Sliver,
    target: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    return this.#rest.decodingSymbol(shards, source, target, signal)
  }

  recoverySymbol(
    shards: number,
    source: Sliver,
    target: number,
    signal: AbortSignal,
  ): Promise<{ readonly data: Uint8Array; readonly proof: readonly Uint8Array[] }> {
    return this.#rest.recoverySymbol(shards, source, target, signal)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#thread.end()
    await this.#rest.close()
  }

  async #decode(
    metadata: BlobMetadata,
    slivers: readonly Sliver[],
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const order = {
      kind: 'decode',
      shards: metadata.shards,
      blobId: blobIdBytes(metadata.blobId),
      length: metadata.unencodedLength,
      slivers: slivers.map(encodeSliver),
    } as const
    const answer = await this.#perform(order, metadata.unencodedLength, signal)
    if (answer.kind !== 'blob') throw new Error(`an answer of kind ${answer.kind}`)
    return answer.blob
  }

  async #checkId(metadata: BlobMetadata, blob: Uint8Array, signal: AbortSignal): Promise<void> {
    const anew = await this.metadata(metadata.shards, { kind: 'bytes', bytes: blob }, signal)
    if (anew.blobId === metadata.blobId) return
    throw new CodecError('mismatch', `the blob is ${anew.blobId}, not ${metadata.blobId}`)
  }

  async #perform(
    order: OfficialOrder,
    bytes: number,
    signal: AbortSignal,
  ): Promise<OfficialAnswer> {
    if (this.#closed) throw new CodecError('closed', 'the codec is closed')
    const answer = await this.#thread.perform(order, bytes, signal)
    if (answer.kind === 'failed') throw new Error(`the official encoder: ${answer.message}`)
    return answer
  }
}
