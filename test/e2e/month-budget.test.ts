import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { RenewalReport } from '../../src/control/renewal-status.ts'
import type { DriveCost } from '../../src/daemon/drive-cost.ts'
import { walText } from '../../src/renewal/wal.ts'
import { isMounted, Machine, noMounts, until } from './machine.ts'

const mib = 1 << 20

/** A file that is fsynced when it returns. */
function keep(path: string, bytes: Buffer): void {
  const file = openSync(path, 'w')
  writeSync(file, bytes)
  fsyncSync(file)
  closeSync(file)
}

async function balance(machine: Machine): Promise<bigint> {
  return BigInt((await machine.json<DriveCost>('cost', 'demo')).balance!)
}

test(
  'above the budget of a month new data waits, through kill -9, till it is let through or the budget is raised',
  { skip: noMounts() },
  async (t) => {
    const machine = new Machine(t)
    await machine.startDevnet()
    await machine.create('demo')
    const full = await balance(machine)
    const slow = ['--writeback-delay', '1h']
    const first = await machine.mount('demo', ...slow)
    const [one, two] = [randomBytes(3 * mib), randomBytes(3 * mib)]
    writeFileSync(join(first, 'one'), one)
    await machine.ok('sync', first)
    const before = await machine.status(first)
    const cost = full - (await balance(machine))
    t.match(before.budget, { limit: undefined, spent: String(cost), stored: String(cost) })
    t.equal(before.budget!.held, undefined)
    await machine.ok('umount', first)

    const budget = walText((cost * 12n) / 10n).replace(' WAL', '')
    const drive = await machine.mount('demo', ...slow, '--month-budget', budget)
    const near = await machine.status(drive)
    t.equal(near.budget!.near, true, '83 % are spent')
    t.match(near.problems, [/^\S+ WAL of the \S+ WAL that \d{4}-\d\d may cost are spent/])
    writeFileSync(join(drive, 'small'), 'goes into the manifest')
    await machine.ok('sync', drive)
    t.equal(await balance(machine), full - cost, 'a small change costs no WAL')

    keep(join(drive, 'two'), two)
    const refused = await machine.run('sync', drive)
    t.match(refused, { code: 29, stderr: /over the budget since .*sync --over-budget/ })
    const held = await machine.status(drive)
    t.match(held, { health: 'stuck', writeback: { dirty: true } })
    t.match(held.problems[0], /changes wait on this machine: over the budget since/)
    t.equal(held.budget!.held!.cost, String(cost), 'the same size costs the same')
    t.match(await machine.ok('status', '--metrics', drive), /walrusfs_over_budget\{.*\} 1/)
    t.match(await machine.run('umount', drive), { code: 29 })
    t.ok(isMounted(drive))
    t.ok(readFileSync(join(drive, 'two')).equals(two))
    keep(join(drive, 'three'), Buffer.from('written while it waits'))

    const other = new Machine(t, machine)
    const theirs = await other.mount('demo', ...slow)
    writeFileSync(join(theirs, 'theirs'), 'of another writer')
    await other.ok('sync', theirs)
    await until(() => existsSync(join(drive, 'theirs')), 'what another writer stored meanwhile')
    t.match(await other.status(theirs), { budget: { limit: undefined, spent: '0' } })
    await other.ok('umount', theirs)

    process.kill(held.pid, 'SIGKILL')
    await until(() => machine.run('status', drive).then(({ code }) => code !== 0), 'its end')
    await machine.run('umount', '--lazy', drive)
    const again = await machine.mount('demo', ...slow, '--month-budget', budget)
    t.ok(readFileSync(join(again, 'two')).equals(two))
    t.match(await machine.run('sync', again), { code: 29 })
    const later = await machine.status(again)
    t.equal(later.budget!.held!.sinceMs, held.budget!.held!.sinceMs)
    t.equal(await balance(machine), full - cost, 'nothing was paid meanwhile')

    await machine.ok('sync', again, '--over-budget')
    const paid = full - (await balance(machine))
    const done = await machine.status(again)
    t.match(done.budget, { spent: String(paid), held: undefined, near: true })
    t.equal(paid, 2n * cost)
    writeFileSync(join(again, 'four'), randomBytes(mib))
    t.match(await machine.run('sync', again), { code: 29 }, 'once')
    t.match(await machine.run('umount', '--lazy', again), { code: 0 })

    const raised = await machine.mount('demo', ...slow, '--month-budget', '1000')
    await machine.ok('sync', raised)
    t.match(await machine.status(raised), { health: 'ok', budget: { held: undefined } })
    await machine.ok('umount', raised)
    const { paid: renewed } = await machine.json<RenewalReport>('renew', 'demo', '--epochs', '12')
    t.not(renewed, '0')
    const book = readFileSync(join(machine.home, 'state/demo/spending.json'), 'utf8')
    t.match(book, `"renewed":"${renewed}"`, 'a renewal by hand counts, too')
    machine.forget()
    const cold = await machine.mount('demo', '--read-only')
    t.ok(readFileSync(join(cold, 'one')).equals(one))
    t.ok(readFileSync(join(cold, 'two')).equals(two))
    t.equal(readFileSync(join(cold, 'three'), 'utf8'), 'written while it waits')
  },
)

test('what is no amount is refused before anything starts', { skip: noMounts() }, async (t) => {
  const machine = new Machine(t)
  for (const amount of ['-1', '1e9', 'much', '', '0.0000000001', '5 SUI', 'NaN']) {
    const refused = await machine.run('mount', 'demo', machine.home, `--month-budget=${amount}`)
    t.not(refused.code, 0, amount)
  }
})
