import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import type { DriveStatus } from '../../src/control/status.ts'
import type { RenewalReport } from '../../src/control/renewal-status.ts'
import type { DriveCost, DriveForecast } from '../../src/daemon/drive-cost.ts'
import { DevnetClient } from '../../src/devnet/devnet-client.ts'
import { Machine, noMounts, until } from './machine.ts'

const never = new AbortController().signal
const quick = ['--renew-check', '500ms']
const epochs = 24

async function statusIn(mount: string): Promise<DriveStatus> {
  return JSON.parse(await readFile(join(mount, '.walrusfs/status.json'), 'utf8')) as DriveStatus
}

/** The status when the daemon has looked at its blobs in this epoch. */
async function statusOf(mount: string, epoch: number): Promise<DriveStatus> {
  let now = await statusIn(mount)
  await until(async () => {
    now = await statusIn(mount)
    return now.renewal?.epoch === epoch && now.renewal.why === undefined
  }, `a look at the blobs in epoch ${epoch}`)
  return now
}

test(
  'through 24 epochs a drive that is renewed stays whole for what was forecast, and another one warns in time',
  { skip: noMounts() },
  async (t) => {
    const machine = new Machine(t)
    await machine.startDevnet()
    await machine.create('kept')
    await machine.create('left')
    const kept = await machine.mount('kept', ...quick)
    const left = await machine.mount('left', '--no-auto-renew', ...quick)
    const bytes = [randomBytes(3_000_000), randomBytes(20_000)]
    writeFileSync(join(kept, 'large'), bytes[0]!)
    await machine.ok('sync', kept)
    writeFileSync(join(left, 'file'), bytes[1]!)
    await machine.ok('sync', left)
    const devnet = DevnetClient.open(join(machine.home, 'devnet'))
    const first = await devnet.advanceEpoch(1, never)
    writeFileSync(join(kept, 'small'), bytes[1]!)
    await machine.ok('sync', kept)

    const told = await machine.json<DriveForecast>('forecast', kept, '--for-epochs', String(epochs))
    t.ok(BigInt(told.cost) > 0n)
    const warned: number[] = []
    for (let epoch = first + 1; epoch <= first + epochs; epoch++) {
      await devnet.advanceEpoch(1, never)
      const [good, warning] = [await statusOf(kept, epoch), await statusOf(left, epoch)]
      t.same(good.problems, [], `epoch ${epoch}`)
      t.equal(good.renewal?.ended, 0)
      t.ok(good.renewal!.endEpoch! > epoch + 2, 'it lasts for longer than the margin')
      if (warning.renewal?.ended === 0 && warning.problems.length > 0) {
        warned.push(epoch)
        t.match(warning.problems[0], /walrusfs renew/)
        t.not(warning.health, 'ok')
      }
    }

    const after = await machine.json<DriveCost>('cost', 'kept')
    t.equal(after.blobs, 2)
    const paid = Number(BigInt(told.balance!) - BigInt(after.balance!))
    const difference = Math.abs(paid / Number(told.cost) - 1)
    t.ok(difference < 0.01, `paid ${paid}, forecast ${told.cost}`)
    const end = await statusIn(kept)
    t.equal(Number(end.renewal!.paid), paid)

    t.same(warned, [first + 7, first + 8], 'the last two epochs before its end')
    const lost = await statusIn(left)
    t.equal(lost.health, 'stuck')
    t.match(lost.problems[0], /has ended/)
    const late = await machine.json<RenewalReport>('renew', 'left')
    t.match(late, { blobs: 0, ended: 1, paid: '0' })

    await machine.ok('umount', kept)
    machine.forget()
    const cold = await machine.mount('kept', '--read-only')
    t.ok(readFileSync(join(cold, 'large')).equals(bytes[0]!), 'read from an empty cache')
    t.ok(readFileSync(join(cold, 'small')).equals(bytes[1]!))

    const plan = await machine.json<RenewalReport>('renew', 'kept', '--epochs', '30', '--dry-run')
    t.equal(plan.paid, '0')
    const done = await machine.json<RenewalReport>('renew', 'kept', '--epochs', '30')
    t.equal(done.paid, plan.cost)
    t.equal(done.endEpoch, first + epochs + 30)
  },
)
