import { test } from 'tap'
import { systemClock } from '../../src/runtime/clock.ts'

test('a sleep of longer than a timer can be is none of a moment', async (t) => {
  const woken = new AbortController()
  setTimeout(() => woken.abort(new Error('woken')), 100)
  await t.rejects(systemClock.sleep(60 * 86_400_000, woken.signal), { message: 'woken' })
  await systemClock.sleep(1, new AbortController().signal)
})
