import fc from 'fast-check'
import { test } from 'tap'
import { FileStaging, type StagingOptions } from '../../src/content/file-staging.ts'
import type { Slice } from '../../src/tree/slice.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'

const directory = '/state/staging'

function open(disk: SimulatedDisk, options: StagingOptions = {}): Promise<FileStaging> {
  return FileStaging.open(directory, { disk, segmentBytes: 1000, reserveBytes: 0, ...options })
}

function bytesOf(staging: FileStaging, slice: Slice): string {
  const bytes = Buffer.alloc(slice.length)
  staging.read(slice, 0, bytes)
  return bytes.toString('latin1')
}

test('gives back what was written, in whole and in part', async (t) => {
  const staging = await open(new SimulatedDisk())
  const slice = staging.write(Buffer.from('hello world'))
  t.equal(bytesOf(staging, slice), 'hello world')
  const part = Buffer.alloc(5)
  staging.read(slice, 6, part)
  t.equal(part.toString(), 'world')
  t.equal(staging.bytes, 11)
  t.throws(() => staging.read(slice, 7, part), { code: 'EIO' })
})

test('a recent slice is overwritten in place; a sealed, a shared one and a stranger are not', async (t) => {
  const staging = await open(new SimulatedDisk())
  const slice = staging.write(Buffer.from('hello world'))
  t.ok(staging.overwrite(slice, 6, Buffer.from('W')))
  t.equal(bytesOf(staging, slice), 'hello World')
  t.notOk(staging.overwrite(slice, 10, Buffer.from('too long')))
  const shared = staging.write(Buffer.from('shared'))
  staging.share(shared)
  t.notOk(staging.overwrite(shared, 0, Buffer.from('S')))
  staging.seal()
  t.notOk(staging.overwrite(slice, 0, Buffer.from('H')))
  t.equal(bytesOf(staging, slice), 'hello World')
  t.equal(bytesOf(staging, shared), 'shared')
})

test('the last slice grows; any other does not', async (t) => {
  const staging = await open(new SimulatedDisk())
  const first = staging.write(Buffer.from('one'))
  const second = staging.extend(first, Buffer.from(', two'))!
  t.equal(bytesOf(staging, second), 'one, two')
  t.equal(bytesOf(staging, first), 'one')
  t.not(first.id, second.id)
  t.equal(staging.extend(first, Buffer.from('three')), undefined, 'not the last any more')
  t.equal(staging.extend(second, Buffer.alloc(1000)), undefined, 'not beyond the segment')
  staging.share(second)
  t.equal(staging.extend(second, Buffer.from('!')), undefined, 'not a shared one')
  const third = staging.write(Buffer.from('three'))
  staging.seal()
  t.equal(staging.extend(third, Buffer.from('!')), undefined, 'not a sealed one')
})

test('a freeze begins new segments, and a release deletes the old ones with their bytes', async (t) => {
  const disk = new SimulatedDisk()
  const staging = await open(disk)
  const before = staging.write(Buffer.alloc(600, 1))
  staging.write(Buffer.alloc(600, 2))
  const sealed = staging.seal()
  const after = staging.write(Buffer.from('after'))
  t.ok(after.segment > sealed)
  await staging.release(sealed, [])
  t.equal(staging.bytes, 5)
  t.equal(disk.files.size, 1)
  t.throws(() => bytesOf(staging, before), { code: 'EIO' })
  t.equal(bytesOf(staging, after), 'after')
})

test('a release keeps the segments of slices that still show', async (t) => {
  const staging = await open(new SimulatedDisk())
  const shown = staging.write(Buffer.alloc(900, 1))
  const other = staging.write(Buffer.alloc(900, 2))
  await staging.release(staging.seal(), [shown])
  t.equal(bytesOf(staging, shown), '\x01'.repeat(900))
  t.throws(() => bytesOf(staging, other), { code: 'EIO' })
})

test('no segment number and no slice id comes twice, whatever is released and restarted', async (t) => {
  let disk = new SimulatedDisk()
  const seen = new Set<number>()
  const segments = new Set<number>()
  for (let restart = 0; restart < 4; restart++) {
    disk = disk.afterKill()
    const staging = await open(disk)
    for (let round = 0; round < 3; round++) {
      const slice = staging.write(Buffer.from('x'))
      t.notOk(seen.has(slice.id))
      t.notOk(segments.has(slice.segment))
      seen.add(slice.id).add(staging.extend(slice, Buffer.from('y'))!.id)
      segments.add(slice.segment)
      await staging.release(staging.seal(), [])
    }
    t.equal(staging.bytes, 0)
    await staging.retainOnly([])
    await staging.close()
  }
})

test('after a restart only what replayed slices name is kept, and what is lost is told', async (t) => {
  const disk = new SimulatedDisk()
  let staging = await open(disk)
  const kept = staging.write(Buffer.alloc(700, 1))
  const dropped = staging.write(Buffer.alloc(700, 2))
  const cut = staging.write(Buffer.alloc(700, 3))
  await staging.close()
  const files = disk.files
  const cutPath = staging.pathOf(cut.segment)
  files.set(cutPath, files.get(cutPath)!.subarray(0, 699))
  staging = await open(new SimulatedDisk(files))
  const gone = { id: 1, segment: 77, position: 0, length: 1 }
  t.same(await staging.retainOnly([kept, cut, gone]), [cut, gone])
  t.equal(bytesOf(staging, kept), '\x01'.repeat(700))
  t.throws(() => bytesOf(staging, dropped), { code: 'EIO' })
  t.throws(() => bytesOf(staging, cut), { code: 'EIO' })
  t.throws(() => bytesOf(staging, gone), { code: 'EIO' })
  t.equal(staging.bytes, 1399)
})

test('a limit and a reserve refuse with ENOSPC before the disk is full; a release makes room', async (t) => {
  const disk = new SimulatedDisk()
  const limited = await open(disk, { limitBytes: 1500 })
  limited.write(Buffer.alloc(900))
  const fits = limited.write(Buffer.alloc(500))
  t.throws(() => limited.write(Buffer.alloc(101)), { code: 'ENOSPC' })
  t.throws(() => limited.extend(fits, Buffer.alloc(101)), { code: 'ENOSPC' })
  await limited.release(limited.seal(), [])
  limited.write(Buffer.alloc(900))

  const small = new SimulatedDisk()
  small.capacity = 10_000
  const reserving = await open(small, { reserveBytes: 5000 })
  for (let index = 0; index < 5; index++) reserving.write(Buffer.alloc(900))
  t.throws(() => reserving.write(Buffer.alloc(900)), { code: 'ENOSPC' })
})

test('a write that the disk cuts short leaves nothing, and the next one takes its place', async (t) => {
  const disk = new SimulatedDisk()
  const staging = await open(disk, { reserveBytes: -1e9 })
  const first = staging.write(Buffer.from('first'))
  disk.capacity = 10
  t.throws(() => staging.write(Buffer.alloc(100, 7)), { code: 'ENOSPC' })
  disk.capacity = Infinity
  const second = staging.write(Buffer.from('second'))
  t.equal(bytesOf(staging, first), 'first')
  t.equal(bytesOf(staging, second), 'second')
  t.equal(staging.bytes, 11)
})

test('partial writes and reads of the disk are carried on', async (t) => {
  const disk = new SimulatedDisk()
  disk.writeLimit = 7
  const staging = await open(disk)
  const text = 'a text that is longer than seven bytes'
  t.equal(bytesOf(staging, staging.write(Buffer.from(text))), text)
})

test('only unsynced segments are synced, together, and with their names', async (t) => {
  const disk = new SimulatedDisk()
  const staging = await open(disk)
  staging.write(Buffer.alloc(900))
  staging.write(Buffer.alloc(900))
  await Promise.all([staging.sync(), staging.sync(), staging.sync()])
  t.equal(disk.datasyncs, 2)
  await staging.sync()
  t.equal(disk.datasyncs, 2)
  const slice = staging.write(Buffer.from('x'))
  await staging.sync()
  t.equal(disk.datasyncs, 3)
  staging.overwrite(slice, 0, Buffer.from('y'))
  await staging.sync()
  t.equal(disk.datasyncs, 4)
  for (const chance of [0, 0.999]) {
    const again = await open(disk.afterPowerLoss(() => chance))
    t.equal(again.bytes, 1801)
    t.equal(bytesOf(again, slice), 'y')
  }
})

test('a full segment is synced unasked', async (t) => {
  const disk = new SimulatedDisk()
  const staging = await open(disk)
  staging.write(Buffer.alloc(900))
  t.equal(disk.datasyncs, 0)
  staging.write(Buffer.alloc(900))
  await new Promise(setImmediate)
  t.ok(disk.datasyncs > 0)
})

test('after a failed fdatasync nothing is promised or taken, but all can be read', async (t) => {
  const disk = new SimulatedDisk()
  const staging = await open(disk)
  const slice = staging.write(Buffer.from('here'))
  disk.fault = (operation) => (operation === 'datasync' ? 'EIO' : undefined)
  await t.rejects(staging.sync(), { code: 'EIO' })
  disk.fault = () => undefined
  await t.rejects(staging.sync(), { code: 'EIO' })
  t.throws(() => staging.write(Buffer.from('more')), { code: 'EIO' })
  t.throws(() => staging.overwrite(slice, 0, Buffer.from('H')), { code: 'EIO' })
  t.equal(bytesOf(staging, slice), 'here')
})

test('few files are open, however many segments there are', async (t) => {
  const disk = new SimulatedDisk()
  const staging = await open(disk, { openFiles: 4 })
  const slices = Array.from({ length: 50 }, (_, index) => staging.write(Buffer.alloc(900, index)))
  for (const [index, slice] of slices.entries()) {
    t.equal(bytesOf(staging, slice), String.fromCharCode(index).repeat(900))
  }
  t.ok(disk.openDescriptors <= 4)
  await staging.sync()
  t.ok(disk.openDescriptors <= 4)
  await staging.close()
  t.equal(disk.openDescriptors, 0)
})

test('any writes, overwrites, growths, freezes and releases read as a model says', async (t) => {
  const step = fc.record({
    do: fc.constantFrom(
      'write',
      'write',
      'overwrite',
      'extend',
      'share',
      'seal',
      'sync',
      'release',
    ),
    which: fc.nat(1000),
    size: fc.integer({ min: 1, max: 400 }),
  })
  const property = fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
    const staging = await open(new SimulatedDisk(), { openFiles: 2 })
    const model: { slice: Slice; bytes: Buffer; shared: boolean }[] = []
    for (const [index, { do: action, which, size }] of steps.entries()) {
      const chosen = model[which % (model.length || 1)]
      const bytes = Buffer.alloc(size, index + 1)
      if (action === 'write') model.push({ slice: staging.write(bytes), bytes, shared: false })
      else if (action === 'sync') await staging.sync()
      else if (action === 'seal') staging.seal()
      else if (action === 'release') {
        const kept = model.filter((_, item) => item % 2 === which % 2)
        await staging.release(
          staging.seal(),
          kept.map(({ slice }) => slice),
        )
        model.splice(0, model.length, ...kept)
      } else if (chosen && action === 'share') {
        staging.share(chosen.slice)
        chosen.shared = true
      } else if (chosen && action === 'extend') {
        const grown = staging.extend(chosen.slice, bytes)
        if (grown && chosen.shared) return false
        // What lies in the same place is the same bytes from here on.
        if (grown) {
          model.splice(model.indexOf(chosen), 1)
          model.push({ slice: grown, bytes: Buffer.concat([chosen.bytes, bytes]), shared: false })
        }
      } else if (chosen && action === 'overwrite') {
        const at = which % chosen.slice.length
        if (staging.overwrite(chosen.slice, at, bytes)) bytes.copy(chosen.bytes, at)
      }
    }
    return model.every(({ slice, bytes }) => bytesOf(staging, slice) === bytes.toString('latin1'))
  })
  await t.resolves(fc.assert(property, { numRuns: 300 }))
})
