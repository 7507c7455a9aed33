import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'tap'
import { FileStaging } from '../../src/content/file-staging.ts'
import { SealedDisk } from '../../src/content/sealed-disk.ts'
import { stageWrite } from '../../src/content/staged-writes.ts'
import { readUpTo, writeAll } from '../../src/runtime/disk.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { noise } from './scratch-drive.ts'

const key = randomBytes(32)

test('what is written at any place is read at any place, and nothing of it shows', async (t) => {
  const pieces = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(pieces, fc.nat(1000), fc.nat(300), (lengths, from, length) => {
      const inner = new SimulatedDisk()
      const disk = new SealedDisk(inner, key)
      inner.makeDirectory('/d')
      const file = disk.open('/d/a', 'create')
      const all = Buffer.concat(lengths.map((bytes, i) => noise(bytes, i)))
      let at = 0
      for (const bytes of lengths) {
        writeAll(disk, file, all.subarray(at, at + bytes), at)
        at += bytes
      }
      disk.close(file)
      const again = new SealedDisk(inner, key)
      const reading = again.open('/d/a', 'read')
      t.equal(again.size(reading), all.length)
      const into = Buffer.alloc(length)
      const count = readUpTo(again, reading, into, from)
      t.same(into.subarray(0, count), all.subarray(from, from + length))
      again.close(reading)
    }),
  )
})

test('two files with the same bytes, and the same file made anew, look different', async (t) => {
  const inner = new SimulatedDisk()
  const disk = new SealedDisk(inner, key)
  inner.makeDirectory('/d')
  const looks = new Set<string>()
  for (const name of ['a', 'b', 'a']) {
    const file = disk.open(`/d/${name}`, 'create')
    writeAll(disk, file, Buffer.from('a canary in staging'), 0)
    const raw = Buffer.alloc(inner.size(file))
    inner.read(file, raw, 0)
    t.notOk(raw.includes('canary'))
    looks.add(raw.subarray(32).toString('hex'))
    disk.close(file)
    if (name === 'a') disk.remove('/d/a')
  }
  t.equal(looks.size, 3)
})

test('a file without its head cannot be read', async (t) => {
  const inner = new SimulatedDisk()
  inner.makeDirectory('/d')
  inner.close(inner.open('/d/a', 'create'))
  const disk = new SealedDisk(inner, key)
  const file = disk.open('/d/a', 'write')
  t.equal(disk.size(file), 0)
  t.throws(() => disk.write(file, Buffer.from('x'), 0), { code: 'EIO' })
})

test('sealed staging writes nothing over, also after a restart and after a failed write', async (t) => {
  const disk = new SimulatedDisk()
  const open = () => FileStaging.open('/state/staging', { disk, key, reserveBytes: 0 })
  const staging = await open()
  t.equal(staging.appendOnly, true)
  const first = staging.write(Buffer.from('hello'))
  t.notOk(staging.overwrite(first, 0, Buffer.from('H')))
  disk.capacity = 32 + 5 + 2
  t.throws(() => staging.write(Buffer.from('more than fits')), { code: 'ENOSPC' })
  disk.capacity = Infinity
  const second = staging.write(Buffer.from('world'))
  t.not(second.segment, first.segment, 'nothing goes to where something may lie')
  await staging.sync()
  await staging.release(staging.seal(), [])
  const third = staging.write(Buffer.from('again'))
  t.ok(third.segment > second.segment, 'an emptied segment is not written to')
  await staging.close()
  const later = await open()
  const fourth = later.write(Buffer.from('later'))
  t.ok(fourth.segment > third.segment)
  const bytes = Buffer.alloc(5)
  later.read(third, 0, bytes)
  t.equal(bytes.toString(), 'again')
})

test('a write that overlaps a recent one and goes beyond is a slice of its own', async (t) => {
  const disk = new SimulatedDisk()
  const staging = await FileStaging.open('/state/staging', { disk, key, reserveBytes: 0 })
  const slice = staging.write(Buffer.from('0123456789'))
  const extents = {
    count: 1,
    *over() {
      yield { start: 0, end: 10, source: { kind: 'slice', slice, at: 0 } }
    },
  }
  const inode = { extents } as unknown as Parameters<typeof stageWrite>[1]
  const read = (placed: readonly { slice: typeof slice }[]) => {
    const bytes = Buffer.alloc(placed[0]!.slice.length)
    staging.read(placed[0]!.slice, 0, bytes)
    return bytes.toString()
  }
  const over = stageWrite(staging, inode, 5, Buffer.from('abcdefgh'))
  t.match(over, [{ offset: 5 }])
  t.equal(read(over), 'abcdefgh')
  const inside = stageWrite(staging, inode, 2, Buffer.from('xy'))
  t.match(inside, [{ offset: 2 }])
  t.equal(read(inside), 'xy')
  const whole = Buffer.alloc(10)
  staging.read(slice, 0, whole)
  t.equal(whole.toString(), '0123456789')
})
