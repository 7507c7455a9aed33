import fc from 'fast-check'
import { test } from 'tap'
import { diffMaps } from '../../src/tree/btree/diff-maps.ts'
import type { MapKind, Totals } from '../../src/tree/btree/map-kind.ts'
import { isLeaf } from '../../src/tree/btree/node-format.ts'
import { NodeReader } from '../../src/tree/btree/node-reader.ts'
import { find, scan } from '../../src/tree/btree/read-map.ts'
import { MapWriter } from '../../src/tree/btree/write-map.ts'
import { Pace } from '../../src/tree/pace.ts'
import type { PieceRef } from '../../src/tree/piece-ref.ts'
import { run } from '../../src/tree/steps.ts'
import { MemoryPacks, PackSink } from './memory-packs.ts'
import { propertyRuns } from './property-runs.ts'

/** Values that weigh more than they take, so that few make many nodes. */
const kind: MapKind<number> = {
  code: 99,
  what: 'a test map',
  checkKey: () => {},
  weight: (value) => 1000 + (value % 5) * 1500,
  totals: (value) => ({ inodes: 1, bytes: value }),
  write: (out, _blobs, value) => out.varint(value),
  read: (input) => input.varint(),
  pieces: () => [],
  subtrees: () => [],
}

class TestMap {
  readonly packs = new MemoryPacks()
  root: PieceRef | undefined
  readonly live = new Map<string, number>()
  puts = 0

  async edit(changes: ReadonlyMap<string, number | undefined>): Promise<Totals | undefined> {
    const sink = new PackSink(this.packs, 3000)
    const reader = new NodeReader(this.packs)
    const counted: [PieceRef, number][] = []
    const onPiece = (ref: PieceRef, sign: number) => counted.push([ref, sign])
    const writer = new MapWriter(
      { reader, sink, pace: new Pace(), onPiece, onSubtree: () => {} },
      kind,
    )
    const edits = [...changes].sort(([a], [b]) => (a < b ? -1 : 1))
    const written = await writer.write(this.root, edits)
    sink.close()
    this.root = written && sink.resolve(written.node)
    for (const [ref, sign] of counted) this.#count(sink.resolve(ref), sign)
    this.puts = sink.puts
    return written
  }

  #count(ref: PieceRef, sign: number): void {
    const key = `${ref.blob} ${ref.offset}`
    this.live.set(key, (this.live.get(key) ?? 0) + sign)
    if (this.live.get(key) === 0) this.live.delete(key)
  }

  async entries(): Promise<[string, number][]> {
    const found: [string, number][] = []
    if (!this.root) return found
    const each = (key: string, value: number) => found.push([key, value])
    await run(scan(new NodeReader(this.packs), kind, this.root, new Pace(), each))
    return found
  }

  async find(key: string): Promise<number | undefined> {
    return this.root && run(find(new NodeReader(this.packs), kind, this.root, key))
  }

  /** Level and keys of every node, and where all of them lie. */
  async shape(): Promise<{ nodes: string[]; places: string[] }> {
    const queue = this.root ? [{ ref: this.root, expected: {} }] : []
    const shape = { nodes: [] as string[], places: [] as string[] }
    for (const { ref, expected } of queue) {
      const node = await run(new NodeReader(this.packs).node(kind, ref, expected))
      shape.nodes.push(`${node.level} ${node.keys.join()}`)
      shape.places.push(`${ref.blob} ${ref.offset}`)
      if (isLeaf(node)) continue
      for (const child of node.children)
        queue.push({ ref: child.ref, expected: { level: node.level - 1 } })
    }
    return shape
  }
}

const keyOf = (number: number) => `key ${number}`
const anyEdits = fc.array(fc.tuple(fc.nat(700), fc.option(fc.nat(99), { nil: undefined })), {
  maxLength: 400,
})

test('edits give the entries of a plain map, in the shape that a new tree has', async (t) => {
  let levels = 0
  await fc.assert(
    fc.asyncProperty(fc.array(anyEdits, { maxLength: 6 }), fc.boolean(), async (rounds, clear) => {
      const map = new TestMap()
      const model = new Map<string, number>()
      const last = clear ? [...Array(701).keys()].map((n) => [n, undefined] as const) : []
      for (const round of [...rounds, last]) {
        const edits = new Map(round.map(([number, value]) => [keyOf(number), value]))
        for (const [key, value] of edits) {
          if (value === undefined) model.delete(key)
          else model.set(key, value)
        }
        const totals = await map.edit(edits)
        const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1))
        if (String(await map.entries()) !== String(sorted)) throw new Error('entries')
        if ((totals?.count ?? 0) !== model.size) throw new Error('count')
        if ((totals?.bytes ?? 0) !== sorted.reduce((sum, [, value]) => sum + value, 0))
          throw new Error('bytes')
        const fresh = new TestMap()
        await fresh.edit(model)
        const shape = await map.shape()
        if (String(shape.nodes) !== String((await fresh.shape()).nodes)) throw new Error('shape')
        if (String([...map.live.keys()].sort()) !== String(shape.places.sort()))
          throw new Error('live nodes')
        levels = Math.max(levels, Number(shape.nodes[0]?.[0] ?? 0))
      }
    }),
    propertyRuns(60),
  )
  t.ok(levels >= 1, `trees of ${levels + 1} levels were tried`)
})

test('an edit of a large map writes few nodes, and an edit that changes nothing writes none', async (t) => {
  const map = new TestMap()
  const model = new Map(Array.from({ length: 20_000 }, (_, i) => [keyOf(i * 7919), i]))
  await map.edit(model)
  const { nodes } = await map.shape()
  t.equal(nodes[0]![0], '2', 'three levels')
  const puts: number[] = []
  for (let i = 0; i < 60; i++) {
    const key = i % 3 === 0 ? keyOf(i * 7919) : `key ${i * 31} new`
    await map.edit(new Map([[key, i % 3 === 2 ? undefined : 77]]))
    puts.push(map.puts)
  }
  t.ok(Math.max(...puts) <= 8, `at most ${Math.max(...puts)} nodes`)
  await map.edit(
    new Map([
      ['not there', undefined],
      [keyOf(7919), await map.find(keyOf(7919))],
    ]),
  )
  t.equal(map.puts, 0)
  map.packs.reads = 0
  t.equal(await map.find(keyOf(4 * 7919)), 4)
  t.equal(map.packs.reads, 3, 'a look-up reads one node of each level')
  t.equal(await map.find('zzz'), undefined)
  t.equal(await map.find(''), undefined)
})

test('a map that shrinks to one entry loses its levels, and an emptied one its root', async (t) => {
  const map = new TestMap()
  const keys = Array.from({ length: 5000 }, (_, i) => keyOf(i))
  await map.edit(new Map(keys.map((key) => [key, 1])))
  await map.edit(new Map(keys.slice(1).map((key) => [key, undefined])))
  t.same(await map.entries(), [[keyOf(0), 1]])
  t.equal((await map.shape()).nodes.length, 1)
  t.equal(map.live.size, 1)
  await map.edit(new Map([[keyOf(0), undefined]]))
  t.equal(map.root, undefined)
  t.equal(map.live.size, 0)
})

async function differences(
  map: TestMap,
  before: PieceRef | undefined,
  after: PieceRef | undefined,
) {
  const found: [string, number | undefined, number | undefined][] = []
  const tell = (...difference: (typeof found)[number]) => found.push(difference)
  await run(diffMaps(new NodeReader(map.packs), kind, before, after, new Pace(), tell))
  return found
}

test('the difference of two maps is what the edits between them changed', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyEdits, anyEdits, anyEdits, async (first, second, third) => {
      const map = new TestMap()
      const models: Map<string, number>[] = []
      const roots: (PieceRef | undefined)[] = []
      for (const round of [first, second, third]) {
        const edits = new Map(round.map(([number, value]) => [keyOf(number), value]))
        await map.edit(edits)
        const model = new Map(models.at(-1))
        for (const [key, value] of edits) {
          if (value === undefined) model.delete(key)
          else model.set(key, value)
        }
        models.push(model)
        roots.push(map.root)
      }
      for (const [i, j] of [
        [0, 1],
        [0, 2],
        [2, 1],
        [1, 1],
      ] as const) {
        const [a, b] = [models[i]!, models[j]!]
        const keys = [...new Set([...a.keys(), ...b.keys()])].sort()
        const wanted = keys
          .filter((key) => a.get(key) !== b.get(key))
          .map((key) => [key, a.get(key), b.get(key)])
        const found = await differences(map, roots[i], roots[j])
        if (String(found) !== String(wanted))
          throw new Error(`${String(found)}, not ${String(wanted)}`)
      }
    }),
    propertyRuns(60),
  )
  t.pass('for all maps tried')
})

test('the difference of two large maps reads only what they do not share', async (t) => {
  const map = new TestMap()
  await map.edit(new Map(Array.from({ length: 20_000 }, (_, i) => [keyOf(i), i])))
  const before = map.root
  await map.edit(
    new Map([
      ['key 17 a', 5],
      [keyOf(9000), undefined],
    ]),
  )
  map.packs.reads = 0
  t.same(await differences(map, before, map.root), [
    ['key 17 a', undefined, 5],
    [keyOf(9000), 9000, undefined],
  ])
  t.ok(map.packs.reads < 25, `${map.packs.reads} reads`)
})
