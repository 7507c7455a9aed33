import type { Axis, BlobMetadata, Codec, DecodingSymbol, Sliver } from '../../src/redstuff/codec.ts'
import { decodeSliver } from '../../src/redstuff/sliver-bcs.ts'
import { pairOfSliver } from '../../src/redstuff/sliver-pair.ts'
import { never } from './vector-check.ts'
import { stream } from './vectors/vector.ts'

/** A blob with all its slivers. */
export interface EncodedBlob {
  readonly blob: Uint8Array
  readonly metadata: BlobMetadata
  readonly sliver: (axis: Axis, index: number) => Sliver
}

/** Encodes the first bytes of the stream. */
export async function encodedBlob(
  codec: Codec,
  shards: number,
  size: number,
): Promise<EncodedBlob> {
  const blob = stream(size)
  const encoded = await codec.encode(shards, { kind: 'bytes', bytes: blob }, never)
  const all = async (axis: Axis): Promise<Sliver[]> => {
    const own: Sliver[] = []
    for (let index = 0; index < shards; index++) {
      const bcs = await encoded.sliverBcs(pairOfSliver(axis, index, shards), axis)
      own.push(decodeSliver(axis, bcs))
    }
    return own
  }
  const slivers = { primary: await all('primary'), secondary: await all('secondary') }
  encoded.release()
  return { blob, metadata: encoded.metadata, sliver: (axis, index) => slivers[axis][index]! }
}

/** The sliver with one byte changed. */
export function tampered(sliver: Sliver, at = 0): Sliver {
  const data = sliver.data.slice()
  data[at]! ^= 1
  return { ...sliver, data }
}

/** The symbols of slivers that cross a target. */
export async function symbolsFor(
  codec: Codec,
  encoded: EncodedBlob,
  target: { readonly axis: Axis; readonly index: number },
  sources: readonly number[],
): Promise<DecodingSymbol[]> {
  const axis = target.axis === 'primary' ? 'secondary' : 'primary'
  const { shards } = encoded.metadata
  return Promise.all(
    sources.map(async (index) => {
      const source = encoded.sliver(axis, index)
      return { index, data: await codec.decodingSymbol(shards, source, target.index, never) }
    }),
  )
}
