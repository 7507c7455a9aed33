import { test } from 'tap'
import { SharedFlight } from '../../src/store/shared-flight.ts'

const { signal } = new AbortController()

test('askers for the same thing share one piece of work', async (t) => {
  const flights = new SharedFlight<string, number>()
  let started = 0
  const { promise, resolve } = Promise.withResolvers<number>()
  const work = (): Promise<number> => {
    started++
    return promise
  }
  const asked = [flights.run('a', work, signal), flights.run('a', work, signal)]
  resolve(7)
  t.same(await Promise.all(asked), [7, 7])
  t.equal(started, 1)
  t.equal(await flights.run('a', async () => 8, signal), 8, 'nothing is kept')
})

test('one that goes does not disturb the others, the last one ends the work', async (t) => {
  const flights = new SharedFlight<string, number>()
  let aborted: unknown
  const work = (own: AbortSignal): Promise<number> =>
    new Promise((_, reject) => {
      own.addEventListener('abort', () => {
        aborted = own.reason
        reject(new Error('ended'))
      })
    })
  const stops = [new AbortController(), new AbortController()]
  const asked = stops.map((stop) => flights.run('a', work, stop.signal))
  stops[0]!.abort(new Error('one'))
  await t.rejects(asked[0]!, { message: 'one' })
  t.equal(aborted, undefined)
  stops[1]!.abort(new Error('two'))
  await t.rejects(asked[1]!, { message: 'two' })
  t.match(aborted, { message: 'two' })
  t.equal(await flights.run('a', async () => 1, signal), 1)
})

test('a failure is everybody’s, once', async (t) => {
  const flights = new SharedFlight<string, number>()
  const fail = (): Promise<number> => Promise.reject(new Error('no'))
  const asked = [flights.run('a', fail, signal), flights.run('a', async () => 1, signal)]
  await t.rejects(asked[0]!, { message: 'no' })
  await t.rejects(asked[1]!, { message: 'no' })
  t.equal(await flights.run('a', async () => 2, signal), 2)
})
