import { test } from 'tap'
import type { Clock } from '../../src/runtime/clock.ts'
import { StoreError } from '../../src/store/blob-store.ts'
import type { StoreErrorCode } from '../../src/store/blob-store.ts'
import { FaultScript, withFaults } from '../../src/store/faults.ts'
import { LimitedStore, StorePriority } from '../../src/store/limited-store.ts'
import { MemoryNetwork } from '../../src/store/memory-network.ts'
import { MemoryStore } from '../../src/store/memory-store.ts'
import { RetryingStore } from '../../src/store/retrying-store.ts'
import { parseBlobId } from '../../src/terms/blob-id.ts'
import { blobStoreSuite } from './blob-store-suite.ts'
import { packFile, seededBytes } from './pack-file.ts'

const { signal } = new AbortController()
const blob = parseBlobId('A'.repeat(43))

class JumpingClock implements Clock {
  readonly slept: number[] = []
  now = (): number => 0
  sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted()
    this.slept.push(ms)
  }
}

test('a store in all its wrappers is still a store', async (t) => {
  const policy = { firstDelayMs: 10, maxDelayMs: 100, tries: 3 }
  blobStoreSuite(t, async () => {
    const network = new MemoryNetwork()
    return {
      newStore: async ({ sui, wal } = {}) => {
        const store = new MemoryStore(network, network.openAccount(sui, wal))
        const limited = new LimitedStore(store, { reads: 2, encodes: 1, uploads: 1 })
        return new RetryingStore(withFaults(limited, new FaultScript()), policy)
      },
      advanceEpoch: async (count) => network.advanceEpoch(count),
    }
  })
})

test('what passes is tried again, with growing delays, and the rest is not', async (t) => {
  const faults = new FaultScript()
  const clock = new JumpingClock()
  const network = new MemoryNetwork()
  const inner = withFaults(new MemoryStore(network), faults)
  const store = new RetryingStore(inner, { firstDelayMs: 100, maxDelayMs: 400, tries: 6 }, clock)
  const fail = (step: string, code: StoreErrorCode, times: number): void =>
    faults.add({ step, times, error: () => new StoreError(code, code) })

  fail('prices', 'unreachable', 4)
  t.equal((await store.prices(signal)).epoch, 1)
  t.equal(clock.slept.length, 4)
  clock.slept.forEach((ms, i) => {
    const most = Math.min(100 * 2 ** i, 400)
    t.ok(ms >= most / 2 && ms <= most, `${ms} of ${most}`)
  })
  fail('limits', 'unreachable', 6)
  await t.rejects(store.limits(signal), { code: 'unreachable' }, 'six tries are enough')
  for (const code of ['not-found', 'no-wal', 'no-gas', 'rejected', 'corrupt'] as const) {
    fail('owned', code, 1)
    await t.rejects(store.owned(signal), { code })
  }
})

test('a registration whose answer got lost is found again, not paid again', async (t) => {
  const faults = new FaultScript()
  const network = new MemoryNetwork()
  const inner = withFaults(new MemoryStore(network), faults)
  const policy = { firstDelayMs: 1, maxDelayMs: 1, tries: 3 }
  const store = new RetryingStore(inner, policy, new JumpingClock())
  const encoded = await store.encode(packFile(t, seededBytes(10, 'lost')), signal)
  const lost = () => new StoreError('lost-answer', 'lost')
  faults.add({ step: 'register', when: 'after', error: lost })
  await store.register([encoded], 2, signal)
  t.equal(network.transactions, 1)
  t.equal((await store.owned(signal)).length, 1)

  faults.add({ step: 'execute', when: 'after', error: lost })
  await t.rejects(store.execute([], signal), { code: 'lost-answer' }, 'nobody knows what it does')
  t.equal(network.transactions, 2)
})

test('reads run so many at a time, the urgent ones first', async (t) => {
  const order: string[] = []
  const gates: (() => void)[] = []
  const inner = new MemoryStore(new MemoryNetwork())
  inner.read = async (_blob, offset) => {
    order.push(String(offset))
    await new Promise<void>((resolve) => gates.push(resolve))
    return new Uint8Array(0)
  }
  const wanted = new LimitedStore(inner, { reads: 2, encodes: 1, uploads: 1 })
  const background = wanted.at(StorePriority.background)
  const stop = new AbortController()
  const reads = [
    background.read(blob, 1, 1, signal),
    background.read(blob, 2, 1, signal),
    background.read(blob, 3, 1, signal),
    wanted.at(StorePriority.ahead).read(blob, 4, 1, signal),
    wanted.read(blob, 5, 1, signal),
  ]
  const given = background.read(blob, 6, 1, stop.signal)
  t.same(order, ['1', '2'])
  stop.abort(new Error('enough'))
  await t.rejects(given, { message: 'enough' })
  for (let done = 0; done < reads.length; done++) {
    gates[done]!()
    await new Promise(setImmediate)
  }
  await Promise.all(reads)
  t.same(order, ['1', '2', '5', '4', '3'])
})
