import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { startDevnet, type Devnet, type NetworkChoice } from '../../src/devnet/devnet.ts'
import { networkSize, sizeWarning } from '../../src/devnet/devnet-options.ts'
import { ScalarCodec } from '../../src/redstuff/scalar/scalar-codec.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { Trouble } from '../../src/terms/trouble.ts'

const codec = new ScalarCodec()

function scratch(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodes-devnet-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  return directory
}

async function start(t: Test, directory: string, choice: NetworkChoice = {}): Promise<Devnet> {
  const devnet = await startDevnet({ directory, codec, log: silentLog, ...choice })
  t.teardown(() => devnet.close())
  return devnet
}

function keysOf(devnet: Devnet): string[] {
  const { members } = devnet.chain.view.committee()
  return members.map(({ publicKey }) => Buffer.from(publicKey).toString('hex'))
}

async function troubleOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (error instanceof Trouble) return `${error.code}: ${error.message}`
    throw error
  }
  return 'no trouble'
}

test('a network keeps its ports, keys and choices over restarts', async (t) => {
  const directory = scratch(t)
  const first = await start(t, directory, { nodes: 7, shards: 14 })
  const before = first.status()
  const keys = keysOf(first)
  t.equal(before.nodes.length, 7)
  t.equal(before.shards, 14)
  t.same(
    before.nodes.map(({ shards }) => shards),
    Array(7).fill(2),
  )
  await first.close()
  const second = await start(t, directory)
  t.same(second.status(), before)
  t.same(keysOf(second), keys)
})

test('other choices than those it was made with are refused', async (t) => {
  const directory = scratch(t)
  await (await start(t, directory)).close()
  for (const choice of [
    { nodes: 7 },
    { shards: 64 },
    { suiPort: 1 },
    { basePort: 1 },
    { maxEpochsAhead: 5 },
  ]) {
    const trouble = await troubleOf(start(t, directory, choice))
    t.match(trouble, /^config: the devnet in .* was made with .*, not \d+: /)
    t.notMatch(trouble, '\n')
  }
  await (await start(t, directory, { nodes: 4, shards: 32 })).close()
})

test('sizes that cannot work are refused, doubtful ones are said', async (t) => {
  t.same(networkSize({}), { nodes: 4, shards: 32 })
  t.same(networkSize({ nodes: 10 }), { nodes: 10, shards: 40 })
  t.same(networkSize({ nodes: 10, shards: 1000 }), { nodes: 10, shards: 1000 })
  for (const choice of [
    { nodes: 0 },
    { nodes: 1.5 },
    { nodes: 1, shards: 3 },
    { nodes: 4, shards: 33 },
    { nodes: 4, shards: 1004 },
    { shards: NaN },
  ]) {
    t.throws(() => networkSize(choice), { name: 'Trouble', code: 'usage' })
  }
  t.same([4, 7, 10, 13].map(sizeWarning), [undefined, undefined, undefined, undefined])
  t.match(sizeWarning(3), /none may fail/)
  t.match(sizeWarning(5), /not 3f \+ 1.* 4 or 7 are safe/)
})

test('a directory runs once', async (t) => {
  const directory = scratch(t)
  const devnet = await start(t, directory)
  t.match(await troubleOf(start(t, directory)), new RegExp(`^locked: .*process ${process.pid}`))
  await devnet.close()
  await devnet.close()
  await (await start(t, directory)).close()
})

test('a port that somebody has taken meanwhile is named', async (t) => {
  const directory = scratch(t)
  const devnet = await start(t, directory)
  const port = Number(new URL(devnet.status().nodes[2]!.url).port)
  await devnet.close()
  const thief = createServer().listen(port, '127.0.0.1')
  await once(thief, 'listening')
  t.match(await troubleOf(start(t, directory)), `config: port ${port} of node-2 is taken`)
  await new Promise((resolve) => thief.close(resolve))
  await (await start(t, directory)).close()
})

test('ports can be chosen', async (t) => {
  const probe = await start(t, scratch(t))
  const { suiUrl, nodes } = probe.status()
  const [suiPort, basePort] = [Number(new URL(suiUrl).port), Number(new URL(nodes[0]!.url).port)]
  await probe.close()
  const devnet = await start(t, scratch(t), { suiPort, basePort })
  t.equal(devnet.status().suiUrl, suiUrl)
  t.same(
    devnet.status().nodes.map(({ url }) => url),
    nodes.map(({ url }) => url),
  )
  const other = await troubleOf(start(t, scratch(t), { suiPort: 70_000 }))
  t.match(other, 'usage: a port is a number from 1 to 65535, not 70000')
})

test('a damaged or foreign network file is refused and left alone', async (t) => {
  const directory = scratch(t)
  await (await start(t, directory)).close()
  const path = join(directory, 'network.json')
  t.equal(statSync(path).mode & 0o777, 0o600)
  const good = readFileSync(path, 'utf8')
  writeFileSync(path, good.slice(0, 50))
  t.match(await troubleOf(start(t, directory)), /^damaged: /)
  t.equal(readFileSync(path, 'utf8'), good.slice(0, 50))
  writeFileSync(path, good.replace('"version": 1', '"version": 2'))
  t.match(await troubleOf(start(t, directory)), /^format: /)
  const other = good.replace(/(?<="systemObjectId": "0x)./, (digit) => (digit === '5' ? '6' : '5'))
  writeFileSync(path, other)
  t.match(await troubleOf(start(t, directory)), /^damaged: the chain in .* is not the one/)
  writeFileSync(path, good)
  await (await start(t, directory)).close()
})
