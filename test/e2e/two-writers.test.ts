import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { Machine, noMounts, until, type Ending } from './machine.ts'

const network = noMounts() ? undefined : await Machine.withDevnet(tap)

/** One drive, mounted for writing on two machines with the same key. */
async function twoWriters(t: Ending, delay: string, ...more: readonly string[]) {
  const first = await network!.withDrive(t, 'demo', '--public')
  const second = new Machine(t, first)
  const here = await first.mount('demo', '--writeback-delay', delay, ...more)
  const there = await second.mount('demo', '--writeback-delay', delay, ...more)
  return { first, second, here, there }
}

async function shows(path: string, text: string): Promise<void> {
  await until(() => {
    if (!existsSync(path) || statSync(path).size !== Buffer.byteLength(text)) return false
    return readFileSync(path, 'utf8') === text
  }, `${path} to show ${text.length} characters`)
}

test('two machines that write see what the other changes', { skip: noMounts() }, async (t) => {
  const { here, there } = await twoWriters(t, '100ms')
  const at = (mount: string) => (name: string) => join(mount, name)
  const [a, b] = [at(here), at(there)]

  await t.test('a file that grows, shrinks and grows, in turns', async () => {
    writeFileSync(a('f'), 'one')
    await shows(b('f'), 'one')
    appendFileSync(b('f'), ' and two')
    await shows(a('f'), 'one and two')
    truncateSync(a('f'), 2)
    await shows(b('f'), 'on')
    writeFileSync(b('f'), 'x'.repeat(300_000))
    await shows(a('f'), 'x'.repeat(300_000))
    appendFileSync(a('f'), 'end')
    await shows(b('f'), `${'x'.repeat(300_000)}end`)
  })

  await t.test('names, modes and links', async (t) => {
    mkdirSync(a('d'))
    writeFileSync(a('d/one'), '1')
    linkSync(a('d/one'), a('linked'))
    await shows(b('linked'), '1')
    t.equal(statSync(b('d/one')).nlink, 2)
    appendFileSync(b('linked'), '23')
    await shows(a('d/one'), '123')
    await shows(a('linked'), '123')
    chmodSync(b('d/one'), 0o600)
    renameSync(b('d'), b('e'))
    await until(() => existsSync(a('e/one')), 'the directory under its new name')
    t.notOk(existsSync(a('d')))
    t.equal(statSync(a('linked')).mode & 0o777, 0o600)
    rmSync(a('e'), { recursive: true })
    await until(() => !existsSync(b('e')), 'the directory to be gone')
    t.equal(statSync(b('linked')).nlink, 1)
  })

  await t.test('a file that is open', async (t) => {
    writeFileSync(a('log'), 'aaaa')
    await shows(b('log'), 'aaaa')
    const fd = openSync(b('log'), 'r+')
    t.equal(text(fd, 4), 'aaaa')
    writeFileSync(a('log'), 'bbbbbbbb')
    await shows(b('log'), 'bbbbbbbb')
    t.equal(text(fd, 4), 'bbbb', 'the descriptor shows the new bytes')
    writeSync(fd, 'cccc', 8)
    t.equal(fstatSync(fd).size, 12)
    await shows(b('log'), 'bbbbbbbbcccc')
    await shows(a('log'), 'bbbbbbbbcccc')
    closeSync(fd)
    await shows(b('log'), 'bbbbbbbbcccc')
  })
})

test(
  'what both machines change at once is kept in two versions, and nothing is lost',
  { skip: noMounts() },
  async (t) => {
    const { first, second, here, there } = await twoWriters(t, '1h', '--append-delay', 'off')
    writeFileSync(join(here, 'both'), 'the beginning')
    await first.ok('sync', here)
    await shows(join(there, 'both'), 'the beginning')
    const fd = openSync(join(there, 'both'), 'r+')
    writeFileSync(join(here, 'both'), 'ours, and longer')
    writeSync(fd, 'theirs', 0)
    for (let i = 0; i < 40; i++) {
      writeFileSync(join(here, `here-${i}`), `h${i}`.repeat(i))
      writeFileSync(join(there, `there-${i}`), `t${i}`.repeat(i))
    }
    await Promise.all([first.ok('sync', here), second.ok('sync', there)])
    await Promise.all([first.ok('sync', here), second.ok('sync', there)])
    closeSync(fd)

    const third = new Machine(t, first)
    const anew = await third.mount('demo', '--read-only')
    const names = readdirSync(anew).sort()
    t.equal(names.length, 82)
    const copies = names.filter((name) => name.startsWith('both')).sort()
    t.match(copies[1], /^both \(conflict .*\)$/)
    const versions = copies.map((name) => readFileSync(join(anew, name), 'utf8'))
    t.same(versions.toSorted(), ['ours, and longer', 'theirsginning'])
    for (const mount of [here, there]) {
      await until(() => readdirSync(mount).length === 82, 'both to show all names')
      for (const name of names)
        await shows(join(mount, name), readFileSync(join(anew, name), 'utf8'))
    }
    for (let i = 0; i < 40; i++) {
      t.equal(readFileSync(join(anew, `here-${i}`), 'utf8'), `h${i}`.repeat(i))
      t.equal(readFileSync(join(anew, `there-${i}`), 'utf8'), `t${i}`.repeat(i))
    }
  },
)

function text(fd: number, length: number): string {
  const bytes = Buffer.alloc(length)
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, length, 0))
}
