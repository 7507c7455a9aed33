import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import { StoreError } from '../../store/blob-store.ts'
import { SharedFlight } from '../../store/shared-flight.ts'
import { pieceHashOf, type PieceHash } from '../../terms/piece-hash.ts'
import type { FileSource } from '../listing.ts'
import type { View } from '../view.ts'

/** A compressed file may have so many bytes, and as many decoded. */
export const maxDecodedBytes = 64 << 20

type Decoder = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>

const decoders: Readonly<Record<string, Decoder>> = {
  gzip: promisify(gunzip) as Decoder,
  'x-gzip': promisify(gunzip) as Decoder,
  deflate: promisify(inflate) as Decoder,
  br: promisify(brotliDecompress) as Decoder,
  zstd: promisify(zstdDecompress) as Decoder,
}

/** A file whose hash is promised. */
export type PromisedSource = FileSource & { readonly hash: PieceHash }

/** Whether files of this encoding can be shown as what they hold. */
export function isDecodable(encoding: string): boolean {
  return Object.hasOwn(decoders, encoding)
}

/** Decoded files, the last ones kept, each decoded once however many ask. */
export class Decoding {
  readonly #onDamaged: (source: FileSource) => void
  readonly #flights = new SharedFlight<string, Uint8Array>()
  readonly #kept = new LRUCache<string, Uint8Array>({
    maxSize: maxDecodedBytes,
    sizeCalculation: ({ length }) => length + 1,
  })

  constructor(onDamaged: (source: FileSource) => void) {
    this.#onDamaged = onDamaged
  }

  /** Throws StoreError; `corrupt` for bytes that are not what their hash promises, or cannot be decoded. */
  async get(source: PromisedSource, encoding: string, signal: AbortSignal): Promise<Uint8Array> {
    const key = `${encoding} ${source.hash}`
    const kept = this.#kept.get(key)
    if (kept) return kept
    const decode = (flight: AbortSignal) => this.#decode(source, encoding, flight)
    const bytes = await this.#flights.run(key, decode, signal)
    this.#kept.set(key, bytes)
    return bytes
  }

  async #decode(
    source: PromisedSource,
    encoding: string,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { view, offset, length, hash } = source
    if (length > maxDecodedBytes) throw tooLarge()
    const stored = await view.read(offset, length, signal)
    if (pieceHashOf(stored) !== hash) {
      this.#onDamaged(source)
      throw new StoreError('corrupt', 'a file is not what its hash promises')
    }
    try {
      return await decoders[encoding]!(stored, { maxOutputLength: maxDecodedBytes })
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
      throw new StoreError('corrupt', `a file that is not ${encoding}`, { cause })
    }
  }
}

/** What a compressed file holds. It is named by the hash of the compressed bytes, wherever they are stored. */
export class DecodedView implements View {
  readonly name: string
  readonly #decoding: Decoding
  readonly #source: PromisedSource
  readonly #encoding: string

  constructor(decoding: Decoding, source: PromisedSource, encoding: string) {
    this.name = `${encoding}:${source.hash}`
    this.#decoding = decoding
    this.#source = source
    this.#encoding = encoding
  }

  async size(signal: AbortSignal): Promise<number> {
    return (await this.#decoding.get(this.#source, this.#encoding, signal)).length
  }

  async read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const bytes = await this.#decoding.get(this.#source, this.#encoding, signal)
    return bytes.subarray(offset, offset + length)
  }
}

function tooLarge(): StoreError {
  return new StoreError(
    'corrupt',
    `a compressed file of more than ${maxDecodedBytes >> 20} MiB is shown with --as-stored only`,
  )
}
