import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import type { Shared, Transferred } from '../../src/daemon/drive-sharing.ts'
import type { JoinedDrive } from '../../src/daemon/join-drive.ts'
import { Machine, noMounts, until, type Ending } from './machine.ts'

const skip = noMounts()
const network = skip ? undefined : await Machine.withDevnet(tap)
const soon = ['--writeback-delay', '100ms', '--append-delay', 'off'] as const

interface Slots {
  readonly slots: readonly { readonly id: string; readonly kind: string }[]
}

/** A machine of somebody else: it sees the devnet, and has no drive and no key. */
function stranger(t: Ending): Machine {
  const other = new Machine(t, network)
  rmSync(join(other.home, 'config'), { recursive: true })
  mkdirSync(join(other.home, 'config'), { mode: 0o700 })
  return other
}

/** Who has a sealed drive with a file. */
async function owner(t: Ending) {
  const machine = new Machine(t, network)
  const { manifest } = await machine.json<{ manifest: string }>('create', 'vault', '--no-public')
  const local = join(machine.home, 'file')
  writeFileSync(local, 'x'.repeat(5000))
  await machine.ok('put', local, 'vault')
  return { machine, manifest }
}

const slotsOf = async (machine: Machine) => (await machine.json<Slots>('keys', 'vault')).slots

test(
  'who joins a sealed drive gets a key slot by the command that join prints',
  { skip },
  async (t) => {
    const { machine, manifest } = await owner(t)
    const other = stranger(t)
    const waiting = other.spawn('join', manifest)
    let said = ''
    waiting.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text))
    const code = new Promise((resolve) => waiting.on('close', resolve))
    const command = /walrusfs share DRIVE (0x[0-9a-f]{64}) --public-key (\S+)/
    await until(() => command.test(said), 'join to say what it waits for')
    const [, address, key] = command.exec(said)! as unknown as [string, string, string]

    const wrong = await machine.run('share', 'vault', address, '--public-key', 'AAAA')
    t.match(wrong, { code: 2, stderr: /no public key.*nothing was changed/ })
    const ours = (await machine.ok('keys', 'public', 'vault')).trim()
    const foreign = await machine.run('share', 'vault', address, '--public-key', ours)
    t.match(foreign, {
      code: 2,
      stderr: /is of the address 0x\w+, not of 0x\w+; nothing was changed/,
    })
    const shared = await machine.ok('share', 'vault', address, '--public-key', key)
    t.match(shared, /may change vault[^]*it has a key slot now/)
    t.equal(await code, 0, 'join ends')
    const again = await machine.json<Shared>('share', 'vault', address, '--public-key', key)
    t.match(again, { isNew: false, slot: 'there' })
    t.equal((await slotsOf(machine)).length, 3, 'recovery key, owner, guest')

    const there = await other.mount('vault', ...soon)
    t.equal(readFileSync(join(there, 'file'), 'utf8'), 'x'.repeat(5000))
    writeFileSync(join(there, 'theirs'), 'y'.repeat(5000))
    await other.ok('sync', there)
    t.equal(await machine.ok('cat', 'vault', '/theirs'), 'y'.repeat(5000))

    const revoked = await machine.run('revoke', 'vault', address)
    t.match(revoked.stdout, /cannot change vault any more\nthe key slot \w+ is gone/)
    t.match(revoked.stderr, /who has opened it may have kept it/)
    t.equal((await slotsOf(machine)).length, 2)
    t.equal(readFileSync(join(there, 'file'), 'utf8'), 'x'.repeat(5000), 'what is open stays open')
    await other.ok('umount', '--lazy', there)
    t.match(await other.run('cat', 'vault', '/file'), { code: 26 })
    t.match(await machine.run('revoke', 'vault', address), { code: 21, stderr: /no writer/ })
  },
)

test(
  'a key that has signed before is found on chain; else it is said what to do',
  { skip },
  async (t) => {
    const { machine, manifest } = await owner(t)
    const other = stranger(t)
    await other.ok('create', 'own')
    const joined = (...args: string[]) =>
      other.json<JoinedDrive>('join', manifest, '--no-wait', ...args)
    const signed = await joined('--key', 'own')
    t.match(signed, { writes: false, opens: false })
    t.match(await machine.json<Shared>('share', 'vault', signed.address), { slot: 'granted' })
    t.match(await joined('--key', 'own'), { writes: true, opens: true })
    t.equal((await other.ok('cat', 'vault', '/file')).length, 5000)

    const third = stranger(t)
    const fresh = await third.json<JoinedDrive>('join', manifest, '--no-wait')
    const unknown = await machine.run('share', 'vault', fresh.address)
    t.match(unknown, { code: 0, stdout: /it has no key slot/ })
    t.match(unknown.stderr, `run walrusfs share vault ${fresh.address} --public-key KEY`)
    const { stdout } = await third.run('join', manifest)
    t.match(stdout, `walrusfs keys add DRIVE --for ${fresh.publicKey}`, 'join says it, too')
    t.match(await third.run('cat', 'vault', '/file'), { code: 26 })
    const mended = ['share', 'vault', fresh.address, '--public-key', fresh.publicKey] as const
    t.match(await machine.json<Shared>(...mended), { isNew: false, slot: 'granted' })
    t.equal((await third.ok('cat', 'vault', '/file')).length, 5000)

    const config = join(third.home, 'config', 'config.yaml')
    const known = readFileSync(config, 'utf8')
    writeFileSync(config, known.replace(/drives:[^]*/, ''))
    t.match(await third.run('share', manifest, signed.address, '--network', 'devnet'), {
      code: 5,
      stderr: /only who rules over \S+ may do that, and there is no key here/,
    })
    writeFileSync(config, known)

    await machine.ok('revoke', 'vault', fresh.address, '--keep-reading')
    t.match(await third.run('mount', 'vault', third.mountPoint()), { code: 6 })
    t.equal((await third.ok('cat', 'vault', '/file')).length, 5000)
    await machine.ok('revoke', 'vault', fresh.address)
    t.match(await third.run('cat', 'vault', '/file'), { code: 26 })
  },
)

test('a sealed drive is given away with what opens it', { skip }, async (t) => {
  const { machine, manifest } = await owner(t)
  const heir = stranger(t)
  const { address, publicKey } = await heir.json<JoinedDrive>('join', manifest, '--no-wait')
  const blind = await machine.run('transfer', 'vault', address, '--yes')
  t.match(blind, { code: 2, stderr: /could not open it.*nothing was changed/ })
  await machine.ok('create', 'second', '--no-public')
  const wayless = ['transfer', 'second', address, '--yes', '--no-slot'] as const
  t.match(await machine.json(...wayless), { writes: true, slot: 'unknown' })
  const given = ['transfer', 'vault', address, '--yes', '--public-key', publicKey] as const
  t.match(await machine.json<Transferred>(...given), { blobs: 0, writes: true, slot: 'granted' })

  const there = await heir.mount('vault', ...soon)
  t.equal(readFileSync(join(there, 'file'), 'utf8'), 'x'.repeat(5000))
  writeFileSync(join(there, 'new'), 'n'.repeat(100_000))
  await heir.ok('umount', there)
  t.equal((await machine.ok('cat', 'vault', '/new')).length, 100_000, 'until its slot is gone')
  for (const { id } of (await slotsOf(heir)).slice(0, 2))
    await heir.ok('keys', 'remove', 'vault', id)
  t.match(await machine.run('cat', 'vault', '/new'), { code: 26 })
  t.equal((await heir.ok('cat', 'vault', '/new')).length, 100_000)
})
