import { test } from 'tap'
import { setTimeout as later } from 'node:timers/promises'
import type { Connection } from '../../src/daemon/connection.ts'
import { watchFullNode } from '../../src/daemon/full-node-watch.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import { NetworkSwitch } from '../../src/runtime/network-switch.ts'
import { Lifecycle } from '../../src/runtime/lifecycle.ts'
import { LineLog } from '../../src/runtime/log.ts'
import { startChain } from '../devnet/chain-start.ts'
import { SuiGrpcClient } from '@mysten/sui/grpc'

/** A clock whose sleeps take no time here. */
class QuickClock implements Clock {
  #now = Date.now()
  now = (): number => this.#now
  sleep = async (ms: number, signal: AbortSignal): Promise<void> => {
    this.#now += ms
    await later(1, undefined, { signal })
  }
}

test('a full node that shows the past is told, and told when it has caught up', async (t) => {
  const clock = new QuickClock()
  const chain = await startChain(t, { clock })
  const client = new SuiGrpcClient({ network: 'localnet', baseUrl: chain.url })
  const lines: string[] = []
  const lifecycle = new Lifecycle()
  t.teardown(() => lifecycle.stop(() => {}))
  const network = { name: 'devnet' }
  const parts = { account: { client }, network, pace: { clock }, switch: new NetworkSwitch() }
  const connection = parts as unknown as Connection
  const log = new LineLog((line) => lines.push(line), 'info')
  const view = await watchFullNode(connection, lifecycle, log)
  const until = async (holds: () => boolean) => {
    while (!holds()) await later(2)
  }
  await until(() => view.ageMs !== undefined)
  t.equal(view.lag, undefined)
  t.same(lines, [])

  await chain.setFault({ kind: 'stale' })
  await until(() => view.lag !== undefined)
  t.match(view.lag, { stands: true })
  t.equal(lines.length, 1)
  t.match(lines[0], /WARN.*shows the past/i)

  await chain.setFault(undefined)
  await until(() => view.lag === undefined)
  t.equal(lines.length, 2)
  t.match(lines[1], /keeps up with the chain again/)
})
