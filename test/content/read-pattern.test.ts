import { test } from 'tap'
import { ReadPattern } from '../../src/content/read-pattern.ts'

const K = 1024

function kinds(reads: readonly (readonly [number, number])[]): (string | undefined)[] {
  const pattern = new ReadPattern()
  return reads.map(([offset, length]) => pattern.next(offset, length)?.kind)
}

test('two reads in a row make a sequence, one does not', async (t) => {
  t.same(
    kinds([
      [0, 100],
      [100, 100],
      [200, 100],
    ]),
    [undefined, 'forward', 'forward'],
  )
})

test('reads here and there are no pattern, however near', async (t) => {
  t.same(
    kinds([
      [5000, 100],
      [9000, 100],
      [2000, 100],
      [7000, 100],
    ]),
    [undefined, undefined, undefined, undefined],
  )
})

test('requests under way may overtake each other and leave some out', async (t) => {
  const pattern = new ReadPattern()
  const ends = [0, 1, 3, 2, 4, 6].map((at) => pattern.next(at * 128 * K, 128 * K))
  t.same(
    ends.map((prediction) => prediction && prediction.at / (128 * K)),
    [undefined, 2, 4, 4, 5, 7],
  )
})

test('a jump ends a sequence', async (t) => {
  t.same(
    kinds([
      [0, 100],
      [100, 100],
      [50_000_000, 100],
      [50_000_100, 100],
    ]),
    [undefined, 'forward', undefined, 'forward'],
  )
})

test('backwards', async (t) => {
  const pattern = new ReadPattern()
  pattern.next(1000, 100)
  t.same(pattern.next(900, 100), { kind: 'backward', at: 900 })
  t.same(pattern.next(800, 100), { kind: 'backward', at: 800 })
})

test('steps of one width, forwards and backwards', async (t) => {
  const M = K * K
  const pattern = new ReadPattern()
  t.equal(pattern.next(0, 4 * K), undefined)
  t.equal(pattern.next(10 * M, 4 * K), undefined)
  t.same(pattern.next(20 * M, 4 * K), { kind: 'strided', at: 30 * M, by: 10 * M, length: 4 * K })
  t.equal(pattern.next(25 * M, 4 * K), undefined)
  t.equal(pattern.next(23 * M, 4 * K), undefined)
  t.same(pattern.next(21 * M, 4 * K), { kind: 'strided', at: 19 * M, by: -2 * M, length: 4 * K })
})

test('the same place again is no pattern', async (t) => {
  t.same(
    kinds([
      [0, 100],
      [0, 100],
      [0, 100],
    ]),
    [undefined, undefined, undefined],
  )
})
