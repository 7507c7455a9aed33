import { test } from 'tap'
import {
  frameLength,
  headerBytes,
  markFrameBytes,
  putFrame,
  seedOf,
} from '../../src/journal/frame.ts'
import type { FrameKind } from '../../src/journal/frame.ts'
import { segmentPath } from '../../src/journal/segment-file.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { bootId, directory, openJournal, record, texts, turn } from './scratch-journal.ts'

const words = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven']

/** Three segments, all synced but the last two records; ended as a killed program ends. */
async function killedJournal(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  for (const [index, word] of words.entries()) {
    if (index === 3 || index === 5) journal.rotate()
    journal.append(record(word))
    if (index === 1 || index === 5) await journal.sync()
  }
  await turn()
  return disk.afterKill()
}

/** The disk with one file changed. */
function withFile(disk: SimulatedDisk, path: string, bytes: Buffer | undefined): SimulatedDisk {
  const files = disk.files
  if (bytes) files.set(path, bytes)
  else files.delete(path)
  return new SimulatedDisk(files)
}

/** What was set aside, all in all. */
function asideBytes(disk: SimulatedDisk): number {
  const aside = [...disk.files].filter(([path]) => path.endsWith('.damaged'))
  return aside.reduce((sum, [, bytes]) => sum + bytes.length, 0)
}

test('a flipped byte anywhere ends the replay before it, is called damage and set aside', async (t) => {
  const disk = await killedJournal()
  let tried = 0
  for (const [path, bytes] of disk.files) {
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 0x41
      const damaged = withFile(disk, path, flipped)
      const { journal, end } = await openJournal(damaged)
      const found = texts(journal)
      const prefix = found.every((text, index) => text === words[index])
      const whole = found.length === words.length
      if (!prefix || whole || end.torn?.damage !== true || asideBytes(damaged) !== end.torn.bytes) {
        t.fail(`byte ${at} of ${path}: ${found.join(' ')} ${JSON.stringify(end)}`)
      }
      tried++
    }
  }
  t.ok(tried > 300, `${tried} bytes flipped`)
})

test('a segment cut short at any length ends the replay there; only what a kill can do is no damage', async (t) => {
  const disk = await killedJournal()
  for (const [path, bytes] of disk.files) {
    const last = path === segmentPath(directory, 3)
    for (let length = 0; length < bytes.length; length++) {
      const cut = withFile(disk, path, bytes.subarray(0, length))
      const { journal, end } = await openJournal(cut)
      const found = texts(journal)
      const prefix = found.every((text, index) => text === words[index])
      if (!prefix || found.length === words.length)
        t.fail(`${length} of ${path}: ${found.join(' ')}`)
      // The last segment's synced part ends with `five`'s mark.
      if (!last && end.torn?.damage !== true) t.fail(`${length} of ${path}: not called damage`)
      if (last && found.length >= 6 && end.torn?.damage)
        t.fail(`${length} of ${path}: called damage`)
    }
  }
  t.pass('all lengths tried')
})

for (const [segment, kept] of [
  [1, 0],
  [2, 3],
] as const) {
  test(`segment ${segment} missing ends the replay before it`, async (t) => {
    const disk = withFile(await killedJournal(), segmentPath(directory, segment), undefined)
    const { journal, end } = await openJournal(disk)
    t.same(texts(journal), words.slice(0, kept))
    t.match(end.torn, { segment, offset: 0, damage: true })
    t.equal(asideBytes(disk), end.torn?.bytes)
    journal.append(record('after'))
    await journal.close()
    const again = await openJournal(disk)
    t.same(texts(again.journal), [...words.slice(0, kept), 'after'])
    t.equal(again.end.torn, undefined, 'damage is reported once')
  })
}

test('damage of a part that was synced is seen after a restart of the machine, too', async (t) => {
  const disk = await killedJournal()
  const path = segmentPath(directory, 1)
  const bytes = disk.files.get(path)!
  bytes[bytes.indexOf('one')]! ^= 1
  const { journal, end } = await openJournal(withFile(disk, path, bytes), 1)
  t.same(texts(journal), ['zero'])
  t.match(end.torn, { segment: 1, damage: true })
})

test('what the machine lost of unsynced records is no damage', async (t) => {
  const disk = await killedJournal()
  const path = segmentPath(directory, 3)
  const bytes = disk.files.get(path)!
  bytes.fill(0, bytes.indexOf('six'))
  const { journal, end } = await openJournal(withFile(disk, path, bytes), 1)
  t.same(texts(journal), words.slice(0, 6))
  t.match(end, { torn: { segment: 3, damage: false }, unsynced: 0 })
})

test('whole records behind the last mark are not taken after a restart of the machine', async (t) => {
  const disk = await killedJournal()
  const { journal, end } = await openJournal(disk, 1)
  t.same(texts(journal), words.slice(0, 6))
  t.same(end, { records: 6, torn: undefined, unsynced: 2 })
  await journal.close()
  const again = await openJournal(disk, 2)
  t.same(texts(again.journal), words.slice(0, 6), 'and do not come back')
  t.equal(again.end.unsynced, 0)
})

test('marks of more syncs than a call takes parameters are read', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  journal.append(record('zero'))
  await journal.sync()
  await journal.close()
  const path = segmentPath(directory, 1)
  const bytes = disk.files.get(path)!
  const mark = bytes.subarray(-markFrameBytes)
  const marks = Array.from({ length: 150_000 }, () => mark)
  const again = await openJournal(withFile(disk, path, Buffer.concat([bytes, ...marks])))
  t.same(texts(again.journal), ['zero'])
  t.equal(again.end.torn, undefined)
})

test('a frame of an unknown kind is no record, and what follows it stays', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  journal.append(record('zero'))
  await journal.sync()
  await journal.close()
  const path = segmentPath(directory, 1)
  const bytes = disk.files.get(path)!
  const salt = bytes.readUInt32LE(headerBytes - 4)
  const kind = 7 as FrameKind
  const frame = Buffer.alloc(frameLength(4))
  putFrame(frame, 0, kind, seedOf(kind, salt), Buffer.from('what'))
  const file = withFile(disk, path, Buffer.concat([bytes, frame, bytes.subarray(headerBytes)]))
  const again = await openJournal(file)
  t.same(texts(again.journal), ['zero', 'zero'])
  t.equal(again.end.records, 2)
})

test('two damages leave two files set aside', async (t) => {
  const disk = await killedJournal()
  for (let time = 0; time < 2; time++) {
    const files = disk.files
    const path = [...files.keys()].filter((name) => name.endsWith('.journal')).sort()[0]!
    const bytes = files.get(path)!
    bytes[45]! ^= 1
    const { journal } = await openJournal(withFile(disk, path, bytes))
    await journal.close()
  }
  t.pass()
})

test('a journal that the disk cannot read is an error, not an empty journal', async (t) => {
  const disk = await killedJournal()
  disk.fault = (operation) => (operation === 'read' ? 'EIO' : undefined)
  await t.rejects(openJournal(disk), { code: 'EIO' })
  disk.fault = () => undefined
  const { journal } = await openJournal(disk)
  t.same(texts(journal), words)
})

test('records of another journal in the same place do not pass', async (t) => {
  const disk = await killedJournal()
  const other = new SimulatedDisk()
  const { journal } = await openJournal(other, 0, { bootId: bootId(7) })
  journal.append(record('strange'))
  await journal.close()
  const path = segmentPath(directory, 1)
  const mixed = Buffer.concat([
    disk.files.get(path)!.subarray(0, 40),
    other.files.get(path)!.subarray(40),
  ])
  const opened = await openJournal(withFile(disk, path, mixed))
  t.same(texts(opened.journal), [])
  t.equal(opened.end.torn?.damage, true)
})

for (const rotated of [false, true]) {
  const where = rotated ? 'another segment' : 'the same segment'
  test(`segments are dropped only when all that replaces them is there (mark in ${where})`, async (t) => {
    const disk = new SimulatedDisk()
    const { journal } = await openJournal(disk)
    journal.append(record('promised'))
    await journal.sync()
    journal.rotate()
    journal.append(record('restated'))
    if (rotated) journal.rotate()
    // The power goes while the drop makes its mark stable; the mark came through, what it stands on did not.
    disk.fault = (operation) => (operation === 'datasync' ? 'EIO' : undefined)
    await t.rejects(journal.dropBefore(2), { code: 'EIO' })
    const path = segmentPath(directory, 2)
    const bytes = disk.files.get(path)!
    const at = bytes.indexOf('restated')
    bytes.fill(0, at - 9, at + 'restated'.length)
    const opened = await openJournal(withFile(disk, path, bytes), 1)
    t.same(texts(opened.journal), ['promised'])
    t.match(opened.end.torn, { segment: 2, damage: false })
  })
}

test('a drop that was made stable is carried out by the next start', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  journal.append(record('promised'))
  await journal.sync()
  journal.rotate()
  journal.append(record('restated'))
  disk.fault = (operation) => (operation === 'remove' ? 'EIO' : undefined)
  await t.rejects(journal.dropBefore(2), { code: 'EIO' })
  const restarted = disk.afterPowerLoss(() => 0)
  const opened = await openJournal(restarted, 1)
  t.same(texts(opened.journal), ['restated'])
  t.notOk(restarted.files.has(segmentPath(directory, 1)))
})
