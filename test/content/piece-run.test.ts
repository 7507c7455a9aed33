import fc from 'fast-check'
import { test } from 'tap'
import { pieceRuns } from '../../src/content/piece-run.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'

function item(blob: string, offset: number, storedLength: number) {
  return { ref: { blob, offset, storedLength } as PieceRef }
}

test('neighbours go together, across small gaps, up to a length', async (t) => {
  const items = [
    item('a', 0, 1000),
    item('a', 1000, 1000),
    item('a', 30_000, 1000),
    item('a', 100_000, 1000),
    item('b', 2000, 1000),
  ]
  t.match(pieceRuns(items, 50_000), [
    { blob: 'a', offset: 0, length: 31_000 },
    { blob: 'a', offset: 100_000, length: 1000 },
    { blob: 'b', offset: 2000, length: 1000 },
  ])
  t.equal(pieceRuns(items, 1500).length, 5)
})

test('what was asked for first comes first', async (t) => {
  const items = [item('z', 500_000, 10), item('a', 0, 10), item('z', 0, 10)]
  t.same(
    pieceRuns(items, 1000).map(({ blob, offset }) => [blob, offset]),
    [
      ['z', 500_000],
      ['a', 0],
      ['z', 0],
    ],
  )
})

test('each piece lies whole in one run, and no run is too long', async (t) => {
  const piece = fc.record({
    blob: fc.constantFrom('a', 'b'),
    offset: fc.nat(200_000),
    length: fc.integer({ min: 1, max: 5000 }),
  })
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const items = pieces.map(({ blob, offset, length }) => item(blob, offset, length))
      const runs = pieceRuns(items, 20_000)
      const all = runs.flatMap((run) => run.items)
      return (
        all.length === items.length &&
        items.every((one) => all.includes(one)) &&
        runs.every((run) =>
          run.items.every(
            ({ ref }) =>
              ref.blob === run.blob &&
              ref.offset >= run.offset &&
              ref.offset + ref.storedLength <= run.offset + run.length,
          ),
        ) &&
        runs.every(({ length }) => length <= 20_000)
      )
    }),
  )
  t.pass()
})

test('many pieces of a byte each are sorted in a moment', async (t) => {
  const items = Array.from({ length: 300_000 }, (_, at) => item('a', at, 1))
  const [run, ...others] = pieceRuns(items, 4 << 20)
  t.equal(run?.length, 300_000)
  t.equal(others.length, 0)
})
