import { test } from 'tap'
import { svgOf } from './plot.ts'
import { svgOfRatios } from './ratio-plot.ts'

/** Where the dots of a plot are, from left to right. */
function dotsOf(svg: string): { x: number; y: number }[] {
  const paths = svg.matchAll(
    /<path aria-label="[^"]*" role="[^"]*" aria-roledescription="point" transform="translate\(([\d.]+),([\d.]+)\)"/g,
  )
  return [...paths].map(([, x, y]) => ({ x: Number(x), y: Number(y) }))
}

const powers = [1, 10, 100, 1000].map((x) => ({ x, y: x ** 2 }))
const axes = { x: { label: 'files', scale: 'log' }, y: { label: 'seconds', scale: 'log' } } as const

test('a power law is a straight line on log axes, and a curve on linear ones', async (t) => {
  const series = [{ name: 'create', points: powers }]
  const log = dotsOf(await svgOf({ title: 'growth', ...axes, series }))
  t.equal(log.length, powers.length)
  const steps = log.slice(1).map(({ x, y }, k) => [x - log[k]!.x, log[k]!.y - y])
  for (const [across, up] of steps) {
    t.ok(Math.abs(across! - steps[0]![0]!) < 0.1, `${across} pixels across`)
    t.ok(Math.abs(up! - steps[0]![1]!) < 0.1, `${up} pixels up`)
  }
  const linear = { x: { label: 'files' }, y: { label: 'seconds' } }
  const bent = dotsOf(await svgOf({ title: 'growth', ...linear, series }))
  t.ok(bent[1]!.x - bent[0]!.x < (bent[3]!.x - bent[2]!.x) / 10)
})

test('a plot names its axes, its series and sizes of files', async (t) => {
  const svg = await svgOf({
    title: 'memory <resident>',
    x: { label: 'file size', scale: 'log', numbers: 'bytes' },
    y: { label: 'resident', numbers: 'bytes' },
    series: [
      { name: 'daemon', points: [1024, 1 << 20, 1 << 30].map((x) => ({ x, y: 100 << 20 })) },
      { name: 'limit', kind: 'reference', points: [1024, 1 << 30].map((x) => ({ x, y: 1 << 27 })) },
    ],
  })
  for (const text of ['memory &lt;resident&gt;', 'file size', 'resident', 'daemon', 'limit']) {
    t.ok(svg.includes(`>${text}</text>`), text)
  }
  for (const text of ['1 KiB', '1 MiB', '1 GiB', '128 MiB'])
    t.ok(svg.includes(`>${text}</text>`), text)
})

test('ratios have a dot each and goals a tick; what was skipped has none', async (t) => {
  const row = { measure: 'write', better: 'higher', unit: 'MB/s', ours: [2], theirs: [1] } as const
  const svg = await svgOfRatios('walrusfs', [
    { ...row, against: 'disk', goal: 0.9 },
    { ...row, against: 'rclone', goal: 3 },
    { measure: 'ls', against: 's3fs', skipped: 'not installed' },
  ])
  t.ok(svg.includes('>write — disk</text>'))
  t.notOk(svg.includes('s3fs'))
  t.equal(dotsOf(svg).length, 2)
  t.ok(svg.includes('#2e8b57') && svg.includes('#d1495b'), 'reached and missed')
})
