import fc from 'fast-check'
import { test } from 'tap'
import { codeParameters, maxBlobBytes } from '../../src/redstuff/parameters.ts'
import {
  pairOfShard,
  pairOfSliver,
  shardOfPair,
  sliverOfPair,
} from '../../src/redstuff/sliver-pair.ts'
import { blobIdFromBytes } from '../../src/terms/blob-id.ts'
import { vectors } from './vectors/vector.ts'

test('the symbol size is the official one', async (t) => {
  const cases = [...vectors('main'), ...vectors('sweep'), ...vectors('tiny')]
  for (const { n, size, symbol_size: symbolSize, error } of cases) {
    if (error === undefined) t.equal(codeParameters(n, size).symbolBytes, symbolSize)
  }
})

test('the matrix of 1000 shards', async (t) => {
  t.match(codeParameters(1000, 64 * 2 ** 20), {
    primarySymbols: 334,
    secondarySymbols: 667,
    symbolBytes: 302,
    primarySliverBytes: 201_434,
    secondarySliverBytes: 100_868,
  })
  t.equal(maxBlobBytes(1000), 334 * 667 * 65534)
  t.equal(codeParameters(1000, 0).symbolBytes, 2)
  t.equal(codeParameters(1000, maxBlobBytes(1000)).symbolBytes, 65534)
})

test('impossible numbers are refused', async (t) => {
  for (const shards of [-1, 0, 3, 4.5, Number.NaN, 65536]) {
    t.throws(() => codeParameters(shards, 1), { code: 'bad-shards' }, `${shards}`)
  }
  for (const size of [-1, Number.NaN, maxBlobBytes(7) + 1]) {
    t.throws(() => codeParameters(7, size), { code: 'too-large' }, `${size}`)
  }
})

test('pairs, slivers and shards lead back to each other', async () => {
  const id = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(
    fc.property(id, fc.integer({ min: 4, max: 1200 }), fc.nat(), (bytes, shards, any) => {
      const blob = blobIdFromBytes(bytes)
      const pair = any % shards
      const rotation = Number(BigInt(`0x${Buffer.from(bytes).toString('hex')}`) % BigInt(shards))
      return (
        shardOfPair(blob, pair, shards) === (pair + rotation) % shards &&
        pairOfShard(blob, shardOfPair(blob, pair, shards), shards) === pair &&
        sliverOfPair('primary', pair, shards) === pair &&
        pairOfSliver('secondary', sliverOfPair('secondary', pair, shards), shards) === pair &&
        sliverOfPair('secondary', 0, shards) === shards - 1
      )
    }),
  )
})
