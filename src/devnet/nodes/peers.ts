import { decodeSliver } from '../../redstuff/sliver-bcs.ts'
import { pairOfShard, sliverOfPair } from '../../redstuff/sliver-pair.ts'
import { codeParameters } from '../../redstuff/parameters.ts'
import type { BlobMetadata, Sliver } from '../../redstuff/codec.ts'
import type { BlobId } from '../../terms/blob-id.ts'
import type { NodeParts } from './node-parts.ts'

const timeoutMs = 30_000
/** Requests to peers at once. */
const parallel = 4

/** Too few peers could help; later more of them may. */
export class PeersUnavailable extends Error {
  override readonly name = 'PeersUnavailable'
}

/** What other nodes have of a blob, over their own API: they may be down, slow or lying like those of strangers. */
export class Peers {
  readonly #parts: NodeParts
  readonly #ownAddress: string
  readonly #signal: AbortSignal

  constructor(parts: NodeParts, ownAddress: string, signal: AbortSignal) {
    this.#parts = parts
    this.#ownAddress = ownAddress
    this.#signal = signal
  }

  /** The blob's metadata and their BCS, from any peer that has the right ones. */
  async metadata(blobId: BlobId): Promise<{ metadata: BlobMetadata; bcs: Uint8Array }> {
    for (const { url } of this.#peers()) {
      try {
        const bcs = (await this.#get(`${url}/v1/blobs/${blobId}/metadata`)).subarray(32)
        return { metadata: this.#parts.reader.read(blobId, bcs), bcs }
      } catch (error) {
        this.#signal.throwIfAborted()
        this.#parts.log.debug('a peer has no metadata for us', { blobId, url, why: String(error) })
      }
    }
    throw new PeersUnavailable(`no peer has the metadata of ${blobId}`)
  }

  /** As many verified primary slivers as rebuild the blob. */
  async primarySlivers(metadata: BlobMetadata): Promise<Sliver[]> {
    const { primarySymbols } = codeParameters(metadata.shards, metadata.unencodedLength)
    const sources = this.#sources(metadata.blobId)
    const found: Sliver[] = []
    const dead = new Set<string>()
    const work = async () => {
      for (let next = sources.pop(); next && found.length < primarySymbols; next = sources.pop()) {
        if (dead.has(next.url)) continue
        const sliver = await this.#primary(metadata, next.url, next.pair, dead)
        if (sliver) found.push(sliver)
      }
    }
    await Promise.all(Array.from({ length: parallel }, work))
    if (found.length >= primarySymbols) return found
    throw new PeersUnavailable(`${found.length} of ${primarySymbols} slivers could be had`)
  }

  async #primary(
    metadata: BlobMetadata,
    url: string,
    pair: number,
    dead: Set<string>,
  ): Promise<Sliver | undefined> {
    const { blobId, shards } = metadata
    try {
      const bytes = await this.#get(`${url}/v1/blobs/${blobId}/slivers/${pair}/primary`)
      const sliver = decodeSliver('primary', bytes)
      if (sliver.index !== sliverOfPair('primary', pair, shards)) return undefined
      return (await this.#parts.verifier.verify(metadata, sliver)) ? sliver : undefined
    } catch (error) {
      this.#signal.throwIfAborted()
      if (!(error instanceof PeerRefusal)) dead.add(url)
      return undefined
    }
  }

  #peers(): { readonly url: string; readonly shards: readonly number[] }[] {
    return this.#parts.view
      .committee()
      .members.filter(({ address }) => address !== this.#ownAddress)
      .map(({ address, shards }) => ({ url: `http://${address}`, shards }))
  }

  /** Where primary slivers lie, the systematic ones last: they are taken first. */
  #sources(blobId: BlobId): { readonly url: string; readonly pair: number }[] {
    const { total } = this.#parts.shards
    return this.#peers()
      .flatMap(({ url, shards }) =>
        shards.map((shard) => ({ url, pair: pairOfShard(blobId, shard, total) })),
      )
      .sort((a, b) => b.pair - a.pair)
  }

  async #get(url: string): Promise<Uint8Array> {
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(timeoutMs)])
    const response = await fetch(url, { signal })
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (!response.ok) throw new PeerRefusal(`HTTP ${response.status}`)
    return bytes
  }
}

/** The peer lives but does not give this. */
class PeerRefusal extends Error {
  override readonly name = 'PeerRefusal'
}
