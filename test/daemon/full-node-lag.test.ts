import { test } from 'tap'
import { FullNodeLag, lagText } from '../../src/daemon/full-node-lag.ts'

const secondMs = 1000
const minuteMs = 60 * secondMs

test('a full node that keeps up is no lag, wherever the clocks are a little apart', (t) => {
  for (const apartMs of [-20 * secondMs, 0, 20 * secondMs]) {
    const judge = new FullNodeLag()
    t.equal(judge.ageMs, undefined)
    for (let now = 0; now < 5 * minuteMs; now += 20 * secondMs) {
      judge.shown(now - apartMs, now)
      t.equal(judge.lag, undefined)
    }
    t.equal(judge.ageMs, Math.max(apartMs, 0))
  }
  t.end()
})

test('one that stands still is behind after a minute, whatever the clock here says', (t) => {
  for (const apartMs of [-3 * minuteMs, 0, secondMs]) {
    const judge = new FullNodeLag()
    const latestMs = 1_000_000 - apartMs
    for (let passed = 0; passed < minuteMs; passed += 20 * secondMs) {
      judge.shown(latestMs, 1_000_000 + passed)
      t.equal(judge.lag, undefined, `${apartMs} ms apart, after ${passed} ms`)
    }
    judge.shown(latestMs, 1_000_000 + minuteMs)
    t.match(judge.lag, { latestMs, behindMs: minuteMs + Math.max(apartMs, 0), stands: true })
    judge.shown(latestMs + minuteMs, 1_000_000 + minuteMs)
    t.equal(judge.lag, undefined, 'it has caught up')
  }
  t.end()
})

test('what is far behind and moves may be a wrong clock, and is told at once', (t) => {
  const judge = new FullNodeLag()
  for (let now = 0; now < 5 * minuteMs; now += 20 * secondMs) {
    judge.shown(now - 10 * minuteMs, now)
    t.match(judge.lag, { behindMs: 10 * minuteMs, stands: false })
  }
  t.end()
})

test('a node that does not answer is not taken for one that stands still', (t) => {
  const judge = new FullNodeLag()
  judge.shown(0, 0)
  t.equal(judge.lag, undefined)
  judge.shown(10 * minuteMs, 10 * minuteMs)
  t.equal(judge.lag, undefined)
  t.end()
})

test('of nodes behind one address the one that is farthest counts', (t) => {
  const judge = new FullNodeLag()
  for (let look = 0; look < 30; look++) {
    const now = look * 20 * secondMs
    judge.shown(look % 2 ? now : -5 * minuteMs, now)
    if (look > 0) t.equal(judge.lag, undefined)
  }
  t.end()
})

test('a person is told what it means and what mends it', (t) => {
  const lag = { latestMs: Date.UTC(2026, 0, 31, 12), behindMs: 5 * minuteMs, stands: true }
  t.match(lagText(lag, 'testnet'), /shows the past: .* from 2026-01-31T12:00:00.000Z, .* 5 min/)
  t.match(lagText(lag, 'testnet'), /networks\.testnet\.suiUrl/)
  t.match(lagText({ ...lag, stands: false }, 'testnet'), /or this machine's clock is ahead/)
  t.end()
})
