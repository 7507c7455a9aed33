import { randomBytes } from 'node:crypto'
import {
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import tap, { test, type Test } from 'tap'
import type { PinReport } from '../../src/control/pin-report.ts'
import type { WarmupReport } from '../../src/control/warmup-report.ts'
import { DevnetClient } from '../../src/devnet/devnet-client.ts'
import { Machine, noMounts, until } from './machine.ts'

const skip = noMounts()
const network = skip ? undefined : await Machine.withDevnet(tap)

/** Nothing but this machine answers from now on, till the test ends or `back` is called. */
async function withoutNodes(t: Test): Promise<() => Promise<void>> {
  const devnet = DevnetClient.open(join(network!.home, 'devnet'))
  const { signal } = new AbortController()
  for (const node of ['0', '1', '2', '3']) await devnet.fault(node, { kind: 'stop' }, signal)
  const back = () => devnet.mend({}, signal)
  t.teardown(back)
  return back
}

async function pinned(machine: Machine, path: string): Promise<PinReport> {
  const [report] = await machine.json<PinReport[]>('pin', path, '--wait')
  return report!
}

test('what was warmed up is read without storage nodes', { skip }, async (t) => {
  const first = await network!.withDrive(t)
  const mount = await first.mount()
  mkdirSync(join(mount, 'a/b'), { recursive: true })
  const [large, small] = [randomBytes(5 << 20), randomBytes(70_000)]
  writeFileSync(join(mount, 'a/large'), large)
  writeFileSync(join(mount, 'a/b/small'), small)
  writeFileSync(join(mount, 'other'), randomBytes(2 << 20))
  await first.ok('sync', mount)

  const second = new Machine(t, first)
  const there = await second.mount('demo', '--read-only')
  const report = await second.json<WarmupReport>('warmup', join(there, 'a'))
  t.match(report, { files: 2, failedFiles: 0, presentBytes: 0 })
  t.ok(report.fetchedBytes >= large.length + small.length, 'all bytes were fetched')
  const paths = [join(there, 'a/large'), join(there, 'a/b')]
  const again = await second.json<WarmupReport>('warmup', ...paths)
  t.match(again, { files: 2, fetchedBytes: 0 }, 'the second time nothing is')
  const lost = await second.run('warmup', join(there, 'nothing'))
  t.match(lost, { code: 21, stderr: /there is no/ })
  t.match(await second.run('warmup', second.home), { code: 16, stderr: /lies in no drive/ })

  await withoutNodes(t)
  t.ok(readFileSync(join(there, 'a/large')).equals(large))
  t.ok(readFileSync(join(there, 'a/b/small')).equals(small))
})

test(
  'pins outlive eviction, restarts and the cache directory, and follow changes from elsewhere',
  { skip },
  async (t) => {
    const first = await network!.withDrive(t)
    const mount = await first.mount()
    mkdirSync(join(mount, 'kept'))
    writeFileSync(join(mount, 'kept/file'), randomBytes(4 << 20))
    writeFileSync(join(mount, 'kept/text'), 'a text')
    for (const name of ['x', 'y']) writeFileSync(join(mount, name), randomBytes(12 << 20))
    await first.ok('sync', mount)

    const second = new Machine(t, first)
    const options = ['--read-only', '--cache-size', '16M', '--memory', '1M']
    const there = await second.mount('demo', ...options)
    const report = await pinned(second, join(there, 'kept'))
    t.match(report.pins, [{ path: '/kept', state: 'present', files: 2 }])
    t.equal(report.presentBytes, report.bytes)
    const refused = await second.run('pin', join(there, 'x'))
    t.match(refused, { code: 15, stderr: /would be pinned.*nothing was pinned/ })
    for (const name of ['x', 'y']) readFileSync(join(there, name))
    t.match((await second.status(there)).pins, { count: 1, presentBytes: report.bytes })

    await second.ok('umount', there)
    await second.ok('mount', 'demo', there, ...options)
    const back = await withoutNodes(t)
    t.same(readFileSync(join(there, 'kept/file')).length, 4 << 20)
    t.equal(readFileSync(join(there, 'kept/text'), 'utf8'), 'a text')
    await back()

    second.forgetCache()
    t.equal((await pinned(second, join(there, 'kept'))).presentBytes, report.bytes)

    const newer = randomBytes(3 << 20)
    writeFileSync(join(mount, 'kept/file'), newer)
    writeFileSync(join(mount, 'kept/more'), newer.subarray(0, 100_000))
    await first.ok('sync', mount)
    const { sequence } = await first.status(mount)
    await until(async () => (await second.status(there)).sequence === sequence, 'the change')
    t.match((await pinned(second, join(there, 'kept'))).pins, [{ state: 'present', files: 3 }])
    await withoutNodes(t)
    t.ok(readFileSync(join(there, 'kept/file')).equals(newer))
    t.equal(readFileSync(join(there, 'kept/more')).length, 100_000)
  },
)

test('a pin goes with a directory, and holds nothing when that is removed', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  const mount = await machine.mount()
  mkdirSync(join(mount, 'a'))
  writeFileSync(join(mount, 'a/file'), randomBytes(1 << 20))
  writeFileSync(join(mount, 'document'), randomBytes(1 << 20))
  await machine.ok('sync', mount)
  await pinned(machine, join(mount, 'a'))
  await pinned(machine, join(mount, 'document'))

  renameSync(join(mount, 'a'), join(mount, 'b'))
  mkdirSync(join(mount, 'a'))
  writeFileSync(join(mount, 'new'), randomBytes(100_000))
  renameSync(join(mount, 'new'), join(mount, 'document'))
  await machine.ok('sync', mount)
  const [moved] = await machine.json<PinReport[]>('pin', join(mount, 'b/file'), '--wait')
  t.same(
    moved!.pins.map(({ path, state, bytes }) => [path, state, bytes < 1 << 20]),
    [
      ['/b', 'present', false],
      ['/document', 'present', true],
      ['/b/file', 'present', false],
    ],
  )

  const pid = await machine.pidOf(mount)
  process.kill(pid, 'SIGKILL')
  await machine.ok('mount', 'demo', mount)
  rmSync(join(mount, 'b'), { recursive: true })
  await machine.ok('sync', mount)
  const gone = await pinned(machine, join(mount, 'document'))
  t.same(
    gone.pins.map(({ path, state }) => [path, state]),
    [
      ['/b', 'gone'],
      ['/document', 'present'],
      ['/b/file', 'gone'],
    ],
  )
  t.match(await machine.run('unpin', join(mount, 'a')), { code: 21, stderr: /is not pinned/ })
  await machine.ok('unpin', join(mount, 'b'), join(mount, 'b/file'), join(mount, 'document'))
  t.match(await machine.ok('pin', '--list'), /nothing is pinned/)
})

test('a damaged copy of a pinned piece is fetched anew', { skip }, async (t) => {
  const first = await network!.withDrive(t)
  const mount = await first.mount()
  const bytes = randomBytes(2 << 20)
  writeFileSync(join(mount, 'file'), bytes)
  await first.ok('sync', mount)
  const second = new Machine(t, first)
  const there = await second.mount('demo', '--read-only')
  await pinned(second, join(there, 'file'))
  await second.ok('umount', there)
  damagePins(second)
  await second.ok('mount', 'demo', there, '--read-only')
  t.ok(readFileSync(join(there, 'file')).equals(bytes), 'no damaged byte is shown')
  const report = await pinned(second, join(there, 'file'))
  t.equal(report.presentBytes, report.bytes)
  await withoutNodes(t)
  await second.ok('umount', there)
  await second.ok('mount', 'demo', there, '--read-only')
  t.ok(readFileSync(join(there, 'file')).equals(bytes))
})

/** Writes over the middle of each file of pins. */
function damagePins(machine: Machine): void {
  const directory = join(machine.home, 'cache/pinned')
  for (const owner of readdirSync(directory)) {
    for (const name of readdirSync(join(directory, owner))) {
      const file = openSync(join(directory, owner, name), 'r+')
      writeSync(file, randomBytes(1000), 0, 1000, 1 << 20)
      closeSync(file)
    }
  }
}
