import { test } from 'tap'
import { systemClock } from '../../src/runtime/clock.ts'
import { isBefore, Stamps } from '../../src/vfs/stamps.ts'

const clockAt = (moments: number[]) => ({ ...systemClock, now: () => moments.shift()! })

test('a time is whole seconds and the nanoseconds after them', async (t) => {
  const stamps = new Stamps(clockAt([1_700_000_000_123, 0, -1]))
  t.same(stamps.next(), { sec: 1_700_000_000, nsec: 123_000_000 })
  t.same(stamps.next(), { sec: 0, nsec: 0 })
  t.same(stamps.next(), { sec: -1, nsec: 999_000_000 }, 'before 1970')
})

test('two changes within a millisecond have growing times', async (t) => {
  const stamps = new Stamps(clockAt([5, 5, 5, 6]))
  const times = [stamps.next(), stamps.next(), stamps.next(), stamps.next()]
  for (let index = 1; index < times.length; index++) {
    t.ok(isBefore(times[index - 1]!, times[index]!))
  }
})

test('a clock that was set back is followed', async (t) => {
  const stamps = new Stamps(clockAt([9000, 4000]))
  stamps.next()
  t.same(stamps.next(), { sec: 4, nsec: 0 })
})
