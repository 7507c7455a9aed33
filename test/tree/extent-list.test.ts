import fc from 'fast-check'
import { test } from 'tap'
import type { BlobId } from '../../src/terms/blob-id.ts'
import { Compression, Seal } from '../../src/terms/piece-coding.ts'
import type { PieceHash } from '../../src/terms/piece-hash.ts'
import type { ExtentMap, ExtentSource, SettledRange } from '../../src/tree/extent-map.ts'
import { ExtentList } from '../../src/tree/extents/extent-list.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import type { Slice } from '../../src/tree/slice.ts'
import { propertyRuns } from './property-runs.ts'

const size = 400

function slice(id: number): Slice {
  return { id, segment: 1, position: id * 1000, length: 1000 }
}

function piece(id: number): PieceRef {
  return {
    blob: 'B'.repeat(43) as BlobId,
    offset: id,
    storedLength: 1000,
    length: 1000,
    hash: `hash ${id}` as PieceHash,
    compression: Compression.none,
    seal: Seal.none,
  }
}

function source(kind: ExtentSource['kind'], id: number, at: number): ExtentSource {
  if (kind === 'piece') return { kind, piece: piece(id), at }
  if (kind === 'slice') return { kind, slice: slice(id), at }
  return { kind, bytes: inlines[id]!, at }
}
const inlines: Uint8Array[] = Array.from({ length: 5 }, () => new Uint8Array(1000))

/** What a byte of the model says: which source it comes from and where in it. */
function mark(from: ExtentSource, by: number): string {
  switch (from.kind) {
    case 'piece':
      return `piece ${from.piece.offset} ${from.at + by}`
    case 'slice':
      return `slice ${from.slice.id} ${from.at + by}`
    case 'inline':
      return `inline ${inlines.indexOf(from.bytes)} ${from.at + by}`
  }
}

type Model = (string | undefined)[]

function emptyModel(): Model {
  return Array.from({ length: size })
}

function fill(model: Model, start: number, end: number, from?: ExtentSource): void {
  for (let at = start; at < Math.min(end, size); at++) model[at] = from && mark(from, at - start)
}

function bytesOf(map: ExtentMap, start = 0, end = size): Model {
  const bytes: Model = emptyModel()
  for (const extent of map.over(start, end)) fill(bytes, extent.start, extent.end, extent.source)
  return bytes
}

function checkAgainst(map: ExtentMap, model: Model): void {
  const extents = [...map.all()]
  const covered = model.filter((byte) => byte !== undefined)
  if (map.count !== extents.length) throw new Error('count')
  if (map.coveredBytes !== covered.length) throw new Error('coveredBytes')
  if (map.sliceBytes !== covered.filter((byte) => byte!.startsWith('slice')).length) {
    throw new Error('sliceBytes')
  }
  if (String(bytesOf(map)) !== String(model)) throw new Error(`bytes: ${String(bytesOf(map))}`)
  for (const [i, extent] of extents.entries()) {
    const before = extents[i - 1]
    if (extent.start >= extent.end) throw new Error('empty extent')
    if (!before) continue
    if (before.end > extent.start) throw new Error('overlap')
    const goesOn = mark(before.source, before.end - before.start) === mark(extent.source, 0)
    if (before.end === extent.start && goesOn) throw new Error('not joined')
  }
}

const range = fc
  .tuple(fc.nat(size), fc.nat(size))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
const kind = fc.constantFrom('piece', 'slice', 'inline')
const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ op: fc.constant('put'), range, kind, id: fc.nat(4), at: fc.nat(99) }),
  },
  // Bytes at their own offset of one source: the neighbours join.
  { weight: 4, arbitrary: fc.record({ op: fc.constant('aligned'), range, kind, id: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('clear'), range }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('truncate'), range }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('snapshot') }) },
)
type Operation = {
  op: string
  range?: readonly [number, number]
  kind?: ExtentSource['kind']
  id?: number
  at?: number
}

function carryOut(map: ExtentMap, model: Model, operation: Operation): void {
  const [start, end] = operation.range ?? [0, 0]
  if (operation.op === 'put' || operation.op === 'aligned') {
    const from = source(operation.kind!, operation.id!, operation.at ?? start)
    map.put(start, end, from)
    fill(model, start, end, from)
  }
  if (operation.op === 'clear') {
    map.clear(start, end)
    fill(model, start, end)
  }
  if (operation.op === 'truncate') {
    map.clear(start, Infinity)
    fill(model, start, Infinity)
  }
}

test('shows what an array of bytes shows, joined and counted, and snapshots stay as they were', async (t) => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      let map: ExtentMap = new ExtentList()
      const model: Model = emptyModel()
      const kept: [ExtentMap, Model][] = []
      for (const [i, operation] of operations.entries()) {
        carryOut(map, model, operation)
        if (operation.op === 'snapshot') {
          const copy = map.snapshot()
          kept.push([i % 2 ? copy : map, [...model]])
          map = i % 2 ? map : copy
        }
        checkAgainst(map, model)
      }
      for (const [copy, then] of kept) checkAgainst(copy, then)
    }),
    propertyRuns(400),
  )
  t.pass('for all operations tried')
})

test('thousands of extents put in any order show the same bytes', async (t) => {
  const map = new ExtentList()
  const order = Array.from({ length: 5000 }, (_, i) => (i * 2741) % 5000)
  for (const at of order) map.put(at * 10, at * 10 + 10, source('slice', at, 0))
  t.equal(map.count, 5000)
  const early = map.snapshot()
  map.clear(1005, 40_003)
  t.equal(map.count, 5000 - 3900 + 1)
  t.same(
    [...map.over(1000, 1010)].map((e) => [e.start, e.end]),
    [[1000, 1005]],
  )
  t.same(
    [...map.over(40_000, 40_011)].map((e) => [e.start, e.end, e.source.at]),
    [
      [40_003, 40_010, 3],
      [40_010, 40_011, 0],
    ],
  )
  for (let at = 49_999; at > 0; at -= 7) map.put(at - 1, at, source('slice', 9999, at))
  let end = 0
  for (const extent of map.all()) {
    if (extent.start < end) t.fail(`${extent.start} before ${end}`)
    end = extent.end
  }
  t.equal(early.count, 5000)
  t.same(
    [...early.all()].map((e) => e.start),
    Array.from({ length: 5000 }, (_, i) => i * 10),
  )
  t.pass('for all operations tried')
})

test('finds the next byte of data and the next hole', async (t) => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 20 }), fc.nat(size), (operations, from) => {
      const map = new ExtentList()
      const model: Model = emptyModel()
      for (const operation of operations) carryOut(map, model, operation)
      const data = model.findIndex((byte, at) => at >= from && byte !== undefined)
      if ((map.nextData(from) ?? -1) !== data) throw new Error(`data ${map.nextData(from)} ${data}`)
      let hole = from
      while (model[hole] !== undefined) hole++
      if (map.nextHole(from) !== hole) throw new Error(`hole ${map.nextHole(from)} ${hole}`)
    }),
  )
  t.pass('for all operations tried')
})

test('finds the extent that a byte lies in', async (t) => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 20 }), fc.nat(size - 1), (operations, from) => {
      const map = new ExtentList()
      const model: Model = emptyModel()
      for (const operation of operations) carryOut(map, model, operation)
      const extent = map.at(from)
      const found = extent && mark(extent.source, from - extent.start)
      if (found !== model[from]) throw new Error(`${found} instead of ${model[from]}`)
      if (extent && ![...map.all()].includes(extent)) throw new Error('not the whole extent')
    }),
  )
  t.pass('for all operations tried')
})

test('a part of a file shows only what lies in it', async (t) => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 20 }), range, (operations, [start, end]) => {
      const map = new ExtentList()
      const model: Model = emptyModel()
      for (const operation of operations) carryOut(map, model, operation)
      const part = model.map((byte, at) => (at >= start && at < end ? byte : undefined))
      if (String(bytesOf(map, start, end)) !== String(part)) throw new Error('part')
    }),
  )
  t.pass('for all operations tried')
})

/** Each slice lies in pieces cut at multiples of 100 of it; the odd part of slice 3 was not found. */
function found(from: Slice): readonly SettledRange[] | undefined {
  if (from.id === 4) return undefined
  const ranges = Array.from({ length: 10 }, (_, i) => ({
    from: i * 100,
    to: i * 100 + 100,
    source:
      from.id === 2
        ? { kind: 'inline' as const, bytes: inlines[i % 5]!, at: 0 }
        : { kind: 'piece' as const, piece: piece(from.id * 100 + i), at: 7 },
  }))
  return from.id === 3 ? ranges.filter((_, i) => i % 2 === 0) : ranges
}

function settledMark(byte: string | undefined): string | undefined {
  const [what, id, at] = (byte ?? '').split(' ')
  if (what !== 'slice') return byte
  const part = Math.floor(Number(at) / 100)
  const inside = Number(at) % 100
  if (id === '4' || (id === '3' && part % 2)) return byte
  if (id === '2') return `inline ${part % 5} ${inside}`
  return `piece ${Number(id) * 100 + part} ${inside + 7}`
}

test('settling replaces what is found of slices, also where they were clipped, and nothing else', async (t) => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
      const map = new ExtentList()
      const model: Model = emptyModel()
      for (const operation of operations) carryOut(map, model, operation)
      const copy = map.snapshot()
      map.settle(found)
      checkAgainst(map, model.map(settledMark))
      checkAgainst(copy, model)
    }),
  )
  t.pass('for all operations tried')
})
