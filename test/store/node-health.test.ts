import { test } from 'tap'
import type { Clock } from '../../src/runtime/clock.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { blocksQuorum, isQuorum, nodeOrigin } from '../../src/store/nodes/committee.ts'
import type { StorageNode } from '../../src/store/nodes/committee.ts'
import { NodeError } from '../../src/store/nodes/node-error.ts'
import { NodeHealthBook } from '../../src/store/nodes/node-health.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'

class HandClock implements Clock {
  ms = 1000
  now = (): number => this.ms
  sleep = async (): Promise<void> => {}
}

const nodes = [0, 1, 2, 3].map((index): StorageNode => ({
  id: parseObjectId(String(index + 1)),
  index,
  name: `node-${index}`,
  url: `http://127.0.0.1:${index}`,
  publicKey: new Uint8Array(48),
  shards: [index],
}))
const [a, b, c, d] = nodes as [StorageNode, StorageNode, StorageNode, StorageNode]
const gone = new NodeError('unreachable', 'connection refused')

function book(): { clock: HandClock; health: NodeHealthBook } {
  const clock = new HandClock()
  const health = new NodeHealthBook(clock, silentLog)
  health.expect(nodes)
  return { clock, health }
}

function stateOf(health: NodeHealthBook, node: StorageNode): string {
  return health.view().find(({ name }) => name === node.name)!.state
}

test('a node that fails is left alone, longer each time, and tried by one request', async (t) => {
  const { clock, health } = book()
  t.ok(health.askFirst(a))
  health.failed(a, gone)
  t.equal(stateOf(health, a), 'down')
  t.notOk(health.askFirst(a))
  clock.ms += 1000
  t.ok(health.askFirst(a), 'one request looks whether it is back')
  t.notOk(health.askFirst(a), 'and only one')
  health.failed(a, gone)
  clock.ms += 1999
  t.notOk(health.askFirst(a))
  clock.ms += 1
  t.ok(health.askFirst(a))
  health.succeeded(a, 5)
  t.equal(stateOf(health, a), 'ok')
  t.ok(health.askFirst(a) && health.askFirst(a))
})

test('a refusal is no failure, an error of the server is', async (t) => {
  const { health } = book()
  health.failed(a, new NodeError('refused', 'HTTP 404', { status: 404 }))
  t.equal(stateOf(health, a), 'ok')
  health.failed(a, new NodeError('refused', 'HTTP 500', { status: 500 }))
  t.equal(stateOf(health, a), 'down')
  t.match(health.view()[0], { requests: 2, failures: 1, lastError: 'HTTP 500' })
  health.failed(b, new NodeError('refused', 'HTTP 429', { status: 429 }))
  t.equal(stateOf(health, b), 'down', 'asked too much')
})

test('a node that is outrun again and again is asked later', async (t) => {
  const { clock, health } = book()
  health.outrun(a, 60)
  health.outrun(a, 60)
  t.ok(health.askFirst(a))
  health.outrun(a, 60)
  t.equal(stateOf(health, a), 'slow')
  t.notOk(health.askFirst(a))
  clock.ms += 1000
  t.ok(health.askFirst(a), 'one request looks whether it has recovered')
  t.notOk(health.askFirst(a))
  health.succeeded(a, 10)
  t.equal(stateOf(health, a), 'ok')
})

test('a liar is asked last for a while', async (t) => {
  const { clock, health } = book()
  health.lied(a, 'a sliver', 'blob')
  health.failed(b, gone)
  for (const [node, ms] of [
    [c, 20],
    [d, 300],
  ] as const) {
    for (let i = 0; i < 10; i++) health.succeeded(node, ms)
  }
  t.equal(stateOf(health, a), 'lying')
  t.notOk(health.askFirst(a))
  t.same(
    health.sorted(nodes).map(({ name }) => name),
    ['node-2', 'node-3', 'node-1', 'node-0'],
  )
  clock.ms += 60_000
  t.ok(health.askFirst(a))
})

test('patience follows what is usual, and does not reward the always late', async (t) => {
  const { health } = book()
  t.equal(health.patienceMs(a), 900, 'nothing is known yet')
  for (const node of [a, b, c]) for (let i = 0; i < 9; i++) health.succeeded(node, 40)
  for (let i = 0; i < 9; i++) health.succeeded(d, 2000)
  t.equal(health.patienceMs(a), 120)
  t.equal(health.patienceMs(d), 240)
  t.equal(stateOf(health, d), 'slow')
  for (let i = 0; i < 33; i++) health.succeeded(a, 1)
  t.equal(health.patienceMs(a), 60, 'but nobody is hurried beyond reason')
})

test('nodes that leave the committee are forgotten', async (t) => {
  const { health } = book()
  health.failed(a, gone)
  health.expect([b, c])
  t.same(
    health.view().map(({ name }) => name),
    ['node-1', 'node-2'],
  )
})

test('a quorum is what the contract calls one', async (t) => {
  const wrong: string[] = []
  for (let shards = 4; shards < 400; shards++) {
    const faults = Math.floor((shards - 1) / 3)
    for (let weight = 0; weight <= shards; weight++) {
      const enough = 3 * weight > 2 * shards
      const lost = 3 * (shards - weight) <= 2 * shards
      if (isQuorum(weight, shards) !== enough || blocksQuorum(weight, shards) !== lost) {
        wrong.push(`${weight} of ${shards}`)
      }
    }
    if (!isQuorum(shards - faults, shards) || blocksQuorum(faults, shards)) {
      wrong.push(`${faults} of ${shards} missing`)
    }
  }
  t.same(wrong, [])
})

test('an address on chain is taken as host and port only', async (t) => {
  t.equal(nodeOrigin('https', 'node.example:9185'), 'https://node.example:9185')
  t.equal(nodeOrigin('http', '127.0.0.1:80/admin?x#y'), 'http://127.0.0.1')
  t.equal(nodeOrigin('https', 'user:password@node.example:1'), 'https://node.example:1')
  for (const bad of ['', 'a b:1', 'node:99999', '[::']) t.equal(nodeOrigin('https', bad), '', bad)
})
