import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { exitCodes } from '../../src/terms/trouble.ts'
import { Machine, noMounts, until } from './machine.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)

test('a mount that has the drive alone', { skip: noMounts() }, async (t) => {
  const first = await network!.withDrive(t)
  const [second, third] = [new Machine(t, first), new Machine(t, first)]
  const here = await first.mount('demo', '--exclusive')
  const before = await first.status(here)
  t.equal(before.lease?.ours, true)
  t.ok(Math.abs(before.lease!.untilMs - Date.now() - 600_000) < 60_000, 'for ten minutes')
  t.match(await first.ok('status', here), /^exclusive +other writers are asked to wait/m)

  const refused = await third.run('mount', 'demo', third.mountPoint(), '--exclusive')
  t.equal(refused.code, exitCodes.leased)
  t.match(refused.stderr, /another writer .* has the drive alone until .*nothing was changed/)
  t.equal(refused.stderr.trim().split('\n').length, 1)
  const local = join(third.home, 'file')
  writeFileSync(local, 'x')
  t.equal((await third.run('put', local, 'demo')).code, exitCodes.leased)

  const waiting = second.mountPoint()
  const { stderr } = await second.run('mount', 'demo', waiting, '--writeback-delay', '100ms')
  t.match(stderr, /another writer has demo alone until/)
  writeFileSync(join(waiting, 'theirs'), 'theirs')
  writeFileSync(join(here, 'ours'), 'ours')
  await first.ok('sync', here)
  const held = async () => {
    const status = await second.status(waiting)
    return status.writeback.why !== undefined && status.problems.length > 0
  }
  await until(held, 'the other mount to say that it waits')
  const status = await second.status(waiting)
  t.match(status.problems[0], /another writer has the drive alone/)
  t.match(status, { lease: { ours: false }, writeback: { state: 'backing-off', dirty: true } })
  await until(() => readdirSync(waiting).includes('ours'), 'what was stored to be seen there')
  t.equal((await second.run('gc', 'demo', '--yes')).code, exitCodes.leased)
  t.same(readdirSync(here), ['ours'])

  await t.test('killed and mounted again it has it still', async (t) => {
    process.kill(await first.pidOf(here), 'SIGKILL')
    await first.ok('mount', 'demo', here, '--exclusive')
    t.equal((await first.status(here)).lease?.ours, true)
  })

  await t.test('the others go on when it ends', async (t) => {
    await first.ok('umount', here)
    const drained = async () => !(await second.status(waiting)).writeback.dirty
    await until(drained, 'the other mount to store what waited')
    const end = await second.status(waiting)
    t.match(end, { lease: undefined, health: 'ok', problems: [] })
    t.match(await third.ok('ls', 'demo', '/'), /ours\n.*theirs/)
    t.equal(readFileSync(join(waiting, 'ours'), 'utf8'), 'ours')
    await second.ok('umount', waiting)
  })
})

test('flags that do not go together', { skip: noMounts() }, async (t) => {
  const machine = await network!.withDrive(t)
  for (const flags of [
    ['--exclusive', '--read-only'],
    ['--exclusive', '--lease', '2h'],
    ['-o', 'exclusive,lease=1s'],
  ]) {
    const { code, stderr } = await machine.run('mount', 'demo', machine.mountPoint(), ...flags)
    t.equal(code, exitCodes.usage, stderr)
    t.equal(stderr.trim().split('\n').length, 1, stderr)
  }
})
