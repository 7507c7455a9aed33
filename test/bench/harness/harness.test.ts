import { test } from 'tap'
import { isReached, ratioOf, withLimit } from './comparison.ts'
import type { Row } from './comparison.ts'
import type { Bench } from './bench.ts'
import { Ends } from './ends.ts'
import { inTurn } from './in-turn.ts'
import { recordOf } from './record.ts'
import { runBenches } from './run.ts'
import { goalsOf, tableOf } from './table.ts'

const rate = { measure: 'write', against: 'disk', better: 'higher', unit: 'MB/s' } as const
const time = { measure: 'status', against: 'disk', better: 'lower', unit: 's' } as const

test('a ratio says how many times better ours is, of the medians', async (t) => {
  t.equal(ratioOf({ ...rate, ours: [1, 90, 30], theirs: [10, 20, 15] }), 2)
  t.equal(ratioOf({ ...time, ours: [1, 3], theirs: [4] }), 2)
  t.equal(isReached({ ...time, ours: [2], theirs: [1], goal: 0.5 }), true)
  t.equal(isReached({ ...time, ours: [2], theirs: [1], goal: 0.51 }), false)
  t.equal(isReached({ ...time, ours: [2], theirs: [1] }), undefined)
  t.equal(isReached(withLimit({ ...time, ours: [151] }, 150)), false)
  t.equal(isReached(withLimit({ ...rate, ours: [15_000] }, 15_000)), true)
})

test('all sides are measured in each round, in changing order', async (t) => {
  const calls: string[] = []
  const side = (name: string, value: number) => async (round: number) => {
    calls.push(`${name}${round}`)
    return value + round
  }
  const found = await inTurn(3, { ours: side('a', 10), theirs: side('b', 20) })
  t.same(found, { ours: [10, 11, 12], theirs: [20, 21, 22] })
  t.same(calls, ['a0', 'b0', 'b1', 'a1', 'a2', 'b2'])
})

test('the table says what was reached, missed and skipped', async (t) => {
  const skipped = { measure: 'ls', against: 's3fs', skipped: 's3fs is not installed' }
  const rows = [
    { ...rate, ours: [200], theirs: [100], goal: 2 },
    { ...time, ours: [200], theirs: [100], goal: 2, floor: { what: 'C', figures: [80, 90, 80] } },
    skipped,
  ]
  const lines = tableOf(rows).split('\n')
  t.match(lines[1], /^write +200 MB\/s +100 MB\/s +disk +2\.0× +≥ 2\.0× +reached$/)
  t.match(lines[2], /^status +200 s +100 s +disk +0\.50× +≥ 2\.0× +MISSED +1\.3× \(C\)$/)
  t.equal(goalsOf(rows), '1 of 2 goals reached')
  t.equal(lines[3], 'skipped: ls, against s3fs: s3fs is not installed')
  t.match(recordOf(rows).rows, [
    { median: { ours: 200, theirs: 100 }, ratio: 2, isGoalReached: true },
    { ratio: 0.5, floorRatio: 1.25, isGoalReached: false },
    skipped,
  ])
})

test('a bench that fails does not keep the others from running', async (t) => {
  const undone: string[] = []
  const bench = (name: string, run: () => Promise<Row[]>): Bench => ({
    name,
    about: '',
    run: (ground) => {
      ground.ends.teardown(() => undone.push(name))
      return run()
    },
  })
  const good = { ...rate, ours: [1], theirs: [1] }
  const said: string[] = []
  const rows = await runBenches(
    [bench('bad', () => Promise.reject(new Error('no luck'))), bench('good', async () => [good])],
    1,
    ({ name }) => said.push(name),
  )
  t.match(rows, [{ measure: 'bad', error: /no luck/ }, good])
  t.match(tableOf(rows), /FAILED: bad: Error: no luck/)
  t.same(
    [said, undone],
    [
      ['bad', 'good'],
      ['bad', 'good'],
    ],
  )
})

test('ends are undone from the last one on', async (t) => {
  const ends = new Ends()
  const undone: number[] = []
  for (const k of [1, 2, 3]) ends.teardown(() => undone.push(k))
  await ends.run()
  await ends.run()
  t.same(undone, [3, 2, 1])
})
