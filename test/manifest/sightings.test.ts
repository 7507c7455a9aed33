import { test } from 'tap'
import type { Clock } from '../../src/runtime/clock.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { Sightings } from '../../src/manifest/sightings.ts'

function watching(sequence: bigint) {
  let now = 1000
  const clock = { now: () => now } as Clock
  const seen = {
    sequence,
    saw: (next: bigint) => {
      seen.sequence = next
    },
  }
  const sightings = new Sightings(seen, clock, silentLog)
  return { sightings, seen, pass: (ms: number) => (now += ms) }
}

test('an older state is not believed, and is an alarm only when it stays', async (t) => {
  const { sightings, seen, pass } = watching(-1n)
  t.ok(sightings.shown(7n))
  t.equal(seen.sequence, 7n)
  for (let look = 0; look < 5; look++) {
    t.notOk(sightings.shown(6n))
    t.ok(sightings.isBehind)
    t.equal(sightings.rollback, undefined)
    pass(1900)
  }
  pass(1000)
  t.notOk(sightings.shown(5n))
  t.same(sightings.rollback, { shown: 5n, seen: 7n, sinceMs: 1000 })
  t.ok(sightings.shown(7n), 'it has caught up')
  t.equal(sightings.rollback, undefined)
  t.equal(seen.sequence, 7n)
})

test('full nodes that are not equally far are no alarm', async (t) => {
  const { sightings, pass } = watching(3n)
  for (let look = 0; look < 100; look++) {
    t.equal(sightings.shown(look % 3 === 0 ? 3n : 2n), look % 3 === 0)
    pass(2000)
  }
  t.equal(sightings.rollback, undefined)
})

test('one late look is no alarm', async (t) => {
  const { sightings, pass } = watching(3n)
  sightings.shown(2n)
  pass(60_000)
  sightings.shown(2n)
  t.equal(sightings.rollback, undefined)
  sightings.shown(2n)
  t.ok(sightings.rollback)
})

test('what we made ourselves is seen', async (t) => {
  const { sightings, seen } = watching(3n)
  sightings.made(5n)
  sightings.made(4n)
  t.equal(seen.sequence, 5n)
  t.notOk(sightings.shown(4n))
})
