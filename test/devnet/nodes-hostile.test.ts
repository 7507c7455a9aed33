import { connect } from 'node:net'
import { once } from 'node:events'
import { test } from 'tap'
import {
  property,
  asyncProperty,
  assert,
  uint8Array,
  integer,
  constantFrom,
  webPath,
} from 'fast-check'
import { parseRoute, RouteError } from '../../src/devnet/nodes/route.ts'
import { BodyBudget } from '../../src/devnet/nodes/request-body.ts'
import { encodeMetadata } from '../../src/redstuff/metadata-bcs.ts'
import { NodeBench, someBytes } from './nodes-bench.ts'

/** Sends bytes on a raw connection and gives back what came until the node closed it (or the time is up). */
async function raw(port: string, ...parts: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  for (const part of parts) socket.write(part)
  const chunks: Buffer[] = []
  const giveUp = setTimeout(() => socket.destroy(), 3000)
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'close')
  clearTimeout(giveUp)
  return Buffer.concat(chunks).toString('latin1')
}

async function alive(bench: NodeBench): Promise<boolean> {
  return (await bench.request('GET', 'health')).status === 200
}

test('bytes that are no HTTP end their own connection only', async (t) => {
  const bench = new NodeBench(t)
  const node = await bench.start()
  const port = node.address.split(':')[1]!
  t.match(await raw(port, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'), /^HTTP\/1.1 400/)
  t.match(await raw(port, 'GET / HTTP/9.9\r\n\r\n'), /^HTTP\/1.1 400/)
  t.match(await raw(port, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`), /^HTTP\/1.1 4/)
  t.match(
    await raw(port, 'PUT /v1/blobs/x/metadata HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n'),
    /^HTTP\/1.1 400/,
  )
  t.match(
    await raw(port, 'GET /v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'),
    /^HTTP\/1.1 200/,
  )
  t.ok(await alive(bench))
})

test('a body over the limit is refused before it is kept', async (t) => {
  const bench = new NodeBench(t)
  const node = await bench.start()
  const port = node.address.split(':')[1]!
  const { metadata } = await bench.encode(someBytes(10))
  bench.chain.register(metadata.blobId)
  const path = `/v1/blobs/${metadata.blobId}`
  const tooLong = 'content-length: 999999999999'
  const sliver = await raw(
    port,
    `PUT ${path}/slivers/0/primary HTTP/1.1\r\nhost: x\r\n${tooLong}\r\n\r\n`,
  )
  t.match(sliver, /^HTTP\/1.1 413 /)
  const meta = await raw(port, `PUT ${path}/metadata HTTP/1.1\r\nhost: x\r\n${tooLong}\r\n\r\n`)
  t.match(meta, /^HTTP\/1.1 400 [^]*INVALID_CONTENT_TYPE/)
  const chunk = `${(1 << 20).toString(16)}\r\n${'y'.repeat(1 << 20)}\r\n`
  const chunked = await raw(
    port,
    `PUT ${path}/metadata HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n`,
    chunk,
    chunk,
    chunk,
  )
  t.match(chunked, /^HTTP\/1.1 400 [^]*INVALID_CONTENT_TYPE/)
  t.ok(await alive(bench))
})

test('a client that goes away in the middle of a body leaves nothing behind', async (t) => {
  const bench = new NodeBench(t)
  const node = await bench.start()
  const slivers = await bench.encode(someBytes(10))
  const { blobId } = slivers.metadata
  bench.chain.register(blobId)
  const body = encodeMetadata(slivers.metadata)
  const socket = connect(Number(node.address.split(':')[1]), '127.0.0.1')
  socket.write(
    `PUT /v1/blobs/${blobId}/metadata HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`,
  )
  socket.write(body.subarray(0, 100))
  await new Promise((resolve) => setTimeout(resolve, 50))
  socket.destroy()
  t.equal(node.blobs, 0)
  t.equal((await bench.putMetadata(slivers)).status, 201)
})

test('a chunked body is as good as one with a length', async (t) => {
  const bench = new NodeBench(t)
  const node = await bench.start()
  const { metadata } = await bench.encode(someBytes(10))
  bench.chain.register(metadata.blobId)
  const body = encodeMetadata(metadata)
  const answer = await raw(
    node.address.split(':')[1]!,
    `PUT /v1/blobs/${metadata.blobId}/metadata HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n`,
    `${body.length.toString(16)}\r\n`,
    body,
    '\r\n0\r\n\r\n',
  )
  t.match(answer, /^HTTP\/1.1 201/)
})

test('any path is a route or a refusal', async () => {
  const methods = constantFrom('GET', 'PUT', 'POST', 'HEAD', 'DELETE', 'PATCH', 'x')
  assert(
    property(methods, webPath(), (method, path) => {
      try {
        parseRoute(method, `/v1/blobs/${path}`)
      } catch (error) {
        return error instanceof RouteError
      }
      return true
    }),
  )
})

test('random bodies are refused with a 4xx and the node lives on', async (t) => {
  const bench = new NodeBench(t)
  await bench.start()
  const slivers = await bench.encode(someBytes(600))
  const { blobId } = slivers.metadata
  bench.chain.register(blobId)
  const pair = bench.pairs(blobId)[0]!
  const send = async (method: string, path: string, body: Uint8Array) => {
    const response = await bench.request(method, `blobs/${blobId}/${path}`, body)
    await response.arrayBuffer()
    return response.status >= 400 && response.status < 500
  }
  const bytes = uint8Array({ maxLength: 300 })
  await assert(
    asyncProperty(bytes, async (body) => send('PUT', 'metadata', body)),
    { numRuns: 40 },
  )
  await bench.putMetadata(slivers)
  const good = await slivers.sliverBcs(pair, 'primary')
  const broken = integer({ min: 0, max: good.length * 8 - 1 }).map((bit) => {
    const body = Uint8Array.from(good)
    body[bit >> 3]! ^= 1 << (bit & 7)
    return body
  })
  await assert(
    asyncProperty(broken, async (body) => send('PUT', `slivers/${pair}/primary`, body)),
    { numRuns: 60 },
  )
  await assert(
    asyncProperty(bytes, async (body) => send('POST', 'inconsistencyProof/primary', body)),
    { numRuns: 40 },
  )
  t.ok(await alive(bench))
})

test('bodies wait for their share of memory and get it in order', async (t) => {
  const budget = new BodyBudget(100)
  const order: string[] = []
  await budget.acquire(60)
  const second = budget.acquire(60).then(() => order.push('second'))
  const third = budget.acquire(10).then(() => order.push('third'))
  await new Promise((resolve) => setImmediate(resolve))
  t.same(order, [])
  budget.release(60)
  await Promise.all([second, third])
  t.same(order, ['second', 'third'])
  budget.release(60)
  budget.release(10)
  await budget.acquire(1000)
  const after = budget.acquire(1).then(() => order.push('after the giant'))
  budget.release(1000)
  await after
  t.equal(order.length, 3)
})
