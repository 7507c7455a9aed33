import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { exitCodes } from '../../src/terms/trouble.ts'
import { Machine, noMounts, until } from './machine.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)

test(
  'a full node that shows an older drive is noticed, and not believed',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    t.teardown(() => machine.ok('devnet', 'fault', 'clear'))
    const mount = await machine.mount()
    writeFileSync(join(mount, 'old'), 'old')
    await machine.ok('sync', mount)
    const before = await machine.status(mount)
    t.equal(before.rollback, undefined)
    t.match(before.fullNode, { ageMs: Number, behindMs: undefined })
    const metrics = await machine.ok('status', mount, '--metrics')
    t.match(metrics, /^walrusfs_full_node_age_seconds\{.*\} \d/m)
    t.match(metrics, /^walrusfs_full_node_behind\{.*\} 0$/m)
    await machine.ok('devnet', 'fault', 'sui-stale')
    writeFileSync(join(mount, 'new'), 'new')
    await machine.ok('sync', mount)
    await until(async () => (await machine.status(mount)).rollback !== undefined, 'the alarm')
    const status = await machine.status(mount)
    const seen = String(BigInt(before.sequence) + 1n)
    t.match(status, { sequence: seen, health: 'stuck', rollback: { shown: before.sequence, seen } })
    t.match(status.problems[0], /far behind, or it lies/)
    t.match(await machine.ok('status', mount, '--metrics'), /^walrusfs_rollback\{.*\} 1$/m)
    t.equal(readFileSync(join(mount, 'new'), 'utf8'), 'new', 'what is known is read')
    const log = readFileSync(join(machine.home, 'state/demo/daemon.log'), 'utf8')
    t.match(log, /far behind, or it lies/)
    await machine.ok('umount', mount)

    const refused = await machine.run('mount', 'demo', machine.mountPoint())
    t.equal(refused.code, exitCodes['rolled-back'])
    t.match(refused.stderr, /another full node .*--accept-rollback/)
    t.equal(refused.stderr.trim().split('\n').length, 1)
    t.equal((await machine.run('ls', 'demo', '/')).code, exitCodes['rolled-back'])

    await t.test('it is mounted again when the full node has caught up', async (t) => {
      await machine.ok('devnet', 'fault', 'clear')
      const again = await machine.mount()
      t.same(readdirSync(again).sort(), ['new', 'old'])
      t.equal((await machine.status(again)).rollback, undefined)
      await machine.ok('umount', again)
    })
  },
)

test('an older drive is mounted by explicit consent', { skip: noMounts() }, async (t) => {
  const machine = await network!.withDrive(t)
  t.teardown(() => machine.ok('devnet', 'fault', 'clear'))
  const mount = await machine.mount()
  writeFileSync(join(mount, 'old'), 'old')
  await machine.ok('sync', mount)
  await machine.ok('devnet', 'fault', 'sui-stale')
  writeFileSync(join(mount, 'new'), 'new')
  await machine.ok('umount', mount)
  const read = ['--read-only', '--accept-rollback']
  const older = await machine.mount('demo', ...read)
  t.same(readdirSync(older), ['old'])
  await machine.ok('umount', older)
  t.equal(await machine.ok('cat', 'demo', '/old'), 'old', 'once is enough')
  await machine.ok('devnet', 'fault', 'clear')
  t.same(readdirSync(await machine.mount()).sort(), ['new', 'old'])
})
