import { once } from 'node:events'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'tap'
import type { Test } from 'tap'
import { systemClock } from '../../src/runtime/clock.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { NodeHealthBook } from '../../src/store/nodes/node-health.ts'
import { NodeHttp } from '../../src/store/nodes/node-http.ts'
import { StorageNodes } from '../../src/store/nodes/storage-nodes.ts'
import type { StorageNode } from '../../src/store/nodes/committee.ts'
import { parseBlobId } from '../../src/terms/blob-id.ts'
import { parseObjectId } from '../../src/terms/object-id.ts'

const { signal } = new AbortController()
const blob = parseBlobId('A'.repeat(43))

/** A storage node that answers as it is told. */
async function serve(t: Test, listener: RequestListener): Promise<StorageNode> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    id: parseObjectId('1'),
    index: 0,
    name: 'told',
    url: `http://127.0.0.1:${port}`,
    publicKey: new Uint8Array(48),
    shards: [0],
  }
}

function client(t: Test, timeoutMs = 300): { nodes: StorageNodes; health: NodeHealthBook } {
  const http = new NodeHttp({ connectTimeoutMs: 500 })
  t.teardown(() => http.close())
  const health = new NodeHealthBook(systemClock, silentLog)
  const nodes = new StorageNodes(http, health, systemClock, {
    smallMs: timeoutMs,
    sliverMs: timeoutMs,
  })
  return { nodes, health }
}

test('an answer without end is cut off', async (t) => {
  const node = await serve(t, (_request, response) => {
    const more = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(1 << 20), () => setImmediate(more))
    }
    more()
  })
  const { nodes } = client(t, 20_000)
  const sliver = nodes.sliver(node, blob, 0, 'primary', 1000, signal)
  await t.rejects(sliver, { name: 'NodeError', code: 'bad-answer' })
})

test('an answer that does not come, or stops in the middle, ends with the time', async (t) => {
  const node = await serve(t, (request, response) => {
    if (request.url!.includes('metadata')) response.write('x')
  })
  const { nodes, health } = client(t)
  await t.rejects(nodes.sliver(node, blob, 0, 'primary', 10, signal), { code: 'timeout' })
  await t.rejects(nodes.metadata(node, blob, 4, signal), { code: 'timeout' })
  t.equal(health.view()[0]!.failures, 2)
})

test('a connection that is refused or cut', async (t) => {
  const cut = await serve(t, (request) => request.socket.destroy())
  const { nodes } = client(t)
  await t.rejects(nodes.metadata(cut, blob, 4, signal), { code: 'unreachable' })
  const nobody = { ...cut, url: 'http://127.0.0.1:1' }
  await t.rejects(nodes.metadata(nobody, blob, 4, signal), { code: 'unreachable' })
  const nowhere = { ...cut, url: '' }
  await t.rejects(nodes.metadata(nowhere, blob, 4, signal), { code: 'unreachable' })
})

test('refusals carry status and reason, whatever else the body says', async (t) => {
  const details = [{ reason: 'NOT_REGISTERED' }]
  const bodies = [
    JSON.stringify({ error: { message: 'no', details } }),
    JSON.stringify({ error: { details: 'x' } }),
    'not JSON',
    '',
    JSON.stringify({ error: { message: 7, details: [{ reason: 7 }] } }),
    'x'.repeat(200_000),
  ]
  const node = await serve(t, (request, response) => {
    const place = Number(/slivers\/(\d+)/.exec(request.url!)![1])
    response.writeHead(400).end(bodies[place])
  })
  const { nodes } = client(t)
  const ask = (place: number) => nodes.sliver(node, blob, place, 'primary', 10, signal)
  await t.rejects(ask(0), { code: 'refused', status: 400, reason: 'NOT_REGISTERED' })
  for (const place of [1, 2, 3, 4]) {
    await t.rejects(ask(place), { code: 'refused', status: 400, reason: undefined })
  }
  await t.rejects(ask(5), { name: 'NodeError' })
})

test('answers that cannot be read are lies', async (t) => {
  const node = await serve(t, (_request, response) => response.end('nonsense'))
  const { nodes, health } = client(t)
  const target = { axis: 'primary', index: 0 } as const
  await t.rejects(nodes.metadata(node, blob, 4, signal), { code: 'bad-answer' })
  await t.rejects(nodes.sliver(node, blob, 0, 'primary', 100, signal), { code: 'bad-answer' })
  await t.rejects(nodes.decodingSymbols(node, blob, target, 2, signal), { code: 'bad-answer' })
  await t.rejects(nodes.recoverySymbols(node, blob, target, 2, signal), { code: 'bad-answer' })
  await t.rejects(nodes.confirmation(node, blob, undefined, signal), { code: 'bad-answer' })
  await t.rejects(nodes.hasSliver(node, blob, 0, 'primary', signal), { code: 'bad-answer' })
  t.equal(health.view()[0]!.state, 'lying')
})

test('a confirmation without its parts is none', async (t) => {
  const answers = [
    '{}',
    '{"success":{"data":{}}}',
    '{"success":{"data":{"signed":{"signature":1}}}}',
  ]
  let asked = 0
  const node = await serve(t, (_request, response) => response.end(answers[asked++]))
  const { nodes } = client(t)
  for (const answer of answers) {
    const confirmation = nodes.confirmation(node, blob, undefined, signal)
    await t.rejects(confirmation, { code: 'bad-answer' }, answer)
  }
})

test('an abort ends a request with its reason, and blames nobody', async (t) => {
  const node = await serve(t, () => {})
  const { nodes, health } = client(t)
  const stop = new AbortController()
  const waiting = nodes.metadata(node, blob, 4, stop.signal)
  stop.abort(new Error('enough'))
  await t.rejects(waiting, { message: 'enough' })
  t.equal(health.view().length, 0)
})
