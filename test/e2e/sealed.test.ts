import { randomBytes } from 'node:crypto'
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { test } from 'tap'
import { Machine, noMounts, scratch, tool, until } from './machine.ts'

const mountTest = { skip: noMounts() }
const shared = await Machine.withDevnet(t, '--nodes', '4')

/** Files under a machine's directories, its devnet's included, in which some text stands, or whose names have it. */
function whereIs(text: string, machine: Machine): string[] {
  const forms = [Buffer.from(text), Buffer.from(Buffer.from(text).toString('hex'))]
  const found: string[] = []
  const look = (directory: string, shown: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const [path, name] = [join(directory, entry.name), join(shown, entry.name)]
      if (name.includes(text)) found.push(name)
      if (entry.isSymbolicLink() && entry.name === 'devnet') look(realpathSync(path), name)
      else if (entry.isDirectory()) look(path, name)
      else if (entry.isFile()) {
        const bytes = readFileSync(path)
        if (forms.some((form) => bytes.includes(form))) found.push(name)
      }
    }
  }
  look(machine.home, '')
  return found
}

/** Random bytes with a text in them again and again. */
function sprinkled(text: string, length: number): Buffer {
  const bytes = randomBytes(length)
  for (let at = 0; at + text.length < length; at += 4000) bytes.write(text, at)
  return bytes
}

/** Writes names and contents of all kinds that cannot be mistaken. */
function writeAll(mount: string, canary: string): void {
  const inside = join(mount, `dir ${canary}`)
  mkdirSync(inside)
  writeFileSync(join(inside, `inline ${canary}`), `a few bytes ${canary}`)
  writeFileSync(join(inside, `small ${canary}`), sprinkled(canary, 20_000))
  writeFileSync(join(inside, `large ${canary}`), sprinkled(canary, 3 << 20))
  writeFileSync(join(inside, `text ${canary}`), `line of ${canary}\n`.repeat(50_000))
  symlinkSync(`../target ${canary}`, join(inside, `symlink ${canary}`))
  linkSync(join(inside, `small ${canary}`), join(mount, `hard link ${canary}`))
  tool('setfattr', ['-n', `user.${canary}`, '-v', canary, join(inside, `small ${canary}`)])
  writeFileSync(join(mount, `before ${canary}`), canary)
  renameSync(join(mount, `before ${canary}`), join(mount, `after ${canary}`))
}

/** What prints the text where nobody asked for names. */
async function whoTells(text: string, machine: Machine, mount: string): Promise<string[]> {
  const told: string[] = []
  for (const command of [
    ['status', mount, '--json'],
    ['status', mount, '--metrics'],
    ['cost', 'demo', '--json'],
    ['gc', mount, '--json'],
    ['verify', 'demo', '--json'],
    ['fsck', 'demo', '--json', '-vv'],
  ]) {
    const { stdout, stderr } = await machine.run(...command)
    if (`${stdout}${stderr}`.includes(text)) told.push(command.join(' '))
  }
  const status = readFileSync(join(mount, '.walrusfs', 'status.json'), 'utf8')
  return status.includes(text) ? [...told, '.walrusfs/status.json'] : told
}

/** A life of a drive: where the text was found at its moments. */
async function lifeOf(machine: Machine, canary: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  const look = (moment: string) => found.set(moment, whereIs(canary, machine))
  const late = ['--writeback-delay', '1h', '--append-delay', 'off', '-vv']
  let mount = await machine.mount('demo', ...late)
  writeAll(mount, canary)
  tool('sync', ['-f', mount])
  look('only here')
  await machine.ok('sync', mount)
  look('stored')
  found.set('told', await whoTells(canary, machine, mount))
  await machine.ok('umount', mount)

  mount = await machine.mount('demo', '-vv')
  writeFileSync(join(mount, `record ${canary}`), `small ${canary}`)
  await machine.ok('sync', mount)
  look('in the manifest')
  await machine.ok('umount', mount)

  mount = await machine.mount('demo', ...late)
  writeFileSync(join(mount, `killed ${canary}`), sprinkled(canary, 100_000), { flush: true })
  const pid = await machine.pidOf(mount)
  process.kill(pid, 'SIGKILL')
  await until(() => !isAlive(pid), 'the daemon to die')
  look('killed')
  await machine.ok('mount', 'demo', mount, '-vv')
  if (!readFileSync(join(mount, `killed ${canary}`)).includes(canary)) throw new Error('lost')
  await machine.ok('sync', mount)
  await machine.ok('umount', mount)
  look('at the end')

  machine.forget()
  mount = await machine.mount('demo', '--read-only', '-vv')
  const text = readFileSync(join(mount, `dir ${canary}`, `text ${canary}`), 'utf8')
  if (text !== `line of ${canary}\n`.repeat(50_000)) throw new Error('another text')
  if (!readFileSync(join(mount, `record ${canary}`), 'utf8').includes(canary)) throw new Error('?')
  if (!readlinkSync(join(mount, `dir ${canary}`, `symlink ${canary}`)).includes(canary)) {
    throw new Error('another target')
  }
  readFileSync(join(mount, `dir ${canary}`, `large ${canary}`))
  await machine.ok('umount', mount)
  look('read again')
  return found
}

test(
  'of a drive, which is sealed unless --public is said, nothing can be read anywhere',
  mountTest,
  async (t) => {
    const machine = await shared.withDrive(t)
    const canary = `KANARIE${randomBytes(8).toString('hex')}`
    for (const [moment, places] of await lifeOf(machine, canary)) t.same(places, [], moment)
  },
)

test('the same look finds it all over where the drive is public', mountTest, async (t) => {
  const machine = await shared.withDrive(t, 'demo', '--public')
  const canary = `KANARIE${randomBytes(8).toString('hex')}`
  const found = await lifeOf(machine, canary)
  const places = (moment: string) => found.get(moment)!.join('\n')
  t.match(places('only here'), /^state\/demo\/staging\//m)
  t.match(places('only here'), /^state\/demo\/journal\//m)
  t.match(places('stored'), /^devnet\/.*node/m)
  t.match(places('stored'), /^cache\//m)
  t.match(places('in the manifest'), /^devnet\/(?!.*node)/m)
  t.match(places('killed'), /^state\/demo\/staging\//m)
  t.match(places('read again'), /^cache\//m)
})

test('what opens a sealed drive, and what does not', mountTest, async (t) => {
  const machine = new Machine(t, shared)
  const files = scratch(t)
  const secret = (name: string, text: string): string => {
    writeFileSync(join(files, name), `${text}\n`, { mode: 0o600 })
    return join(files, name)
  }
  const first = secret('first', 'a first passphrase')
  const created = await machine.json<{ manifest: string; recoveryKey: string; sealed: string }>(
    'create',
    'vault',
    '--network',
    'devnet',
    '--no-public',
    '--no-wallet-slot',
    '--passphrase-file',
    first,
    '--key-file',
    join(files, 'key'),
  )
  const local = join(files, 'hello')
  writeFileSync(local, 'hello')
  await machine.ok('put', local, 'vault', '--passphrase-file', first)
  const before = await machine.json<{ blobs: number }>('devnet', 'status').catch(() => undefined)
  const cat = (who: Machine, ...how: string[]) => who.run('cat', 'vault', '/hello', ...how)

  await t.test('passphrase, key file, recovery key; and nothing without', async (t) => {
    t.equal((await cat(machine, '--passphrase-file', first)).stdout, 'hello')
    t.equal((await cat(machine, '--key-file', join(files, 'key'))).stdout, 'hello')
    const usual = { WALRUSFS_PASSPHRASE_FILE: first }
    t.equal((await machine.runIn(usual, 'cat', 'vault', '/hello')).stdout, 'hello')
    const nothing = await cat(machine)
    t.equal(nothing.code, 26)
    t.match(nothing.stderr, /vault is sealed, and nothing here opens it/)
    t.equal(nothing.stderr.trim().split('\n').length, 1)
    const wrong = await cat(machine, '--passphrase-file', secret('wrong', 'another'))
    t.equal(wrong.code, 27)
    t.equal(wrong.stderr.trim().split('\n').length, 1)
    t.notMatch(wrong.stderr, /another/)
    const mounted = await machine.run('mount', 'vault', machine.mountPoint(), '--read-only')
    t.equal(mounted.code, 26)
    const background = await machine.run(
      'mount',
      'vault',
      machine.mountPoint(),
      '--passphrase-file',
      join(files, 'wrong'),
    )
    t.equal(background.code, 27)
  })

  await t.test('the recovery key opens it where nothing is but the id', async (t) => {
    const stranger = new Machine(t, machine)
    rmSync(join(stranger.home, 'config', 'keys'), { recursive: true })
    const config = join(stranger.home, 'config', 'config.yaml')
    writeFileSync(config, readFileSync(config, 'utf8').replace(/drives:[^]*/, ''))
    const recovery = secret('recovery', created.recoveryKey.toLowerCase().replaceAll('-', ' '))
    const { stdout, stderr } = await stranger.run(
      'cat',
      created.manifest,
      '/hello',
      '--network',
      'devnet',
      '--passphrase-file',
      recovery,
    )
    t.equal(stdout, 'hello', stderr)
    const mount = stranger.mountPoint()
    const opened = await stranger.run(
      'mount',
      created.manifest,
      mount,
      '--network',
      'devnet',
      '--read-only',
      '-o',
      `passphrase_file=${recovery}`,
    )
    t.equal(opened.code, 0, opened.stderr)
    t.equal(readFileSync(join(mount, 'hello'), 'utf8'), 'hello')
  })

  await t.test('a passphrase is changed, and no blob', async (t) => {
    const second = secret('second', 'a second passphrase')
    await machine.ok(
      'keys',
      'change-passphrase',
      'vault',
      '--passphrase-file',
      first,
      '--new-passphrase-file',
      second,
    )
    t.equal((await cat(machine, '--passphrase-file', first)).code, 27)
    t.equal((await cat(machine, '--passphrase-file', second)).stdout, 'hello')
    t.same(await machine.json('devnet', 'status').catch(() => undefined), before)
  })

  await t.test('another person is granted a slot, and loses it', async (t) => {
    const guest = new Machine(t, machine)
    rmSync(join(guest.home, 'config', 'keys'), { recursive: true })
    const config = join(guest.home, 'config', 'config.yaml')
    writeFileSync(config, readFileSync(config, 'utf8').replace(/drives:[^]*/, ''))
    const read = () => guest.run('cat', created.manifest, '/hello', '--network', 'devnet')
    const key = (await guest.ok('keys', 'public')).trim()
    t.equal((await read()).code, 26)
    const key2 = join(files, 'key')
    type Slots = { slots: { id: string; kind: string; label: string }[] }
    const { slots } = await machine.json<Slots>(
      'keys',
      'add',
      'vault',
      '--key-file',
      key2,
      '--for',
      key,
      '--label',
      'guest',
    )
    const granted = slots.find(({ label }) => label === 'guest')!
    const { stdout, stderr } = await read()
    t.equal(stdout, 'hello')
    t.match(stderr, /opened here for the first time, by a slot that the owner of the public key/)
    const owner = (await machine.ok('keys', 'public', 'vault')).trim()
    t.ok(stderr.includes(owner), 'as its owner can print it, to compare')
    t.notMatch((await read()).stderr, /first time/, 'said once')
    await machine.ok('keys', 'remove', 'vault', granted.id)
    t.equal((await read()).code, 26)
  })

  await t.test('slots come and go, and never the last one', async (t) => {
    type Slots = { keyId: string; slots: { id: string; kind: string }[]; recoveryKey?: string }
    const list = () => machine.json<Slots>('keys', 'vault')
    const key = ['--key-file', join(files, 'key')]
    const added = await machine.json<Slots>('keys', 'add', 'vault', '--recovery', ...key)
    const recovery = secret('new recovery', added.recoveryKey!)
    t.equal((await cat(machine, '--key-file', recovery)).stdout, 'hello')
    t.equal(added.keyId, created.sealed)
    const { slots } = await list()
    t.equal(slots.length, added.slots.length)
    for (const { id } of slots.slice(1)) await machine.ok('keys', 'remove', 'vault', id)
    const last = await machine.run('keys', 'remove', 'vault', slots[0]!.id)
    t.equal(last.code, 2)
    t.match(last.stderr, /the last one/)
    t.equal((await list()).slots.length, 1)
  })

  await t.test('a public drive has no slots', async (t) => {
    await machine.create('open', '--public')
    const { code, stderr } = await machine.run('keys', 'add', 'open', '--recovery')
    t.equal(code, 2)
    t.match(stderr, /is a public drive/)
  })
})

test('a full node that hides the slots, or shows others, is not believed', mountTest, async (t) => {
  const machine = await shared.withDrive(t, 'demo', '--no-public')
  const mount = await machine.mount()
  writeFileSync(join(mount, 'file'), 'x'.repeat(5000))
  await machine.ok('umount', mount)
  await machine.create('open', '--public', '--key', 'demo')
  await machine.create('other', '--no-public', '--key', 'demo')
  const config = join(machine.home, 'config', 'config.yaml')
  const real = readFileSync(config, 'utf8')
  const manifestOf = (name: string) =>
    new RegExp(`  ${name}:[^]*?manifest: "(0x\\w+)"`).exec(real)![1]!
  for (const [shown, words] of [
    ['open', /shows no key slots of the drive demo, which is sealed/],
    ['other', /shows key slots of the drive demo for the key/],
  ] as const) {
    writeFileSync(config, real.replace(manifestOf('demo'), manifestOf(shown)))
    for (const command of [
      ['mount', 'demo', machine.mountPoint()],
      ['ls', 'demo'],
      ['keys', 'demo'],
    ]) {
      const { code, stderr } = await machine.run(...command)
      t.equal(code, 28, command.join(' '))
      t.match(stderr, words)
    }
  }
  const passthrough = real.replaceAll(/ {4}sealed: .*\n/g, '')
  writeFileSync(config, passthrough)
  const { code, stderr } = await machine.run(
    'mount',
    'demo',
    machine.mountPoint(),
    '--read-only',
    '--passthrough',
  )
  t.equal(code, 2)
  t.match(stderr, /demo is sealed, and --passthrough would keep plain files/)
  writeFileSync(
    config,
    real.replace(manifestOf('demo'), manifestOf('open')).replaceAll(/ {4}sealed: .*\n/g, ''),
  )
  t.equal(
    (await machine.run('ls', 'demo')).code,
    0,
    'who never knew it was sealed sees the other drive',
  )
})

test('gc deletes nothing that a drive may need which it cannot open', mountTest, async (t) => {
  const machine = await shared.withDrive(t, 'demo', '--no-public')
  const files = scratch(t)
  const passphrase = join(files, 'passphrase')
  writeFileSync(passphrase, 'a passphrase\n', { mode: 0o600 })
  const bytes = randomBytes(100_000)
  writeFileSync(join(files, 'file'), bytes)
  const how = ['--passphrase-file', passphrase]
  await machine.ok(
    'create',
    'locked',
    '--network',
    'devnet',
    '--key',
    'demo',
    '--no-public',
    '--no-wallet-slot',
    ...how,
  )
  await machine.create('known', '--key', 'demo', '--no-public')
  await machine.ok('put', join(files, 'file'), 'locked', ...how)
  await machine.ok('put', join(files, 'file'), 'known')
  await machine.ok('put', join(files, 'file'), 'demo')
  await machine.ok('devnet', 'epoch', '3')
  type Report = { notes: string[]; deleted: number; strays: unknown }
  const report = await machine.json<Report>('gc', 'demo', '--strays', '--yes')
  t.match(String(report.notes), /cannot be opened here/)
  machine.forgetCache()
  t.equal((await machine.ok('cat', 'locked', '/file', ...how)).length > 0, true)
  for (const drive of ['known', 'demo']) t.ok(await machine.ok('cat', drive, '/file'), drive)
})

test('without the key, verify and fsck say what they could not look at', mountTest, async (t) => {
  const machine = await shared.withDrive(t, 'demo', '--no-public')
  const mount = await machine.mount()
  writeFileSync(join(mount, 'file'), randomBytes(50_000))
  await machine.ok('umount', mount)
  for (const command of ['verify', 'fsck']) {
    t.equal((await machine.run(command, 'demo')).code, 0, `${command} with the key`)
  }
  rmSync(join(machine.home, 'config', 'keys', 'demo'))
  for (const command of ['verify', 'fsck']) {
    const { code, stdout, stderr } = await machine.run(command, 'demo')
    t.equal(code, 9, `${command}: ${stderr}`)
    t.match(stdout, /sealed and nothing here opens it/)
  }
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
