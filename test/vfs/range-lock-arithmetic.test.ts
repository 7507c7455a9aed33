import fc from 'fast-check'
import { test } from 'tap'
import { RangeLocks } from '../../src/vfs/range-locks.ts'
import type { HeldLock } from '../../src/vfs/range-locks.ts'

const size = 12
const owners = [1n, 2n, 3n]

interface Step {
  readonly owner: bigint
  readonly type: 'read' | 'write' | 'unlock'
  readonly start: number
  readonly end: number
}

const steps: fc.Arbitrary<Step> = fc
  .record({
    owner: fc.constantFrom(...owners),
    type: fc.constantFrom('read' as const, 'write' as const, 'unlock' as const),
    start: fc.integer({ min: 0, max: size - 1 }),
    length: fc.integer({ min: 1, max: size }),
  })
  .map(({ owner, type, start, length }) => ({
    owner,
    type,
    start,
    end: Math.min(size - 1, start + length - 1),
  }))

/** The same locks as one letter per byte and owner. */
class ByteModel {
  readonly #held = new Map(owners.map((owner) => [owner, Array.from({ length: size }, () => '-')]))

  isFree({ owner, type, start, end }: Step): boolean {
    return owners.every(
      (other) =>
        other === owner ||
        this.#held
          .get(other)!
          .slice(start, end + 1)
          .every((held) => held === '-' || (held === 'r' && type === 'read')),
    )
  }

  set({ owner, type, start, end }: Step): void {
    this.#held.get(owner)!.fill(type === 'unlock' ? '-' : type[0]!, start, end + 1)
  }

  of(owner: bigint): string {
    return this.#held.get(owner)!.join('')
  }
}

function lettersOf(locks: RangeLocks, owner: bigint): string {
  const letters = Array.from({ length: size }, () => '-')
  for (const lock of locks.all) {
    if (lock.owner === owner) letters.fill(lock.type[0]!, lock.start, lock.end + 1)
  }
  return letters.join('')
}

function lockOf(step: Step): HeldLock {
  const type = step.type === 'write' ? 'write' : 'read'
  return { owner: step.owner, handle: 1, type, start: step.start, end: step.end, pid: 7 }
}

test('locks are those of a model that knows each byte', async (t) => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), (list) => {
      const locks = new RangeLocks()
      const model = new ByteModel()
      for (const step of list) {
        if (step.type === 'unlock') locks.drop(step.owner, step.start, step.end)
        else {
          const isFree = locks.conflict(lockOf(step)) === undefined
          t.equal(isFree, model.isFree(step), 'a conflict is seen, and none imagined')
          if (!isFree) continue
          locks.take(lockOf(step))
        }
        model.set(step)
        for (const owner of owners) t.equal(lettersOf(locks, owner), model.of(owner))
      }
    }),
    { numRuns: 300 },
  )
})

test('touching locks of one kind become one', async (t) => {
  const locks = new RangeLocks()
  const take = (start: number, end: number, type: 'read' | 'write') =>
    locks.take({ owner: 1n, handle: 1, type, start, end, pid: 7 })
  take(0, 4, 'read')
  take(10, 14, 'read')
  take(5, 9, 'read')
  t.same(locks.all, [{ owner: 1n, handle: 1, type: 'read', start: 0, end: 14, pid: 7 }])
  take(5, 9, 'write')
  t.same(
    locks.all.map(({ type, start, end }) => [type, start, end]),
    [
      ['read', 0, 4],
      ['write', 5, 9],
      ['read', 10, 14],
    ],
  )
})

test('a lock to the end of the file ends where numbers end', async (t) => {
  const locks = new RangeLocks()
  const end = Number.MAX_SAFE_INTEGER
  locks.take({ owner: 1n, handle: 1, type: 'write', start: 5, end, pid: 7 })
  locks.drop(1n, 100, end)
  t.same(
    locks.all.map((lock) => [lock.start, lock.end]),
    [[5, 99]],
  )
})

test('the conflict that is told is the lowest one', async (t) => {
  const locks = new RangeLocks()
  locks.take({ owner: 1n, handle: 1, type: 'write', start: 8, end: 9, pid: 7 })
  locks.take({ owner: 2n, handle: 2, type: 'write', start: 2, end: 3, pid: 8 })
  const wanted = { owner: 3n, handle: 3, type: 'read', start: 0, end: 20, pid: 9 } as const
  t.equal(locks.conflict(wanted)?.pid, 8)
})
