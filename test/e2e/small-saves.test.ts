import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { Machine, noMounts, until } from './machine.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)

interface Cost {
  readonly blobs: number
  readonly usedBytes: number
}

interface Commit {
  readonly sequence: number
  readonly blob?: string
}

async function shows(path: string, text: string, limitMs?: number): Promise<void> {
  await until(
    () => existsSync(path) && readFileSync(path, 'utf8') === text,
    `${path} to show ${text.length} characters`,
    limitMs,
  )
}

/** Blobs that the account has on chain, and whether the drive itself names more. */
async function blobs(machine: Machine): Promise<number> {
  return (await machine.json<Cost>('cost', 'demo')).blobs
}

test('small saves are in the manifest', { skip: noMounts() }, async (t) => {
  const first = await network!.withDrive(t)
  const second = new Machine(t, first)
  const here = await first.mount('demo', '--writeback-delay', '1h')
  const there = await second.mount('demo', '--writeback-delay', '1h')
  const readOnly = await new Machine(t, first).mount('demo', '--read-only')
  writeFileSync(join(here, 'large'), 'x'.repeat(100_000))
  await first.ok('sync', here)
  await shows(join(there, 'large'), 'x'.repeat(100_000))
  t.equal(await blobs(first), 1)

  await t.test('one is seen on another machine within seconds, and no blob is made', async (t) => {
    mkdirSync(join(here, 'd'))
    writeFileSync(join(here, 'd/note'), 'a small save')
    const began = Date.now()
    await shows(join(there, 'd/note'), 'a small save', 30_000)
    t.comment(`seen after ${Date.now() - began} ms`)
    await shows(join(readOnly, 'd/note'), 'a small save', 30_000)
    t.equal(await blobs(first), 1)
    const { writeback } = await first.status(here)
    t.match(writeback, { dirty: false, commits: 1, appends: 1, dirtyBytes: 0 })
  })

  await t.test('the other one answers in the same way', async (t) => {
    appendFileSync(join(there, 'd/note'), ' and another')
    await shows(join(here, 'd/note'), 'a small save and another', 30_000)
    renameSync(join(here, 'd/note'), join(here, 'renamed'))
    await until(() => existsSync(join(there, 'renamed')), 'the new name')
    t.notOk(existsSync(join(there, 'd/note')))
    t.equal(await blobs(first), 1)
  })

  await t.test('without a mount it is there, too', async (t) => {
    t.equal(await second.ok('cat', 'demo', '/renamed'), 'a small save and another')
    t.match(await second.ok('ls', 'demo', '/'), /renamed/)
    const log = await second.json<Commit[]>('log', 'demo')
    t.ok(log.length >= 4, `${log.length} in the log`)
    t.equal(log[0]!.blob, undefined)
    t.ok(log.at(-1)!.blob)
    t.same(
      log.map(({ sequence }) => sequence),
      log.map((_, i) => log[0]!.sequence - i),
    )
  })

  await t.test('sync makes one at once', async (t) => {
    writeFileSync(join(here, 'synced'), 'now')
    await first.ok('sync', here)
    t.equal(await second.ok('cat', 'demo', '/synced'), 'now')
    t.equal(await blobs(first), 1)
  })

  await t.test('a machine with nothing but the configuration shows all', async (t) => {
    const anew = await new Machine(t, first).mount('demo', '--read-only')
    t.same(readdirSync(anew).sort(), ['d', 'large', 'renamed', 'synced'])
    t.equal(readFileSync(join(anew, 'renamed'), 'utf8'), 'a small save and another')
    t.equal(readFileSync(join(anew, 'large'), 'utf8').length, 100_000)
  })

  await t.test('the next commit holds them', async (t) => {
    writeFileSync(join(here, 'large'), 'y'.repeat(100_000))
    await first.ok('sync', here)
    await shows(join(there, 'large'), 'y'.repeat(100_000))
    t.equal(await blobs(first), 2)
    await shows(join(there, 'renamed'), 'a small save and another')
    appendFileSync(join(there, 'renamed'), '!')
    await shows(join(here, 'renamed'), 'a small save and another!', 30_000)
    t.equal(await blobs(first), 2)
    await first.ok('umount', here)
    await second.ok('umount', there)
  })
})

test('a killed daemon’s small saves', { skip: noMounts() }, async (t) => {
  const machine = await network!.withDrive(t)
  const mount = await machine.mount()
  writeFileSync(join(mount, 'stored'), 'stored')
  await until(async () => !(await machine.status(mount)).writeback.dirty, 'the first to be stored')
  writeFileSync(join(mount, 'fresh'), 'fresh')
  await new Promise((done) => setTimeout(done, 200))
  process.kill(await machine.pidOf(mount), 'SIGKILL')
  await machine.run('umount', mount)
  const again = await machine.mount()
  t.equal(readFileSync(join(again, 'stored'), 'utf8'), 'stored')
  t.equal(readFileSync(join(again, 'fresh'), 'utf8'), 'fresh')
  await machine.ok('sync', again)
  t.equal(await blobs(machine), 0, 'a drive of small saves has no blob')
  await machine.ok('umount', again)
  machine.forget()
  const anew = await machine.mount()
  t.equal(readFileSync(join(anew, 'fresh'), 'utf8'), 'fresh')
  rmSync(join(anew, 'stored'))
  await machine.ok('umount', anew)
  t.same(readdirSync(await machine.mount()), ['fresh'])
})

test('many small saves are folded into one pack', { skip: noMounts() }, async (t) => {
  const machine = await network!.withDrive(t)
  const mount = await machine.mount()
  for (let i = 0; i < 14; i++) {
    writeFileSync(join(mount, `f${i}`), `${i}`.padEnd(4000, 'z'))
    await machine.ok('sync', mount)
  }
  const { writeback } = await machine.status(mount)
  t.match(writeback, { commits: 1, appends: 13, dirty: false })
  t.equal(await blobs(machine), 1)
  const anew = await new Machine(t, machine).mount('demo', '--read-only')
  t.equal(readdirSync(anew).length, 14)
  for (let i = 0; i < 14; i++) {
    t.equal(readFileSync(join(anew, `f${i}`), 'utf8'), `${i}`.padEnd(4000, 'z'))
  }
})

test('none are made where they are switched off', { skip: noMounts() }, async (t) => {
  const machine = await network!.withDrive(t)
  const mount = await machine.mount('demo', '--append-delay', 'off')
  writeFileSync(join(mount, 'a'), 'a')
  await machine.ok('sync', mount)
  t.match((await machine.status(mount)).writeback, { commits: 1, appends: 0 })
})
