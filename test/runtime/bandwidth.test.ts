import { test } from 'tap'
import { Bandwidth } from '../../src/runtime/bandwidth.ts'
import { BandwidthTable } from '../../src/runtime/bandwidth-table.ts'
import { Flow } from '../../src/runtime/flow.ts'

const never = new AbortController().signal
const second = 1000

/** A clock that sleeping moves. */
function clockAt(time: number) {
  const clock = {
    time,
    now: () => clock.time,
    sleep: async (ms: number, signal: AbortSignal) => {
      await new Promise(setImmediate)
      signal.throwIfAborted()
      clock.time += ms
    },
  }
  return clock
}

/** A day of that week (0: Sunday), by the local time of this machine. */
function at(day: number, hours: number, minutes = 0): number {
  return new Date(2026, 10, 22 + day, hours, minutes).getTime()
}

test('one rate, up and down, and none', async (t) => {
  t.same(BandwidthTable.parse('512K').at(0), { up: 512 << 10, down: 512 << 10 })
  t.same(BandwidthTable.parse('1.5M:off').at(0), { up: 1.5 * 2 ** 20, down: undefined })
  t.same(BandwidthTable.parse('off:2MiB/s').at(0), { up: undefined, down: 2 << 20 })
  t.same(BandwidthTable.parse('off').at(0), { up: undefined, down: undefined })
})

test('a timetable of each day, and of days of the week', async (t) => {
  const daily = BandwidthTable.parse('08:00,512K:2M 19:00,off')
  t.same(daily.at(at(3, 7, 59)).up, undefined, 'of the evening before')
  t.same(daily.at(at(3, 8)), { up: 512 << 10, down: 2 << 20 })
  t.same(daily.at(at(3, 18, 59)).up, 512 << 10)
  t.same(daily.at(at(3, 19)).up, undefined)
  const weekly = BandwidthTable.parse('Mon-08:00,1M friday-18:30,off')
  t.same(weekly.at(at(1, 7, 59)).up, undefined, 'of the week before')
  t.same(weekly.at(at(1, 8)).up, 1 << 20)
  t.same(weekly.at(at(5, 18, 29)).up, 1 << 20)
  t.same(weekly.at(at(5, 18, 30)).up, undefined)
  t.same(weekly.at(at(0, 0)).up, undefined)
})

test('what is none is refused with what it is', async (t) => {
  const junk = [
    '',
    'fast',
    '0',
    '0K',
    '512',
    '-1M',
    '1M:2M:3M',
    '25:00,1M',
    '08:60,1M',
    '8,1M',
    'Foo-08:00,1M',
  ]
  for (const text of [
    ...junk,
    '08:00,1M 08:00,2M',
    '08:00,1M Mon-08:00,2M',
    '1M 2M',
    '08:00,',
    '1e9K',
  ]) {
    t.throws(() => BandwidthTable.parse(text), RangeError, text)
  }
})

test('so many bytes take the time that the rate wants, whoever sends them', async (t) => {
  const clock = clockAt(0)
  const flow = new Flow(() => 1000, clock)
  const order: number[] = []
  await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      await flow.take(500, never)
      order.push(index)
    }),
  )
  t.same(
    order,
    [...order].sort((a, b) => a - b),
    'in the order in which they came',
  )
  // The last one is charged when it begins.
  t.ok(clock.time >= 9.5 * second && clock.time < 10.1 * second, `${clock.time} ms`)
})

test('a pause is not made up for', async (t) => {
  const clock = clockAt(0)
  const flow = new Flow(() => 1000, clock)
  clock.time += 3600 * second
  const before = clock.time
  for (let count = 0; count < 10; count++) await flow.take(1000, never)
  t.ok(clock.time - before >= 8 * second, `${clock.time - before} ms`)
})

test('what was used beyond what was asked for is charged, what was asked for is not charged twice', async (t) => {
  const clock = clockAt(0)
  const flow = new Flow(() => 1000, clock)
  await flow.takeAhead(1000, never)
  flow.used(1000)
  await flow.takeAhead(1000, never)
  t.ok(clock.time >= second && clock.time < 1.1 * second, `${clock.time} ms`)
  flow.used(5000)
  await flow.take(1, never)
  t.ok(clock.time >= 6 * second && clock.time < 6.2 * second, `${clock.time} ms`)
  t.ok(flow.waitMs(2000) >= 2 * second)
})

test('another limit holds at once for who waits', async (t) => {
  const clock = clockAt(0)
  const bandwidth = new Bandwidth(BandwidthTable.parse('1K'), clock)
  await bandwidth.up.take(1 << 20, never)
  const waiting = bandwidth.up.take(1, never)
  bandwidth.table = BandwidthTable.parse('off')
  await waiting
  t.ok(clock.time < 2 * second, `${clock.time} ms instead of 1024 s`)
  t.equal(bandwidth.up.waitMs(1000), 0)
})

test('who gives up waits no longer, and others go on', async (t) => {
  const flow = new Flow(() => 1000, clockAt(0))
  await flow.take(5000, never)
  const given = new AbortController()
  const first = flow.take(1, given.signal)
  const next = flow.take(1, never)
  given.abort(new Error('given up'))
  await t.rejects(first, { message: 'given up' })
  await next
})
