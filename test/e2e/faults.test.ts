import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { Machine, noMounts, until } from './machine.ts'

const bytes = Buffer.alloc(2_500_000, 'all of it, right. ')

const network = noMounts() ? undefined : await Machine.withDevnet(tap)

test(
  'any one node may be down or lying: cold reads are right and writes go on',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    t.teardown(() => machine.ok('devnet', 'fault', 'clear'))
    const mount = await machine.mount()
    writeFileSync(join(mount, 'whole'), bytes)
    await machine.ok('sync', mount)
    for (const kind of ['stop', 'corrupt'] as const) {
      for (const node of [0, 1, 2, 3]) {
        await machine.ok('devnet', 'fault', kind, String(node))
        const other = new Machine(t, machine)
        const cold = await other.mount('demo', '--read-only')
        t.ok(readFileSync(join(cold, 'whole')).equals(bytes), `read with node ${node}: ${kind}`)
        await other.ok('umount', cold)
        writeFileSync(join(mount, `${kind}-${node}`), bytes.subarray(0, 100_000 + node))
        await machine.ok('sync', mount)
        await machine.ok('devnet', 'fault', 'start', String(node))
      }
    }
    const other = new Machine(t, machine)
    const cold = await other.mount('demo', '--read-only')
    for (const node of [0, 1, 2, 3]) {
      t.ok(readFileSync(join(cold, `corrupt-${node}`)).equals(bytes.subarray(0, 100_000 + node)))
    }
  },
)

test(
  'with two nodes down writes wait here, status says why, and they drain when one returns',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    t.teardown(() => machine.ok('devnet', 'fault', 'clear'))
    const mount = await machine.mount('demo', '--writeback-delay', '200ms')
    await machine.ok('devnet', 'fault', 'stop', '1')
    await machine.ok('devnet', 'fault', 'stop', '3')
    writeFileSync(join(mount, 'waiting'), bytes, { flush: true })
    await until(
      async () => (await machine.status(mount)).writeback.why !== undefined,
      'status to say why',
    )
    const stuck = await machine.status(mount)
    t.match(stuck.writeback.why, /nodes/)
    t.not(stuck.health, 'ok')
    t.ok(stuck.problems.length > 0)
    t.ok(readFileSync(join(mount, 'waiting')).equals(bytes), 'the bytes are read from here')
    await machine.ok('devnet', 'fault', 'start', '1')
    await until(async () => !(await machine.status(mount)).writeback.dirty, 'the drain')
    const other = new Machine(t, machine)
    const cold = await other.mount('demo', '--read-only')
    t.ok(readFileSync(join(cold, 'waiting')).equals(bytes))
  },
)

test(
  'a full node that is gone for a while holds up commits, not the mount',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    t.teardown(() => machine.ok('devnet', 'fault', 'clear'))
    const mount = await machine.mount('demo', '--writeback-delay', '200ms')
    await machine.ok('devnet', 'fault', 'sui-down')
    writeFileSync(join(mount, 'file'), 'written in the dark', { flush: true })
    t.equal(readFileSync(join(mount, 'file'), 'utf8'), 'written in the dark')
    await until(
      async () => (await machine.status(mount)).writeback.why !== undefined,
      'status to say why',
    )
    await machine.ok('devnet', 'fault', 'sui-up')
    await until(async () => !(await machine.status(mount)).writeback.dirty, 'the drain')
  },
)
