import fc from 'fast-check'
import { test } from 'tap'
import { ExtentList } from '../../src/tree/extents/extent-list.ts'
import type { Slice } from '../../src/tree/slice.ts'
import { pieceBytes } from '../../src/tree/piece-ref.ts'
import { planPieces, type SlicePart } from '../../src/writeback/piece-plan.ts'

let ids = 0
function sliceOf(length: number): Slice {
  return { id: ++ids, segment: 1, position: 0, length }
}

interface Write {
  readonly offset: number
  readonly slice: Slice
  readonly at?: number
  readonly length?: number
}

function fileOf(ino: number, writes: readonly Write[], size?: number) {
  const extents = new ExtentList()
  let end = 0
  for (const { offset, slice, at = 0, length = slice.length - at } of writes) {
    extents.put(offset, offset + length, { kind: 'slice', slice, at })
    end = Math.max(end, offset + length)
  }
  return { ino, size: size ?? end, extents }
}

const show = (part: SlicePart) => [part.slice.id, part.from, part.to]

test('writes of one block that touch make one piece', async (t) => {
  const [a, b] = [sliceOf(4096), sliceOf(4096)]
  const plan = [
    ...planPieces([
      fileOf(2, [
        { offset: 0, slice: a },
        { offset: 4096, slice: b },
      ]),
    ]),
  ]
  t.equal(plan.length, 1)
  t.match(plan[0], { kind: 'piece', length: 8192 })
})

test('a long write is cut at block borders of the file, not of the write', async (t) => {
  const slice = sliceOf(2 * pieceBytes)
  const plan = [...planPieces([fileOf(2, [{ offset: 1000, slice }])])]
  t.same(
    plan.map((item) => (item.kind === 'piece' ? item.length : -1)),
    [pieceBytes - 1000, pieceBytes, 1000],
  )
})

test('writes with a hole between them make two pieces', async (t) => {
  const [a, b] = [sliceOf(4096), sliceOf(4096)]
  const plan = [
    ...planPieces([
      fileOf(2, [
        { offset: 0, slice: a },
        { offset: 9000, slice: b },
      ]),
    ]),
  ]
  t.equal(plan.length, 2)
})

test('a small file goes into its record', async (t) => {
  const slice = sliceOf(100)
  const plan = [...planPieces([fileOf(2, [{ offset: 0, slice }])])]
  t.same(plan, [{ kind: 'inline', part: { slice, from: 0, to: 100 } }])
})

test('a slice that two files show is stored once', async (t) => {
  const slice = sliceOf(8192)
  const whole = fileOf(2, [{ offset: 0, slice }])
  const copy = fileOf(3, [{ offset: 4096, slice }])
  t.equal([...planPieces([whole, copy])].length, 1)
})

test('every byte of every slice that is shown has exactly one place', async (t) => {
  const write = fc.record({
    slice: fc.nat(4),
    file: fc.nat(2),
    offset: fc.nat(3 * pieceBytes),
    at: fc.nat(pieceBytes),
    length: fc.integer({ min: 1, max: 2 * pieceBytes }),
  })
  fc.assert(
    fc.property(fc.array(write, { maxLength: 12 }), (writes) => {
      const slices = Array.from({ length: 5 }, () => sliceOf(3 * pieceBytes))
      const files = [0, 1, 2].map((file) =>
        fileOf(
          file + 2,
          writes.filter((w) => w.file === file).map((w) => ({ ...w, slice: slices[w.slice]! })),
        ),
      )
      const seen = new Set<string>()
      for (const item of planPieces(files)) {
        const parts = item.kind === 'piece' ? item.parts : [item.part]
        if (item.kind === 'piece') {
          if (item.length > pieceBytes) throw new Error('a piece is too long')
          if (item.length !== parts.reduce((sum, p) => sum + p.to - p.from, 0))
            throw new Error('length')
        }
        for (const { slice, from, to } of parts) {
          for (let byte = from; byte < to; byte += 997) {
            // sampled on a grid of the slice so that ranges can be compared cheaply
            const at = Math.ceil(byte / 997) * 997
            if (at >= to) break
            const key = `${slice.id}:${at}`
            if (seen.has(key)) throw new Error(`byte ${key} has two places`)
            seen.add(key)
          }
        }
      }
      const shown = new Set<string>()
      for (const file of files) {
        for (const { start, end, source } of file.extents.all()) {
          if (source.kind !== 'slice') continue
          const [from, to] = [source.at, source.at + end - start]
          for (let at = Math.ceil(from / 997) * 997; at < to; at += 997)
            shown.add(`${source.slice.id}:${at}`)
        }
      }
      t.equal(seen.size, shown.size)
      return [...shown].every((key) => seen.has(key))
    }),
    { numRuns: 60 },
  )
})

test('parts of one piece are given in the order of the file', async (t) => {
  const [a, b, c] = [sliceOf(5000), sliceOf(5000), sliceOf(5000)]
  const file = fileOf(2, [
    { offset: 0, slice: a },
    { offset: 5000, slice: b },
    { offset: 2500, slice: c },
  ])
  const [piece] = planPieces([file])
  t.same(piece?.kind === 'piece' && piece.parts.map(show), [
    [a.id, 0, 2500],
    [c.id, 0, 5000],
    [b.id, 2500, 5000],
  ])
})
