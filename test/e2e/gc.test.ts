import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import tap, { test, type Test } from 'tap'
import type { GcReport } from '../../src/control/gc-report.ts'
import type { DriveCost } from '../../src/daemon/drive-cost.ts'
import { DevnetClient } from '../../src/devnet/devnet-client.ts'
import { finish, Machine, noMounts, until } from './machine.ts'

const never = new AbortController().signal
const network = noMounts() ? undefined : await Machine.withDevnet(tap)

/** Ids of the blobs that storage nodes have on their disks. */
function blobsOnNodes(machine: Machine): Set<string> {
  const names = readdirSync(join(machine.home, 'devnet'), { recursive: true, encoding: 'utf8' })
  return new Set(names.map((path) => basename(path)).filter((name) => /^[\w-]{43}$/.test(name)))
}

async function blobsOf(machine: Machine): Promise<number> {
  return (await machine.json<DriveCost>('cost', 'demo')).blobs
}

/** Each sync is a commit with a pack. */
const allInPacks = ['--append-delay', 'off']

/** All files of a mount with their bytes. */
function filesOf(mount: string): Map<string, Buffer> {
  const names = readdirSync(mount, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter((name) => statSync(join(mount, name)).isFile())
  return new Map(files.map((name) => [name, readFileSync(join(mount, name))]))
}

/** What another machine, which has nothing, reads. */
async function filesElsewhere(t: Test, machine: Machine): Promise<Map<string, Buffer>> {
  const other = new Machine(t, machine)
  const mount = await other.mount('demo', '--read-only')
  const files = filesOf(mount)
  await other.ok('umount', mount)
  return files
}

test(
  'what nothing needs is gone from chain and nodes, on a mounted drive, and everything is read elsewhere',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount('demo', ...allInPacks)
    const write = async (name: string, bytes: number) => {
      writeFileSync(join(mount, name), randomBytes(bytes))
      await machine.ok('sync', mount)
    }
    await write('kept', 1_500_000)
    await write('gone', 1_500_000)
    for (let round = 0; round < 3; round++) await write('changed', 400_000)
    rmSync(join(mount, 'gone'))
    await machine.ok('sync', mount)
    const files = filesOf(mount)
    const onNodes = blobsOnNodes(machine)

    const month = await machine.json<GcReport>('gc', mount)
    t.match(month, { dryRun: true, keep: '30d', unneeded: { blobs: 0 } }, 'all of it is recent')
    const plan = await machine.json<GcReport>('gc', mount, '--keep', '0s')
    t.ok(plan.unneeded.blobs >= 3, `${plan.unneeded.blobs} blobs are unneeded`)
    t.ok(BigInt(plan.cost) > 0n && BigInt(plan.freedPrepaid) > 0n)
    t.match(await machine.ok('gc', mount, '--keep', '0s'), /--yes does it/)
    t.equal(await blobsOf(machine), plan.packs.blobs, 'a plan changes nothing')

    const done = await machine.json<GcReport>('gc', mount, '--keep', '0s', '--yes')
    t.match(done, { dryRun: false, unneeded: { blobs: plan.unneeded.blobs } })
    t.ok(done.deleted >= plan.unneeded.blobs && done.commits >= 1)
    await until(() => {
      const left = blobsOnNodes(machine)
      return [...onNodes].filter((blob) => !left.has(blob)).length >= plan.unneeded.blobs
    }, 'the nodes to delete them')
    const after = await machine.json<GcReport>('gc', mount, '--keep', '0s')
    t.ok(after.packs.blobs < plan.packs.blobs)
    const { spare, balance, billedBytes } = await machine.json<DriveCost>('cost', 'demo')
    t.ok(spare.billedBytes > 0 && BigInt(spare.worth) > 0n, 'their storage is left over')
    t.match(await machine.ok('cost', 'demo'), /spare .* of deleted blobs/)
    t.match(await machine.ok('forecast', 'demo'), /left over: .* renewals do not/)
    t.same(filesOf(mount), files, 'here')
    t.same(await filesElsewhere(t, machine), files, 'elsewhere')

    await write('later', 10_000)
    const later = await machine.json<DriveCost>('cost', 'demo')
    const units = BigInt((later.billedBytes - billedBytes) >> 20)
    t.ok(units > 0n)
    const written = units * BigInt(later.writePrice)
    t.equal(BigInt(balance!) - BigInt(later.balance!), written, 'writing only is paid for')
    t.equal((await filesElsewhere(t, machine)).size, files.size + 1, 'commits go on')
    const log = await new Machine(t, machine).json<{ sequence: number }[]>('log', 'demo')
    t.ok(log.length >= 2 && log.at(-1)!.sequence > 1, 'history ends where it was forgotten')
    t.match(await machine.status(mount), { health: 'ok', problems: [] })
  },
)

test(
  'killed anywhere it loses nothing, and another one goes on',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount('demo', ...allInPacks)
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 6; i++) writeFileSync(join(mount, `${round}-${i}`), randomBytes(200_000))
      await machine.ok('sync', mount)
    }
    for (let round = 0; round < 3; round++) {
      for (let i = 1; i < 6; i++) rmSync(join(mount, `${round}-${i}`))
    }
    await machine.ok('sync', mount)
    const files = filesOf(mount)
    await machine.ok('umount', mount)
    const plan = await machine.json<GcReport>('gc', 'demo', '--keep', '0s')
    t.ok(plan.repacked.blobs >= 2, `${plan.repacked.blobs} packs are mostly dead`)
    const pack = join(machine.home, 'state/demo/packs/gc-0.pack')
    for (const ms of [0, 150, 500]) {
      rmSync(pack, { force: true })
      const running = machine.spawn('gc', 'demo', '--keep', '0s', '--yes')
      const ended = finish(running)
      await until(() => existsSync(pack) || running.exitCode !== null, 'the first pack')
      await sleep(ms)
      running.kill('SIGKILL')
      await ended
      t.same(await filesElsewhere(t, machine), files, `killed ${ms} ms after its first pack began`)
    }
    for (let left = true, rounds = 0; left && rounds < 4; rounds++) {
      const done = await machine.json<GcReport>('gc', 'demo', '--keep', '0s', '--yes')
      left = done.deleted > 0 || done.commits > 0
    }
    const after = await machine.json<GcReport>('gc', 'demo', '--keep', '0s')
    t.match(after, { unneeded: { blobs: 0 }, repacked: { blobs: 0 } })
    t.ok(
      after.packs.blobs < plan.packs.blobs,
      `${after.packs.blobs} of ${plan.packs.blobs} are left`,
    )
    t.same(await filesElsewhere(t, machine), files)
    const again = await machine.mount()
    writeFileSync(join(again, 'more'), 'more')
    await machine.ok('sync', again)
    t.equal((await filesElsewhere(t, machine)).get('more')?.toString(), 'more')
  },
)

test(
  'an upload whose machine was lost is an orphan two epochs later',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    t.teardown(() => machine.ok('devnet', 'fault', 'clear'))
    const mount = await machine.mount('demo', '--writeback-delay', '200ms')
    writeFileSync(join(mount, 'stored'), randomBytes(100_000))
    await machine.ok('sync', mount)
    await machine.ok('devnet', 'fault', 'stop', '1')
    await machine.ok('devnet', 'fault', 'stop', '3')
    writeFileSync(join(mount, 'lost'), randomBytes(300_000))
    await until(async () => (await machine.status(mount)).writeback.why !== undefined, 'trouble')
    process.kill(await machine.pidOf(mount), 'SIGKILL')
    await machine.ok('devnet', 'fault', 'clear')
    const other = new Machine(t, machine)
    t.match(await other.json('gc', 'demo'), { orphans: { blobs: 0 }, unfinished: 1 })
    await DevnetClient.open(join(machine.home, 'devnet')).advanceEpoch(2, never)
    t.match(await other.json('gc', 'demo'), { orphans: { blobs: 1 }, unfinished: 0 })
    t.match(await other.json('gc', 'demo', '--yes'), { deleted: 1, commits: 0 })
    t.match(await other.json('gc', 'demo'), { orphans: { blobs: 0 }, unfinished: 0 })
  },
)

test(
  'small changes that lie in the manifest are in a pack first',
  { skip: noMounts() },
  async (t) => {
    const machine = await network!.withDrive(t)
    const mount = await machine.mount()
    writeFileSync(join(mount, 'large'), randomBytes(300_000))
    await machine.ok('sync', mount)
    rmSync(join(mount, 'large'))
    writeFileSync(join(mount, 'small'), 'some bytes')
    await machine.ok('sync', mount)
    const log = () => machine.json<{ readonly blob?: string }[]>('log', 'demo')
    t.equal((await log())[0]!.blob, undefined, 'the last change lies in the manifest')
    t.match(await machine.ok('gc', mount, '--keep', '0s'), /1 small change/)
    const kept = await machine.json<GcReport>('gc', mount)
    t.equal(kept.unneeded.blobs, 0, 'the snapshot before it is recent')
    const plan = await machine.json<GcReport>('gc', mount, '--keep', '0s')
    t.ok(plan.unneeded.blobs > 0, 'what it makes dead is counted')

    const done = await machine.json<GcReport>('gc', mount, '--keep', '0s', '--yes')
    t.ok(done.deleted >= 1, `${done.deleted} blobs were deleted`)
    t.same(done.unneeded, plan.unneeded, 'as it was planned')
    t.ok((await log())[0]!.blob, 'the tree is in a pack')
    t.same(await filesElsewhere(t, machine), new Map([['small', Buffer.from('some bytes')]]))
  },
)
