import { FormatError } from '../../../src/redstuff/byte-reader.ts'
import { leafHash, merkleProof, merkleRoot } from '../../../src/redstuff/merkle.ts'
import { metadataFromHashes, metadataIsSound } from '../../../src/redstuff/metadata.ts'
import { decodeMetadata, encodeMetadata } from '../../../src/redstuff/metadata-bcs.ts'
import { verifyRecoverySymbol } from '../../../src/redstuff/recovery-proof.ts'
import { decodeSliver, encodeSliver } from '../../../src/redstuff/sliver-bcs.ts'
import { pairOfSliver } from '../../../src/redstuff/sliver-pair.ts'
import {
  decodeDecodingSymbols,
  decodeRecoverySymbols,
  encodeDecodingSymbols,
  encodeRecoverySymbols,
} from '../../../src/redstuff/symbol-bcs.ts'
import { expect, expectSame } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const shards = 7
const symbols = Array.from({ length: shards }, (_, i) => Buffer.from(`symbol ${i}`))
const leaves = Buffer.concat(symbols.map((symbol) => leafHash(symbol)))
/** Of a blob of which secondary sliver 0 alone is known. */
const metadata = metadataFromHashes(hashes(), 100)

function hashes(): Uint8Array {
  const bytes = new Uint8Array(shards * 64).fill(9)
  bytes.set(merkleRoot(leaves), pairOfSliver('secondary', 0, shards) * 64 + 32)
  return bytes
}

const recoverySymbols: FuzzTarget = {
  name: 'recovery-symbols',
  refusals: [FormatError],
  memory: (input) => 64 * 1024 + 64 * input.length,
  seeds: () => [
    encodeRecoverySymbols(
      symbols.map((data, target) => {
        const proof = merkleProof(leaves, target)
        return { helps: 'primary', index: 0, target, data, proof }
      }),
    ),
    encodeRecoverySymbols([]),
  ],
  decode: (input) => {
    const found = decodeRecoverySymbols(input)
    for (const { index, target, data, proof } of found) {
      const isTrue = verifyRecoverySymbol(metadata, 'secondary', index, target, data, proof)
      if (isTrue) expectSame(data, symbols[target] ?? Buffer.alloc(0), 'a symbol that was proven')
    }
    expectSame(encodeRecoverySymbols(found), input, 'a list of symbols')
  },
}

const decodingSymbols: FuzzTarget = {
  name: 'decoding-symbols',
  refusals: [FormatError],
  seeds: () => [
    encodeDecodingSymbols([
      { target: 3, helps: 'primary', symbols: [{ index: 1, data: symbols[1]! }] },
      { target: 300, helps: 'secondary', symbols: symbols.map((data, index) => ({ index, data })) },
      { target: 301, helps: 'primary', symbols: [] },
    ]),
  ],
  decode: (input) =>
    expectSame(encodeDecodingSymbols(decodeDecodingSymbols(input)), input, 'a map of symbols'),
}

const sliver: FuzzTarget = {
  name: 'sliver',
  refusals: [FormatError],
  seeds: () => [
    encodeSliver({ axis: 'primary', index: 3, symbolBytes: 8, data: Buffer.concat(symbols) }),
  ],
  decode: (input) => expectSame(encodeSliver(decodeSliver('primary', input)), input, 'a sliver'),
}

const blobMetadata: FuzzTarget = {
  name: 'metadata',
  refusals: [FormatError],
  seeds: () => [
    encodeMetadata(metadata),
    encodeMetadata(metadataFromHashes(new Uint8Array(1280).fill(1), 0)),
  ],
  decode: (input) => {
    const found = decodeMetadata(input)
    expect(metadataIsSound(found), 'metadata are sound')
    expectSame(encodeMetadata(found), input, 'metadata')
  },
}

export const redstuff: readonly FuzzTarget[] = [
  recoverySymbols,
  decodingSymbols,
  sliver,
  blobMetadata,
]
