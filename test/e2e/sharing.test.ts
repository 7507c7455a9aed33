import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import type { JoinedDrive } from '../../src/daemon/join-drive.ts'
import type { KnownWriter, Transferred } from '../../src/daemon/drive-sharing.ts'
import { Machine, noMounts, until, type Ending } from './machine.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)
const soon = ['--writeback-delay', '100ms', '--append-delay', 'off'] as const

/** A machine of somebody else: it sees the devnet, and has no drive and no key. */
function stranger(t: Ending, machine: Machine): Machine {
  const other = new Machine(t, machine)
  rmSync(join(other.home, 'config'), { recursive: true })
  mkdirSync(join(other.home, 'config'), { mode: 0o700 })
  return other
}

async function owner(t: Ending) {
  const machine = await network!.withDrive(t)
  const { manifest } = await machine.json<{ manifest: string }>('create', 'shared', '--public')
  return { machine, manifest }
}

test('a second machine joins, writes, and is revoked', { skip: noMounts() }, async (t) => {
  const { machine, manifest } = await owner(t)
  const other = stranger(t, machine)
  const waiting = other.spawn('join', manifest)
  let said = ''
  waiting.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text))
  const code = new Promise((resolve) => waiting.on('close', resolve))
  await until(() => /share DRIVE 0x[0-9a-f]{64}/.test(said), 'join to say what it waits for')
  const address = /share DRIVE (0x[0-9a-f]{64})/.exec(said)![1]!

  t.match(await machine.ok('share', 'shared', address), `${address} may change shared`)
  t.equal(await code, 0, 'join ends when it may write')
  t.match(await machine.ok('share', 'shared', address), 'may change already')
  const writers = await machine.json<KnownWriter[]>('share', 'shared')
  t.equal(writers.length, 2)
  t.equal(writers.find(({ account }) => account === address)?.isUs, false, 'the other is listed')
  t.ok(
    writers.some(({ isUs }) => isUs),
    'and so is this one',
  )

  const [here, there] = [
    await machine.mount('shared', ...soon),
    await other.mount('shared', ...soon),
  ]
  writeFileSync(join(there, 'from the other'), 'x'.repeat(5000))
  await until(() => existsSync(join(here, 'from the other')), 'the file of the other writer')
  t.equal(readFileSync(join(here, 'from the other'), 'utf8'), 'x'.repeat(5000))

  t.match(await machine.run('revoke', 'shared', writers.find(({ isUs }) => isUs)!.account!), {
    code: 2,
    stderr: /own account; nothing was changed/,
  })
  t.match(await other.run('revoke', 'shared', address), { code: 2 }, 'not even oneself')
  await machine.ok('revoke', 'shared', address)
  t.match(await machine.run('revoke', 'shared', address), { code: 21, stderr: /no writer/ })
  writeFileSync(join(there, 'too late'), 'late')
  await until(
    async () => (await other.status(there)).health !== 'ok',
    'the revoked mount to say that it cannot store',
  )
  t.match((await other.status(there)).problems.join(' '), /takes no changes of this key \(ERevoked/)
  t.notOk(existsSync(join(here, 'too late')))
  t.equal(readFileSync(join(there, 'too late'), 'utf8'), 'late', 'and loses nothing')
  await other.ok('umount', '--lazy', there)
})

test('who has no right cannot give one', { skip: noMounts() }, async (t) => {
  const { machine, manifest } = await owner(t)
  const other = stranger(t, machine)
  const joined = await other.json<JoinedDrive>('join', manifest, '--no-wait', '--name', 'theirs')
  t.equal(joined.writes, false)
  t.match(await other.run('share', 'theirs', joined.address), {
    code: 6,
    stderr: /only who rules over theirs may do that.*nothing was changed/,
  })
  t.match(await other.run('mount', 'theirs', other.mountPoint()), { code: 6 })
  t.match(await other.run('join', '0x5', '--no-wait'), { code: 4, stderr: /no drive to join/ })
  t.match(await machine.run('share', 'shared', 'me'), { code: 2, stderr: /no Sui address/ })
})

test('a drive is given away', { skip: noMounts() }, async (t) => {
  const { machine, manifest } = await owner(t)
  const here = await machine.mount('shared', ...soon)
  writeFileSync(join(here, 'kept'), 'k'.repeat(100_000))
  await machine.ok('sync', here)
  const heir = stranger(t, machine)
  const { address } = await heir.json<JoinedDrive>('join', manifest, '--no-wait')

  t.match(await machine.run('transfer', 'shared', address, '--yes'), {
    code: 12,
    stderr: /mounted here/,
  })
  await machine.ok('umount', here)
  t.match(await machine.run('transfer', 'shared', address), {
    code: 2,
    stderr: /only .* can undo; nothing was changed: say --yes/,
  })
  t.match(await machine.json<Transferred>('transfer', 'shared', address, '--yes'), {
    blobs: 1,
    foreign: 0,
    writes: true,
  })
  t.match(await machine.run('mount', 'shared', machine.mountPoint()), { code: 6 })
  t.match(await machine.run('transfer', 'shared', address, '--yes'), { code: 6 })

  const there = await heir.mount('shared', ...soon)
  t.equal(readFileSync(join(there, 'kept'), 'utf8'), 'k'.repeat(100_000))
  writeFileSync(join(there, 'new'), 'n')
  await heir.ok('sync', there)
  await heir.ok('umount', there)
  t.match(await heir.ok('renew', 'shared', '--epochs', '20'), /paid .* WAL/, 'the blobs are theirs')
  const looked = await machine.mount('shared', '--read-only')
  t.equal(readFileSync(join(looked, 'new'), 'utf8'), 'n')
})
