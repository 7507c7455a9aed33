import { CodecError } from '../codec.ts'
import type { Axis, BlobMetadata, CodeParameters, DecodingSymbol, Sliver } from '../codec.ts'
import { codeAcross, codeAlong } from '../erasure-code.ts'
import { chooseSlivers, chooseSymbols, sliverFits } from '../given.ts'
import { sliverHash } from '../metadata.ts'
import { codeParameters, symbolsPerSliver } from '../parameters.ts'
import { encodeBlob } from './encoding.ts'
import { hashSliver, rebuildOriginals } from './word.ts'

function* sliverIsTrue(metadata: BlobMetadata, sliver: Sliver): Generator<void, boolean> {
  const { axis, index, symbolBytes, data } = sliver
  const hash = yield* hashSliver(axis, metadata.shards, symbolBytes, data)
  return Buffer.compare(hash, sliverHash(metadata, axis, index)) === 0
}

/** For each sliver whether the metadata vouch for it. */
export function* verifySlivers(
  metadata: BlobMetadata,
  slivers: readonly Sliver[],
): Generator<void, boolean[]> {
  const parameters = codeParameters(metadata.shards, metadata.unencodedLength)
  const verdicts: boolean[] = []
  for (const sliver of slivers) {
    verdicts.push(sliverFits(parameters, sliver) && (yield* sliverIsTrue(metadata, sliver)))
    yield
  }
  return verdicts
}

/** One sliver from symbols of crossing slivers. Throws `too-few` or `mismatch`. */
export function* recoverSliver(
  metadata: BlobMetadata,
  axis: Axis,
  index: number,
  symbols: readonly DecodingSymbol[],
): Generator<void, Sliver> {
  const parameters = codeParameters(metadata.shards, metadata.unencodedLength)
  const { symbolBytes } = parameters
  const chosen = chooseSymbols(parameters, axis, symbols)
  const code = codeAlong(axis, metadata.shards)
  const data = yield* rebuildOriginals(code, chosen, symbolBytes, 1)
  const sliver = { axis, index, symbolBytes, data }
  if (yield* sliverIsTrue(metadata, sliver)) return sliver
  throw new CodecError('mismatch', `${axis} sliver ${index} came out wrong: a symbol was false`)
}

/** Turns columns back to back into rows back to back. */
function transpose(parameters: CodeParameters, columns: Uint8Array): Uint8Array {
  const { primarySymbols, secondarySymbols, symbolBytes } = parameters
  const rows = new Uint8Array(columns.length)
  for (let column = 0, from = 0; column < secondarySymbols; column++) {
    for (let row = 0; row < primarySymbols; row++, from += symbolBytes) {
      const at = (row * secondarySymbols + column) * symbolBytes
      rows.set(columns.subarray(from, from + symbolBytes), at)
    }
  }
  return rows
}

function* checkRows(
  metadata: BlobMetadata,
  parameters: CodeParameters,
  rows: Uint8Array,
  trusted: ReadonlySet<number>,
): Generator<void, void> {
  const { primarySymbols, primarySliverBytes, symbolBytes } = parameters
  for (let index = 0; index < primarySymbols; index++) {
    if (trusted.has(index)) continue
    const at = index * primarySliverBytes
    const data = rows.subarray(at, at + primarySliverBytes)
    const sliver = { axis: 'primary', index, symbolBytes, data } as const
    if (!(yield* sliverIsTrue(metadata, sliver))) {
      throw new CodecError('mismatch', `the blob is not ${metadata.blobId}: row ${index} differs`)
    }
    yield
  }
}

function* checkId(
  metadata: BlobMetadata,
  parameters: CodeParameters,
  blob: Uint8Array,
): Generator<void, void> {
  const anew = yield* encodeBlob(parameters, blob, undefined)
  if (anew.metadata.blobId === metadata.blobId) return
  throw new CodecError('mismatch', `the blob is ${anew.metadata.blobId}, not ${metadata.blobId}`)
}

/** The blob from enough slivers of one axis. Throws `too-few` or `mismatch`. */
export function* decodeBlob(
  metadata: BlobMetadata,
  slivers: readonly Sliver[],
  check: 'skip' | 'default' | 'strict',
  verified: boolean,
): Generator<void, Uint8Array> {
  const parameters = codeParameters(metadata.shards, metadata.unencodedLength)
  const { axis, chosen } = chooseSlivers(parameters, slivers)
  const code = codeAcross(axis, metadata.shards)
  const count = symbolsPerSliver(parameters, axis)
  const lines = yield* rebuildOriginals(code, chosen, parameters.symbolBytes, count)
  const rows = axis === 'primary' ? lines : transpose(parameters, lines)
  const blob = rows.subarray(0, metadata.unencodedLength)
  const trusted = verified && axis === 'primary' ? chosen.map(({ index }) => index) : []
  if (check === 'default') yield* checkRows(metadata, parameters, rows, new Set(trusted))
  if (check === 'strict') yield* checkId(metadata, parameters, blob)
  return blob
}
