import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { assert, jsonValue, property } from 'fast-check'
import { parseRequest, RequestError } from '../../src/devnet/control-protocol.ts'
import { DevnetClient } from '../../src/devnet/devnet-client.ts'
import { startDevnet, type Devnet } from '../../src/devnet/devnet.ts'
import { ScalarCodec } from '../../src/redstuff/scalar/scalar-codec.ts'
import { silentLog } from '../../src/runtime/log.ts'

const codec = new ScalarCodec()
const { signal } = new AbortController()

function scratch(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodes-control-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

async function start(t: Test, onStop?: () => void): Promise<[Devnet, DevnetClient]> {
  const directory = scratch(t)
  const options = { directory, codec, log: silentLog, ...(onStop ? { onStop } : {}) }
  const devnet = await startDevnet(options)
  t.teardown(() => devnet.close())
  return [devnet, DevnetClient.open(directory)]
}

test('a client sees what the devnet is', async (t) => {
  const [devnet, client] = await start(t)
  t.same(await client.status(signal), JSON.parse(JSON.stringify(devnet.status())))
  t.match(devnet.status(), {
    directory: devnet.directory,
    pid: process.pid,
    suiUrl: /^http:\/\/127\.0\.0\.1:\d+$/,
    faucetUrl: /^http:\/\/127\.0\.0\.1:\d+\/faucet$/,
    systemObjectId: /^0x[0-9a-f]{64}$/,
    stakingPoolId: /^0x[0-9a-f]{64}$/,
    prices: { storage: '100', write: '50' },
    nodes: [{ name: 'node-0', url: /^http:/, shards: 8, state: 'running', faults: [], blobs: 0 }],
    blobIds: [],
  })
})

test('epochs, coins and faults go through the door', async (t) => {
  const [devnet, client] = await start(t)
  const { epoch } = devnet.status()
  t.equal(await client.advanceEpoch(3, signal), epoch + 3)
  await client.faucet(`0x${'5'.repeat(64)}`, { sui: 1n, wal: 10n ** 18n }, signal)
  await client.fault('2', { kind: 'slow', delayMs: 5, on: ['status'], times: 1 }, signal)
  await client.fault('node-2', { kind: 'stop' }, signal)
  await client.fault('0', { kind: 'error', status: 503 }, signal)
  let { nodes } = await client.status(signal)
  t.match(nodes[2], { state: 'stopped', faults: [{ kind: 'stop' }, { kind: 'slow', delayMs: 5 }] })
  t.match(nodes[0], { state: 'running', faults: [{ kind: 'error', status: 503 }] })
  await client.mend({ node: '2', kind: 'stop' }, signal)
  nodes = (await client.status(signal)).nodes
  t.match(nodes[2], { state: 'running', faults: [{ kind: 'slow' }] })
  await client.mend({}, signal)
  nodes = (await client.status(signal)).nodes
  t.same(
    nodes.flatMap(({ faults }) => faults),
    [],
  )
  await client.suiFault({ kind: 'slow', delayMs: 1 }, signal)
  t.same((await client.status(signal)).suiFaults, [{ kind: 'slow', delayMs: 1 }])
  await client.suiFault(undefined, signal)
  t.same((await client.status(signal)).suiFaults, [])
  await t.rejects(client.fault('9', { kind: 'stop' }, signal), { name: 'Trouble', code: 'usage' })
})

test('stop ends the devnet and says when it has', async (t) => {
  const [devnet, client] = await start(t)
  await client.stop(signal)
  t.notOk(existsSync(join(devnet.directory, 'devnet.json')))
  await t.rejects(client.status(signal), { name: 'Trouble', code: 'not-running' })
  t.throws(() => DevnetClient.open(devnet.directory), { name: 'Trouble', code: 'not-running' })
})

test('the owner decides what stop does', async (t) => {
  let asked = 0
  const [devnet, client] = await start(t, () => {
    asked++
    void devnet.close()
  })
  await client.stop(signal)
  t.equal(asked, 1)
})

test('a file left by a devnet that died is not taken for a running one', async (t) => {
  const directory = scratch(t)
  const file = { pid: process.pid, url: 'http://127.0.0.1:1/', token: 'x' }
  writeFileSync(join(directory, 'devnet.json'), JSON.stringify(file))
  await t.rejects(DevnetClient.open(directory).status(signal), { code: 'not-running' })
  writeFileSync(join(directory, 'devnet.json'), '{')
  t.throws(() => DevnetClient.open(directory), { code: 'not-running' })
})

test('only who can read the file gets in', async (t) => {
  const [devnet] = await start(t)
  const path = join(devnet.directory, 'devnet.json')
  t.equal(statSync(path).mode & 0o777, 0o600)
  const { url, token } = JSON.parse(readFileSync(path, 'utf8')) as { url: string; token: string }
  const ask = async (authorization: string, body: string, method = 'POST') => {
    const init = method === 'POST' ? { body } : {}
    const response = await fetch(url, { method, headers: { authorization }, ...init })
    return [response.status, await response.json()] as const
  }
  t.equal((await ask('', '{"command":"status"}'))[0], 401)
  t.equal((await ask(`Bearer ${token}x`, '{"command":"status"}'))[0], 401)
  t.equal((await ask(`Bearer ${token}`, '{"command":"status"}'))[0], 200)
  t.equal((await ask(`Bearer ${token}`, '', 'GET'))[0], 405)
  t.same(await ask(`Bearer ${token}`, '{"command":"dance"}'), [
    400,
    { error: { code: 'usage', message: 'unknown command "dance"' } },
  ])
  t.equal((await ask(`Bearer ${token}`, `"${'x'.repeat(1 << 17)}"`))[0], 400)
})

test('any JSON is a request or is refused', async (t) => {
  const parse = (value: unknown) => {
    try {
      parseRequest(JSON.stringify(value))
      return true
    } catch (error) {
      return error instanceof RequestError
    }
  }
  assert(property(jsonValue(), parse))
  for (const command of ['epoch', 'faucet', 'fault', 'mend', 'sui-fault']) {
    assert(property(jsonValue(), (fault) => parse({ command, fault, count: fault, node: fault })))
  }
  for (const bad of [
    { command: 'epoch' },
    { command: 'epoch', count: 0 },
    { command: 'faucet', recipient: '' },
    { command: 'faucet', recipient: 'x', sui: '-1' },
    { command: 'fault', node: 1 },
    { command: 'fault', node: '1', fault: { kind: 'melt' } },
    { command: 'fault', node: '1', fault: { kind: 'slow' } },
    { command: 'fault', node: '1', fault: { kind: 'drop', on: ['nothing'] } },
    { command: 'fault', node: '1', fault: { kind: 'error', status: 404 } },
    { command: 'mend', kind: 'everything' },
    { command: 'sui-fault', fault: { kind: 'lose-answer', times: 0 } },
  ]) {
    t.throws(() => parseRequest(JSON.stringify(bad)), { name: 'RequestError' })
  }
})
