import { test } from 'tap'
import { parseMoment, splitMoment } from '../../src/daemon/past/moment.ts'

const now = Date.UTC(2026, 10, 29, 14, 0)

test('sequence numbers, times with and without a zone, and times ago', async (t) => {
  t.same(parseMoment('12', now), { kind: 'sequence', sequence: 12 })
  t.same(parseMoment('0', now), { kind: 'sequence', sequence: 0 })
  const times: [string, number][] = [
    ['2026-11-20', new Date(2026, 10, 20).getTime()],
    ['2026-11-20T10:00', new Date(2026, 10, 20, 10).getTime()],
    ['2026-11-20 10:00:07', new Date(2026, 10, 20, 10, 0, 7).getTime()],
    ['2026-11-20T10:00Z', Date.UTC(2026, 10, 20, 10)],
    ['2026-11-20T10:00:07.5Z', Date.UTC(2026, 10, 20, 10, 0, 7, 500)],
    ['2026-11-20T10:00:07.123Z', Date.UTC(2026, 10, 20, 10, 0, 7, 123)],
    ['2026-11-20T10:00+05:30', Date.UTC(2026, 10, 20, 4, 30)],
    ['2026-11-20T10:00-0100', Date.UTC(2026, 10, 20, 11)],
    ['2024-02-29', new Date(2024, 1, 29).getTime()],
    ['2h', now - 2 * 3_600_000],
    ['1.5d', now - 36 * 3_600_000],
    ['0s', now],
  ]
  for (const [text, ms] of times) t.same(parseMoment(text, now), { kind: 'time', ms }, text)
})

test('what is none is told with what is one', async (t) => {
  const wrong = [
    '',
    'x',
    '-1',
    '1e3',
    '2026-13-01',
    '2026-02-29',
    '2026-11-20T24:00',
    '2026-11-20Z',
  ]
  for (const text of [...wrong, '2026-11-20T10', '99999999999999999999', '3w', '12 ']) {
    t.throws(
      () => parseMoment(text, now),
      { code: 'usage', message: /is no moment: write @12/ },
      text,
    )
  }
  t.throws(() => parseMoment('2027-01-01', now), { code: 'usage', message: /in the future/ })
})

test('the last @ cuts', async (t) => {
  t.same(splitMoment('demo'), { drive: 'demo' })
  t.same(splitMoment('demo@12'), { drive: 'demo', at: '12' })
  t.same(splitMoment('/mnt/a@b@2h'), { drive: '/mnt/a@b', at: '2h' })
  t.same(splitMoment('demo@'), { drive: 'demo', at: '' })
})
