import { createHash, randomFillSync } from 'node:crypto'
import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { passthroughFinding } from '../../src/fuse/passthrough-finding.ts'
import { HeldOpen } from './held-open.ts'
import { Machine, noMounts, tool, until } from './machine.ts'

const megabyte = 1 << 20

/** Why it cannot be shown here; false when it can. */
function noPassthrough(): string | false {
  const why = noMounts()
  if (why !== false) return why
  const { isFine, detail } = passthroughFinding('/tmp')
  return isFine ? false : detail
}

const others = ['b', 'c', 'd', 'e']
const skip = noPassthrough()
const network = skip === false ? await Machine.withDevnet(tap) : undefined

const sum = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 16)

/** Some of it can be made smaller, some is a hole. */
function content(): Buffer {
  const bytes = Buffer.alloc(3 * megabyte + 12_345)
  randomFillSync(bytes, 0, megabyte + 100)
  bytes.fill('compressible ', 2.5 * megabyte)
  return bytes
}

/** Bytes of each whole file of a machine's cache. */
function wholeFiles(machine: Machine): number[] {
  const directory = join(machine.home, 'cache/whole')
  const names = existsSync(directory) ? readdirSync(directory) : []
  return names
    .filter((name) => name.endsWith('.whole'))
    .map((name) => statSync(join(directory, name)).size)
}

function read(path: string): void {
  tool('dd', [`if=${path}`, 'of=/dev/null', 'bs=1M', 'status=none'])
}

/** Reads a file until it is laid out. */
async function layOut(machine: Machine, path: string): Promise<void> {
  const before = wholeFiles(machine).length
  for (let i = 0; i < 2; i++) read(path)
  await until(() => wholeFiles(machine).length > before, `${path} to be laid out`)
}

/** Whole files that the daemon holds for the kernel. */
function held(pid: number): number {
  const fds = readdirSync(`/proc/${pid}/fd`)
  return fds.filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).includes('/cache/whole/')
    } catch {
      return false
    }
  }).length
}

test('the kernel reads whole files by itself, and right ones', { skip }, async (t) => {
  const writer = await network!.withDrive(t, 'demo', '--public')
  const here = writer.mountPoint()
  const { code, stderr } = await writer.run('mount', 'demo', here, '--passthrough')
  t.equal(code, 0)
  t.match(stderr, /passthrough is not used: .*--read-only/, 'a mount for writing goes without')
  const before = content()
  for (const name of others) writeFileSync(join(here, name), content())
  writeFileSync(join(here, 'a'), before)
  await writer.ok('sync', here)

  const reader = new Machine(t, writer)
  const there = await reader.mount('demo', '-o', 'ro,passthrough,cache_size=26M')
  const { pid, driverDetails } = await reader.status(there)
  t.match(driverDetails, /passthrough/)
  const path = join(there, 'a')
  await layOut(reader, path)

  const old = new HeldOpen(t, path)
  const seen = { size: before.length, read: sum(before), mapped: sum(before) }
  t.same(await old.look(), seen, 'read and mmap give its bytes')
  t.equal(held(pid), 1)
  const { cache } = await reader.status(there)
  const again = new HeldOpen(t, path)
  t.same(await again.look(), seen)
  t.ok(readFileSync(path).equals(before))
  const { memoryHits, diskHits, misses } = (await reader.status(there)).cache
  t.same(
    [memoryHits, diskHits, misses],
    [cache.memoryHits, cache.diskHits, cache.misses],
    'and the daemon has read nothing',
  )
  t.equal(held(pid), 1, 'all pass through to one file')

  await t.test('a change elsewhere shows to who opens it anew', async (t) => {
    const after = Buffer.concat([content(), Buffer.from('longer')])
    writeFileSync(join(here, 'a'), after)
    await writer.ok('sync', here)
    await until(() => statSync(path).size === after.length, 'the change to be taken over')
    t.ok(readFileSync(path).equals(after))
    t.same(await old.look(), seen, 'who had it open goes on in what he opened')
    await layOut(reader, path)
    const anew = new HeldOpen(t, path)
    t.same(await anew.look(), { size: after.length, read: sum(after), mapped: sum(after) })
    t.same(await old.look(), seen)
    t.equal(held(pid), 2)
    for (const one of [old, again, anew]) await one.end()
    await until(() => held(pid) === 0, 'nothing to be held')
  })

  await t.test('whole files stay within their half of the cache', async (t) => {
    for (const name of others) {
      for (let i = 0; i < 2; i++) read(join(there, name))
    }
    const expected = readFileSync(join(here, 'e'))
    t.ok(readFileSync(join(there, 'e')).equals(expected))
    const files = wholeFiles(reader)
    t.ok(files.length >= 2, `${files.length} files`)
    t.ok(files.reduce((all, bytes) => all + bytes, 0) <= 13 * megabyte)
    t.ok((await reader.status(there)).cache.diskBytes <= 27 * megabyte)
  })

  await t.test('the end of the mount leaves nothing', async (t) => {
    await reader.ok('umount', there)
    t.same(readdirSync(join(reader.home, 'cache/whole')), [])
  })
})
