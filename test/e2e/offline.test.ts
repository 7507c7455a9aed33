import { randomBytes } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import tap, { test, type Test } from 'tap'
import { DevnetClient } from '../../src/devnet/devnet-client.ts'
import { Machine, noMounts, until } from './machine.ts'

const skip = noMounts()
const network = skip ? undefined : await Machine.withDevnet(tap)

/** Neither the full node nor a storage node answers from now on, till the test ends or `back` is called. */
async function withoutNetwork(t: Test): Promise<() => Promise<void>> {
  const devnet = DevnetClient.open(join(network!.home, 'devnet'))
  const { signal } = new AbortController()
  for (const node of ['0', '1', '2', '3']) await devnet.fault(node, { kind: 'stop' }, signal)
  await devnet.suiFault({ kind: 'down' }, signal)
  const back = async () => {
    await devnet.mend({}, signal)
    await devnet.suiFault(undefined, signal)
  }
  t.teardown(back)
  return back
}

function writeStable(path: string, bytes: Buffer): void {
  const file = openSync(path, 'w')
  writeSync(file, bytes)
  fsyncSync(file)
  closeSync(file)
}

async function kill(machine: Machine, mount: string): Promise<void> {
  process.kill(await machine.pidOf(mount), 'SIGKILL')
}

const unreachable = { code: 'ENETUNREACH' }

test(
  'offline what is here is read and written, the rest waits, and online all is merged',
  { skip },
  async (t) => {
    const first = await network!.withDrive(t)
    const here = await first.mount()
    const [a, b, c, d] = [2 << 20, 2 << 20, 300_000, 50_000].map((bytes) => randomBytes(bytes))
    writeFileSync(join(here, 'a'), a!)
    writeFileSync(join(here, 'b'), b!)
    await first.ok('sync', here)
    const second = new Machine(t, first)
    const there = await second.mount()
    await second.ok('warmup', join(there, 'a'))
    t.match(await second.ok('offline', there, 'on'), /demo is offline/)
    t.ok(readFileSync(join(there, 'a')).equals(a!))
    t.throws(() => readFileSync(join(there, 'b')), unreachable)
    t.match(await second.run('warmup', there), {
      code: 9,
      stdout: /not fetched: \/b: the drive is offline/,
    })
    writeStable(join(there, 'c'), c!)
    t.match(await second.run('sync', there), { code: 9, stderr: /offline.*safe on this machine/ })
    const status = await second.status(there)
    t.match(status, { offline: true, health: 'degraded', problems: [/^offline: /] })
    t.match(await second.ok('status', there), /network +not used: offline/)

    writeFileSync(join(here, 'd'), d!)
    await first.ok('sync', here)
    t.same(readdirSync(there), ['a', 'b', 'c'])
    await second.ok('offline', there, 'off')
    await second.ok('sync', there)
    await until(() => readdirSync(here).length === 4, 'what was written offline')
    t.ok(readFileSync(join(here, 'c')).equals(c!))
    t.ok(readFileSync(join(there, 'd')).equals(d!))
    t.ok(readFileSync(join(there, 'b')).equals(b!))
  },
)

test(
  'a drive starts without any network from what is remembered, also after kill -9',
  { skip },
  async (t) => {
    const machine = await network!.withDrive(t)
    const other = new Machine(t, machine)
    const mount = await machine.mount()
    const [x, y, z] = [randomBytes(1 << 20), randomBytes(100_000), randomBytes(70_000)]
    writeFileSync(join(mount, 'x'), x)
    await machine.ok('sync', mount)
    writeStable(join(mount, 'y'), y)
    await kill(machine, mount)

    const back = await withoutNetwork(t)
    t.match(await other.run('mount', 'demo', other.mountPoint(), '--offline'), {
      code: 9,
      stderr: /cannot be opened offline: this machine does not remember it/,
    })
    await machine.ok('mount', 'demo', mount, '--offline')
    t.ok(readFileSync(join(mount, 'x')).equals(x))
    t.ok(readFileSync(join(mount, 'y')).equals(y))
    writeStable(join(mount, 'z'), z)
    await kill(machine, mount)
    await machine.ok('mount', 'demo', mount, '--offline')
    t.ok(readFileSync(join(mount, 'z')).equals(z), 'what was fsynced is there')
    t.match(await machine.run('umount', mount), { stdout: /only on this machine/ })

    damagePacks(machine)
    await machine.ok('mount', 'demo', mount, '--offline')
    t.throws(() => readFileSync(join(mount, 'x')), unreachable, 'no damaged byte is shown')
    await machine.ok('offline', mount, 'off')
    await back()
    t.ok(readFileSync(join(mount, 'x')).equals(x), 'and online it is fetched')
    await machine.ok('sync', mount)
    const there = await other.mount('demo', '--read-only')
    t.same(readdirSync(there), ['x', 'y', 'z'])
    t.ok(readFileSync(join(there, 'z')).equals(z))

    await machine.ok('umount', mount)
    machine.forgetCache()
    t.match(await machine.run('mount', 'demo', mount, '--offline'), {
      code: 9,
      stderr: /where its tree begins is not in the disk cache/,
    })
  },
)

test(
  'what was remembered wrongly is noticed online, and nothing of it is stored',
  { skip },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount()
    const remembered = join(machine.home, 'state/demo/remembered.json')
    const kept = join(machine.home, 'remembered.json')
    writeFileSync(join(mount, 'old'), randomBytes(50_000))
    await machine.ok('sync', mount)
    const { sequence } = await machine.status(mount)
    const saw = (which: string) =>
      readFileSync(remembered, 'utf8').includes(`"sequence":"${which}"`)
    await until(() => saw(sequence), 'the first state')
    copyFileSync(remembered, kept)
    writeFileSync(join(mount, 'new'), randomBytes(50_000))
    await machine.ok('sync', mount)
    const { sequence: later } = await machine.status(mount)
    await until(() => saw(later), 'the second state')
    await machine.ok('umount', mount)
    const forged = readFileSync(kept, 'utf8').replace(
      `"sequence":"${sequence}"`,
      `"sequence":"${later}"`,
    )
    writeFileSync(remembered, forged)

    await machine.ok('mount', 'demo', mount, '--offline', '--read-only')
    t.same(readdirSync(mount), ['old'])
    await machine.ok('offline', mount, 'off')
    await until(async () => {
      const { problems } = await machine.status(mount)
      return problems.some((problem) => /is not what the chain had/.test(problem))
    }, 'that it is noticed')
  },
)

/** Writes over the middle of all that is kept of packs. */
function damagePacks(machine: Machine): void {
  for (const place of ['packs', 'pieces']) {
    for (const name of readdirSync(join(machine.home, 'cache', place))) {
      const file = openSync(join(machine.home, 'cache', place, name), 'r+')
      writeSync(file, randomBytes(1000), 0, 1000, 500_000)
      closeSync(file)
    }
  }
}
