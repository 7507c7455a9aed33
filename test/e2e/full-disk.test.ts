import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import tap, { test, type Test } from 'tap'
import { exitCodes } from '../../src/terms/trouble.ts'
import { isMounted, Machine, noMounts, tool } from './machine.ts'

const skip = noMounts() || (process.getuid?.() !== 0 && 'only root can make a small disk')
const network = skip ? undefined : await Machine.withDevnet(tap)
const megabyte = 1 << 20

/** Puts one of a machine's directories on a small disk of its own. */
function onSmallDisk(t: Test, machine: Machine, part: 'state' | 'cache', size: string): string {
  const path = join(machine.home, part)
  mkdirSync(path, { recursive: true })
  tool('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'small', path])
  t.teardown(() => tool('umount', ['-l', path]))
  return path
}

test(
  'a full state disk refuses what is new, loses nothing, and takes more once it has drained',
  { skip },
  async (t) => {
    const machine = await network!.withDrive(t)
    onSmallDisk(t, machine, 'state', '320m')
    const mount = await machine.mount('demo', '--writeback-delay', '1h')
    writeFileSync(join(mount, 'first'), Buffer.alloc(20 * megabyte, 'first'), { flush: true })
    const fill = () => {
      const path = join(mount, 'too-much')
      writeFileSync(path, Buffer.alloc(80 * megabyte, 1), { flush: true })
    }
    t.throws(fill, { code: 'ENOSPC' })
    t.ok(readFileSync(join(mount, 'first')).equals(Buffer.alloc(20 * megabyte, 'first')))
    rmSync(join(mount, 'too-much'))
    await machine.ok('sync', mount)
    writeFileSync(join(mount, 'second'), Buffer.alloc(20 * megabyte, 2), { flush: true })
    await machine.ok('sync', mount)

    const cold = await new Machine(t, machine).mount('demo', '--read-only')
    t.ok(readFileSync(join(cold, 'first')).equals(Buffer.alloc(20 * megabyte, 'first')))
    t.ok(readFileSync(join(cold, 'second')).equals(Buffer.alloc(20 * megabyte, 2)))
  },
)

test('sync and umount do not say that all is stored when it is not', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  onSmallDisk(t, machine, 'state', '320m')
  const mount = await machine.mount('demo', '--writeback-delay', '1h')
  const file = openSync(join(mount, 'too-much'), 'w')
  // The kernel takes these pages; that they do not fit comes out later.
  for (let i = 0; i < 80; i++) writeSync(file, Buffer.alloc(megabyte, i))
  const refused = { code: exitCodes['disk-full'], stdout: '', stderr: /could not be taken/ }
  t.match(await machine.run('sync', mount), refused)
  t.throws(() => fsyncSync(file), { code: 'ENOSPC' }, 'the program is told, too')
  for (let i = 0; i < 80; i++) writeSync(file, Buffer.alloc(megabyte, i))
  closeQuietly(file)
  t.match(await machine.run('umount', mount), refused)
  t.ok(isMounted(mount), 'it stays mounted')
  await machine.ok('umount', mount)
})

test('any number of syncs at a time does not stop the daemon', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  const mount = await machine.mount('demo', '--writeback-delay', '1h')
  for (let i = 0; i < 20; i++) writeFileSync(join(mount, `file-${i}`), Buffer.alloc(megabyte, i))
  const syncs = await Promise.all(Array.from({ length: 10 }, () => machine.run('sync', mount)))
  t.strictSame(new Set(syncs.map(({ code }) => code)), new Set([0]))
  t.equal((await machine.status(mount)).writeback.dirty, false)
})

test('a full cache disk costs speed and nothing else', { skip }, async (t) => {
  const writer = await network!.withDrive(t)
  const mount = await writer.mount()
  const bytes = Buffer.alloc(40 * megabyte)
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE((at * 2654435761) % 2 ** 32, at)
  writeFileSync(join(mount, 'large'), bytes)
  await writer.ok('sync', mount)

  const reader = new Machine(t, writer)
  const cache = onSmallDisk(t, reader, 'cache', '16m')
  const cold = await reader.mount('demo', '--read-only', '--memory', '8M')
  t.ok(readFileSync(join(cold, 'large')).equals(bytes), 'with room for a part')
  fill(join(cache, 'somebody-else'))
  t.ok(readFileSync(join(cold, 'large')).equals(bytes), 'with no room at all')
  t.equal(statSync(join(cold, 'large')).size, bytes.length)
})

/** Takes all the space that is left, whoever else is writing. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (;;) writeSync(file, Buffer.alloc(1 << 16))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}

function closeQuietly(file: number): void {
  try {
    closeSync(file)
  } catch {
    // It may say ENOSPC once more.
  }
}
