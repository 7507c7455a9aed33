import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import type { CostShares } from '../../src/daemon/cost-by-directory.ts'
import type { DriveCost } from '../../src/daemon/drive-cost.ts'
import { Machine, noMounts } from './machine.ts'

const mib = 1 << 20

type Told = DriveCost & { readonly shares: CostShares }

/** All shares of the drive, each once. */
function parts({ shares }: Told, path = '/') {
  const top = shares.directories.find((one) => one.path === path)!
  return [top, shares.elsewhere, shares.tables, shares.unseen]
}

function sum(all: readonly { readonly billedBytes: number; readonly storedBytes: number }[]) {
  return {
    billed: all.reduce((total, { billedBytes }) => total + billedBytes, 0),
    stored: all.reduce((total, { storedBytes }) => total + storedBytes, 0),
  }
}

test(
  'the bill by directory: all lines together are what the chain was paid for',
  { skip: noMounts() },
  async (t) => {
    const machine = new Machine(t)
    await machine.startDevnet()
    await machine.create('demo', '--public')
    const before = await machine.json<DriveCost>('cost', 'demo')
    const drive = await machine.mount('demo', '--writeback-delay', '1h', '--append-delay', 'off')
    const left = async () => BigInt((await machine.json<DriveCost>('cost', 'demo')).balance!)
    for (const name of ['large/deep', 'small', 'gone']) {
      mkdirSync(join(drive, name), { recursive: true })
    }
    writeFileSync(join(drive, 'large/one'), randomBytes(3 * mib))
    writeFileSync(join(drive, 'large/deep/two'), randomBytes(2 * mib))
    writeFileSync(join(drive, 'gone/three'), randomBytes(mib))
    for (let i = 0; i < 200; i++) writeFileSync(join(drive, `small/${i}`), randomBytes(600))
    linkSync(join(drive, 'large/one'), join(drive, 'small/again'))
    const { balance } = await machine.json<DriveCost>('cost', drive)
    const { estimate } = await machine.status(drive)
    const synced = await machine.run('sync', drive, '-v')
    t.match(synced, { code: 0, stderr: /takes up to 1 pack, .* billed/ })
    t.equal(estimate!.cost, String(BigInt(before.balance!) - (await left())), 'as it was estimated')
    t.equal(balance, before.balance)
    rmSync(join(drive, 'gone'), { recursive: true })
    writeFileSync(join(drive, 'top'), randomBytes(5000))
    t.match(await machine.run('sync', drive), { code: 0, stderr: '' }, 'nobody is asked')
    const kept = await machine.status(drive)
    t.equal(kept.estimate, undefined, 'nothing waits')
    t.equal(kept.budget!.spent, String(BigInt(before.balance!) - (await left())))

    const told = await machine.json<Told>('cost', drive, '--depth', '2')
    const paid = BigInt(before.balance!) - BigInt(told.balance!)
    const units = BigInt(told.billedBytes) / BigInt(mib)
    const each = 10n * BigInt(told.storagePrice) + BigInt(told.writePrice)
    t.equal(paid, units * each, 'what is said to be billed is what was paid')
    t.same(sum(parts(told)), { billed: told.billedBytes, stored: told.storedBytes })
    const costs = parts(told).map(({ costPerEpoch }) => BigInt(costPerEpoch))
    t.equal(String(costs.reduce((total, one) => total + one, 0n)), told.costPerEpoch)

    const named = new Map(told.shares.directories.map((one) => [one.path, one]))
    t.same([...named.keys()], ['/', '/large', '/large/deep', '/small'])
    t.match(named.get('/'), { files: 203, directories: 3, bytes: 5 * mib + 200 * 600 + 5000 })
    t.match(named.get('/large'), { files: 2, directories: 1, bytes: 5 * mib })
    t.match(named.get('/small'), { files: 200, bytes: 200 * 600 }, 'the link is counted once')
    t.ok(named.get('/large')!.storedBytes >= 5 * mib)
    t.ok(named.get('/small')!.storedBytes >= 200 * 600, 'small files lie in the nodes')
    t.ok(told.shares.unseen.storedBytes >= mib, 'what was removed is still stored')
    t.ok(named.get('/large')!.billedBytes > named.get('/large/deep')!.billedBytes)

    const deep = await machine.json<Told>('cost', join(drive, 'large'), 'deep', '-d', '0')
    t.same(
      deep.shares.directories.map(({ path }) => path),
      ['/large/deep'],
    )
    t.same(sum(parts(deep, '/large/deep')).billed, told.billedBytes)
    const differ = deep.shares.directories[0]!.billedBytes - named.get('/large/deep')!.billedBytes
    t.ok(Math.abs(differ) <= told.blobs, 'but for a byte of rounding a pack')

    t.match(await machine.run('cost', drive, '/nothing'), { code: 21, stderr: /no directory/ })
    t.match(await machine.run('cost', drive, '--depth', '-1'), { code: 2 })
    await machine.ok('umount', drive)
    machine.forget()
    const text = await machine.ok('cost', 'demo', '--max-depth', '1', '--sort', 'billed')
    const lines = text.trimEnd().split('\n')
    t.same(
      lines.slice(1).map((line) => line.split('  ').at(-1)!.trim()),
      ['/', '/large', '/small'].concat(
        ['tables and root record', 'dead, history, indices of packs', 'all'].map((x) => `(${x})`),
      ),
    )

    const careful = ['--writeback-delay', '1h', '--warn-cost', '0.0000001']
    const again = await machine.mount('demo', ...careful)
    writeFileSync(join(again, 'few'), 'a few bytes')
    t.match(await machine.run('sync', again), { code: 0, stderr: '' }, 'for gas alone')
    writeFileSync(join(again, 'more'), randomBytes(100_000))
    const warned = await machine.run('sync', again)
    t.match(
      warned,
      { code: 0, stderr: /^warning: storing .*--warn-cost/ },
      'and stored all the same',
    )
    await machine.ok('umount', again)
    const { billedBytes } = await machine.json<DriveCost>('cost', 'demo')

    machine.forgetKeys()
    const others = await machine.json<Told>('cost', 'demo', '--depth', '0')
    t.same(sum(parts(others)).billed, billedBytes)
    t.equal(others.shares.gc, undefined, 'only the owner knows what gc would do')
  },
)
