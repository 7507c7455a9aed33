import { test } from 'tap'
import { gather } from '../../src/store/read/gather.ts'
import { firstOf } from '../../src/store/read/ways.ts'
import type { Way } from '../../src/store/read/ways.ts'

const { signal } = new AbortController()
const never = new Promise<never>(() => {})

interface Trace {
  readonly started: string[]
  readonly aborted: string[]
  readonly outrun: string[]
}

function tracing(): { trace: Trace; way: (name: string, ms: number, go: Go) => Way<string> } {
  const trace: Trace = { started: [], aborted: [], outrun: [] }
  const way = (name: string, patienceMs: number, go: Go): Way<string> => ({
    patienceMs,
    outrun: () => trace.outrun.push(name),
    go: (own) => {
      trace.started.push(name)
      own.addEventListener('abort', () => trace.aborted.push(name))
      return go()
    },
  })
  return { trace, way }
}

type Go = () => Promise<string>
const fails: Go = () => Promise.reject(new Error('no'))

test('the first way that works is enough', async (t) => {
  const { trace, way } = tracing()
  const ways = [way('a', Infinity, async () => 'A'), way('b', Infinity, async () => 'B')]
  t.equal(await firstOf(ways, signal), 'A')
  t.same(trace.started, ['a'])
})

test('a failure starts the next at once, two where that is wanted', async (t) => {
  const { trace, way } = tracing()
  const ways = [way('a', Infinity, fails), way('b', Infinity, () => never)]
  const more = [...ways, way('c', Infinity, async () => 'C'), way('d', Infinity, fails)]
  t.equal(await firstOf(more, signal, { afterFailure: 2 }), 'C')
  t.same(trace.started, ['a', 'b', 'c'])
  t.same(trace.outrun, ['b'])
  t.ok(trace.aborted.includes('b'), 'the slower one is aborted')
})

test('impatience starts the next beside the first', async (t) => {
  const { trace, way } = tracing()
  const slow = Promise.withResolvers<string>()
  const ways = [way('slow', 1, () => slow.promise), way('late', Infinity, () => never)]
  const result = firstOf(ways, signal)
  while (trace.started.length < 2) await new Promise((resolve) => setTimeout(resolve, 1))
  slow.resolve('after all')
  t.equal(await result, 'after all', 'the first may still win')
  t.same(trace.outrun, ['late'])
})

test('when all fail the last failure is told, or what the listener makes of it', async (t) => {
  const { way } = tracing()
  const ways = [way('a', Infinity, fails), way('b', Infinity, fails)]
  await t.rejects(firstOf(ways, signal), { message: 'no' })
  const end = new Error('hopeless')
  await t.rejects(firstOf(ways, signal, { giveUp: () => end }), { message: 'hopeless' })
  await t.rejects(firstOf([], signal), RangeError)
})

test('an abort ends the search and what runs', async (t) => {
  const { trace, way } = tracing()
  const stop = new AbortController()
  const result = firstOf([way('a', Infinity, () => never)], stop.signal)
  stop.abort(new Error('enough'))
  await t.rejects(result, { message: 'enough' })
  t.same(trace.aborted, ['a'])
  t.same(trace.outrun, [], 'nobody was faster')
})

test('gathering stops when there is enough, and replaces what fails', async (t) => {
  const got: number[] = []
  let running = 0
  let most = 0
  const contributions = Array.from({ length: 20 }, (_, i) => ({
    patienceMs: 60_000,
    go: async () => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
      if (i % 3 === 0) throw new Error('lost')
      got.push(i)
    },
  }))
  await gather(contributions, 4, () => got.length >= 5, signal)
  t.equal(most, 4)
  t.ok(got.length >= 5 && got.length <= 8)
  while (running > 0) await new Promise(setImmediate)
  got.length = 0
  await gather(contributions, 4, () => got.length >= 100, signal)
  t.equal(got.length, 13, 'all that could be had')
  await gather([], 4, () => false, signal)
})

test('gathering does not wait for the late ones', async (t) => {
  let aborted = 0
  const hangs = {
    patienceMs: 1,
    go: (own: AbortSignal) =>
      new Promise<void>((_, reject) => {
        own.addEventListener('abort', () => {
          aborted++
          reject(new Error('given up'))
        })
      }),
  }
  let done = false
  const works = {
    patienceMs: 1,
    go: async () => {
      done = true
    },
  }
  await gather([hangs, hangs, works], 1, () => done, signal)
  t.equal(aborted, 2)
  const stop = new AbortController()
  const waiting = gather([hangs], 1, () => false, stop.signal)
  stop.abort(new Error('enough'))
  await t.rejects(waiting, { message: 'enough' })
})
