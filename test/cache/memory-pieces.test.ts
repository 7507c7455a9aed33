import { test } from 'tap'
import { MemoryPieces } from '../../src/cache/memory-pieces.ts'
import type { PieceHash } from '../../src/terms/piece-hash.ts'

const name = (number: number): PieceHash => `piece ${number}` as PieceHash

function filled(memory: MemoryPieces, from: number, to: number, bytes: number): void {
  for (let number = from; number < to; number++) memory.put(name(number), Buffer.alloc(bytes))
}

function present(memory: MemoryPieces, from: number, to: number): number {
  let count = 0
  for (let number = from; number < to; number++) if (memory.has(name(number))) count++
  return count
}

test('stays within its bytes', async (t) => {
  const memory = new MemoryPieces(100_000, () => {})
  for (let number = 0; number < 1000; number++) {
    memory.put(name(number), Buffer.alloc(1000))
    memory.get(name(number - 20))
    memory.get(name(Math.floor(number / 7)))
    if (memory.bytes > 100_000) t.fail(`${memory.bytes} bytes`)
  }
  t.ok(memory.bytes > 90_000, 'and uses them')
})

test('a scan of a hundred times its size leaves what is used again', async (t) => {
  const memory = new MemoryPieces(100_000, () => {})
  filled(memory, 0, 40, 1000)
  filled(memory, 100, 130, 1000)
  for (let number = 0; number < 40; number++) memory.get(name(number))
  filled(memory, 200, 220, 1000)
  for (let number = 0; number < 40; number++) memory.get(name(number))
  t.equal(present(memory, 0, 40), 40)
  for (let number = 1000; number < 11_000; number++) {
    memory.put(name(number), Buffer.alloc(1000))
    // A reader that goes through each piece in small steps.
    for (let step = 0; step < 8; step++) memory.get(name(number))
  }
  t.equal(present(memory, 0, 40), 40)
})

test('a piece fetched ahead and then read in steps is no piece used again', async (t) => {
  const memory = new MemoryPieces(1_000_000, () => {})
  filled(memory, 0, 300, 1000)
  for (let number = 0; number < 300; number++) {
    for (let step = 0; step < 8; step++) memory.get(name(number))
    memory.put(name(1000 + number), Buffer.alloc(1000))
  }
  filled(memory, 2000, 4000, 1000)
  t.equal(present(memory, 0, 300), 0)
})

test('hot pieces that have to go are told of', async (t) => {
  const gone: PieceHash[] = []
  const memory = new MemoryPieces(100_000, (hash) => gone.push(hash))
  for (let round = 0; round < 50; round++) {
    const first = 100 * round
    const used = [first, first + 1, first + 2].map(name)
    filled(memory, first, first + 3, 1000)
    for (const hash of used) memory.get(hash)
    filled(memory, first + 50, first + 61, 1000)
    for (const hash of used) memory.get(hash)
  }
  t.ok(gone.includes(name(0)))
  t.notOk(gone.includes(name(50)), 'never used')
  t.notOk(gone.includes(name(4900)), 'still there')
})

test('a view of a large buffer does not hold the buffer', async (t) => {
  const memory = new MemoryPieces(1 << 20, () => {})
  const large = Buffer.alloc(4 << 20, 7)
  memory.put(name(1), large.subarray(1000, 2000))
  const kept = memory.get(name(1))!
  t.ok(kept.buffer.byteLength < 2000)
  t.same(Buffer.from(kept), large.subarray(1000, 2000))
})

test('nothing fits into no memory, and nothing larger than it', async (t) => {
  const none = new MemoryPieces(0, () => {})
  none.put(name(1), Buffer.alloc(10))
  t.equal(none.get(name(1)), undefined)
  const small = new MemoryPieces(1000, () => {})
  small.put(name(1), Buffer.alloc(500))
  small.put(name(2), Buffer.alloc(5000))
  t.notOk(small.has(name(2)))
  t.ok(small.has(name(1)))
})
