import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type {
  BlobMetadata,
  CodecOptions,
  CodeParameters,
  EncodedSlivers,
  EncodeOptions,
  EncodeSource,
} from '../codec.ts'
import { sourceLength } from '../encode-source.ts'
import { deriveBlobId } from '../metadata.ts'
import { codeParameters } from '../parameters.ts'
import { ArenaSlivers } from './arena-slivers.ts'
import { EncodeJob } from './encode-job.ts'
import { planEncoding } from './encode-plan.ts'
import type { EncodeWants } from './encode-plan.ts'
import { SpooledSlivers } from './spooled-slivers.ts'
import { openSpool, writeToSpool } from './spool.ts'
import { planStream, runStream, spoolBytes } from './stream-job.ts'
import type { StreamFiles } from './stream-job.ts'
import type { TreePlan } from './task.ts'
import type { Bench, Workshop } from './workshop.ts'

/** How large blobs are encoded. */
export interface StreamingOptions {
  /** Blobs of so many bytes are streamed. */
  readonly fromBytes: number
  readonly windowBytes: number
  readonly spoolDirectory: string
}

/** What an encoding left in its arena. */
function metadataIn({ crew }: Bench, { shards, hashes, length }: TreePlan): BlobMetadata {
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

/** The source's file, open, or undefined for bytes in memory. */
async function openSource(source: EncodeSource): Promise<FileHandle | undefined> {
  return source.kind === 'file' ? open(source.path) : undefined
}

/** One blob on its way to slivers. */
interface Encoding {
  readonly parameters: CodeParameters
  readonly length: number
  readonly source: EncodeSource
  readonly signal: AbortSignal
  readonly options: CodecOptions
}

/** Encodes blobs: small ones in one piece, large ones through files. */
export class Encoder {
  readonly #workshop: Workshop
  readonly #streaming: StreamingOptions

  constructor(workshop: Workshop, streaming: StreamingOptions) {
    this.#workshop = workshop
    this.#streaming = streaming
  }

  async metadata(
    shards: number,
    source: EncodeSource,
    signal: AbortSignal,
    options: CodecOptions = {},
  ): Promise<BlobMetadata> {
    const encoding = this.#encoding(shards, source, signal, options)
    return this.#isLarge(encoding)
      ? this.#streamMetadata(encoding)
      : this.#metadataInOnePiece(encoding)
  }

  async encode(
    shards: number,
    source: EncodeSource,
    signal: AbortSignal,
    options: EncodeOptions = {},
  ): Promise<EncodedSlivers> {
    const encoding = this.#encoding(shards, source, signal, options)
    return this.#isLarge(encoding)
      ? this.#streamSlivers(encoding, options.metadata)
      : this.#slivers(encoding, options.metadata)
  }

  #encoding(
    shards: number,
    source: EncodeSource,
    signal: AbortSignal,
    options: CodecOptions,
  ): Encoding {
    const length = sourceLength(source)
    return { parameters: codeParameters(shards, length), length, source, signal, options }
  }

  #isLarge({ length }: Encoding): boolean {
    return length >= this.#streaming.fromBytes
  }

  async #metadataInOnePiece(encoding: Encoding): Promise<BlobMetadata> {
    const { parameters, length, source, signal, options } = encoding
    const file = await openSource(source)
    const wants = { slivers: false, hashes: true }
    try {
      return await this.#workshop.run(
        parameters.shards,
        (base) => planEncoding(parameters, length, wants, base),
        async (bench, plan) => {
          await new EncodeJob(bench, plan, signal).run(source, file)
          return metadataIn(bench, plan)
        },
        signal,
        options,
      )
    } finally {
      await file?.close()
    }
  }

  async #slivers(
    { parameters, length, source, signal, options }: Encoding,
    known: BlobMetadata | undefined,
  ): Promise<EncodedSlivers> {
    const file = await openSource(source)
    const wants = { slivers: true, hashes: !known }
    try {
      return await this.#workshop.runAndHold(
        parameters.shards,
        (base) => planEncoding(parameters, length, wants, base),
        async (bench, plan, release) => {
          await new EncodeJob(bench, plan, signal).run(source, file)
          const metadata = known ?? metadataIn(bench, plan)
          return new ArenaSlivers(metadata, plan, bench.crew.arena, release)
        },
        signal,
        options,
      )
    } finally {
      await file?.close()
    }
  }

  async #streamMetadata(encoding: Encoding): Promise<BlobMetadata> {
    const files = await this.#openFiles(encoding)
    try {
      return await this.#stream(encoding, files, { slivers: false, hashes: true }, undefined)
    } finally {
      await closeFiles(files)
    }
  }

  async #streamSlivers(
    encoding: Encoding,
    known: BlobMetadata | undefined,
  ): Promise<EncodedSlivers> {
    const files = await this.#openFiles(encoding)
    try {
      const wants = { slivers: true, hashes: !known }
      const metadata = await this.#stream(encoding, files, wants, known)
      return new SpooledSlivers(metadata, files, () => void closeFiles(files))
    } catch (error) {
      await closeFiles(files)
      throw error
    }
  }

  #stream(
    { parameters, length, signal, options }: Encoding,
    files: StreamFiles,
    wants: EncodeWants,
    known: BlobMetadata | undefined,
  ): Promise<BlobMetadata> {
    const { workers } = this.#workshop.pool
    const { windowBytes } = this.#streaming
    return this.#workshop.run(
      parameters.shards,
      (base) => planStream(parameters, length, wants, files, workers, windowBytes, base),
      async (bench, plan) => {
        await runStream(bench, plan)
        return known ?? metadataIn(bench, plan)
      },
      signal,
      options,
    )
  }

  /** The spool, and the blob's file; bytes in memory are put into the spool first, behind what it will hold. */
  async #openFiles({ parameters, source, signal }: Encoding): Promise<StreamFiles> {
    const file = await openSource(source)
    const spool = await openSpool(this.#streaming.spoolDirectory)
    if (source.kind === 'file') return { source: file!, offset: source.offset, spool }
    const offset = spoolBytes(parameters)
    const files = { source: spool, offset, spool }
    try {
      await writeToSpool(spool, source.bytes, offset, signal)
      return files
    } catch (error) {
      await closeFiles(files)
      throw error
    }
  }
}

async function closeFiles({ source, spool }: StreamFiles): Promise<void> {
  await source.close()
  if (spool !== source) await spool.close()
}
