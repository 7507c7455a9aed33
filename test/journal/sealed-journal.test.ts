import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { test } from 'tap'
import type { FileJournal } from '../../src/journal/file-journal.ts'
import {
  JournalFormatError,
  PlainJournalError,
  SealedJournalError,
  type ReplayedRecord,
} from '../../src/journal/journal.ts'
import { openedRecords, SealedJournal } from '../../src/journal/sealed-journal.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { directory, openJournal, record, turn } from './scratch-journal.ts'

const key = randomBytes(32)

async function open(disk: SimulatedDisk): Promise<{ file: FileJournal; journal: SealedJournal }> {
  const { journal: file } = await openJournal(disk)
  return { file, journal: new SealedJournal(file, key) }
}

function read(records: Iterable<ReplayedRecord>, with_: Uint8Array | undefined = key): string[] {
  return [...openedRecords(records, with_)].map(({ payload }) =>
    Buffer.from(payload).toString('latin1'),
  )
}

/** All bytes of all files. */
function everything(disk: SimulatedDisk): Buffer {
  return Buffer.concat(
    disk.list(directory).map((name) => {
      const file = disk.open(`${directory}/${name}`, 'read')
      const bytes = Buffer.alloc(disk.size(file))
      disk.read(file, bytes, 0)
      disk.close(file)
      return bytes
    }),
  )
}

test('records come back in order over segments and restarts, and nothing of them shows', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await open(disk)
  journal.append(record('canary one'))
  journal.append(record('canary two'))
  await turn()
  journal.append(record('canary three'))
  journal.rotate()
  journal.append(record(''))
  await journal.sync()
  await journal.close()
  t.notOk(everything(disk).includes('canary'))
  const again = await open(disk)
  const wanted = ['canary one', 'canary two', 'canary three', '']
  t.same(read(again.file.replay()), wanted)
  again.journal.append(record('later'))
  await again.journal.close()
  const third = await open(disk)
  t.same(read(third.file.replay()), [...wanted, 'later'])
  await third.journal.dropBefore(third.journal.segment)
  await third.journal.close()
  t.same(read((await open(disk)).file.replay()), [])
})

test('whatever is appended when comes back', async (t) => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.string({ maxLength: 200 }) },
    fc.constantFrom('TURN', 'ROTATE', 'SYNC', 'HAND OVER', 'LONG'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const disk = new SimulatedDisk()
      const { journal } = await open(disk)
      const wanted: string[] = []
      for (const one of steps) {
        if (one === 'TURN') await turn()
        else if (one === 'ROTATE') journal.rotate()
        else if (one === 'SYNC') await journal.sync()
        else if (one === 'HAND OVER') journal.handOver()
        else {
          const text = one === 'LONG' ? 'x'.repeat(100_000) : one
          journal.append(record(text))
          wanted.push(record(text).toString('latin1'))
        }
      }
      await journal.close()
      t.same(read((await open(disk)).file.replay()), wanted)
    }),
    { numRuns: 60 },
  )
})

test('another key, a changed or missing record, and records that are not sealed are refused', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await open(disk)
  for (const text of ['one', 'two', 'three']) {
    journal.append(record(text))
    await turn()
  }
  await journal.close()
  const { file } = await open(disk)
  const found = [...file.replay()]
  t.equal(found.length, 4, 'what its keys follow from, and three records')
  t.same(read(found), ['one', 'two', 'three'])
  t.throws(() => read(found, randomBytes(32)), JournalFormatError)
  t.throws(() => [...openedRecords(found, undefined)], SealedJournalError)
  t.throws(() => read(found.toSpliced(1, 1)), JournalFormatError, 'one is missing')
  t.throws(() => read(found.slice(1)), JournalFormatError, 'the beginning is missing')
  t.throws(() => read([found[0]!, found[2]!, found[1]!]), JournalFormatError, 'in another order')
  const flipped = Buffer.from(found[2]!.payload)
  flipped[5]! ^= 1
  const changed = found.with(2, { ...found[2]!, payload: flipped })
  t.throws(() => read(changed), JournalFormatError)
  const moved = found.map((one) => ({ ...one, segment: one.segment + 1 }))
  t.throws(() => read(moved), JournalFormatError, 'of another segment')
  t.throws(() => read([{ segment: 1, payload: record('\x01plain') }]), PlainJournalError)
})

test('no part of a keystream is used twice', async (t) => {
  const disk = new SimulatedDisk()
  const seen = new Set<string>()
  for (let run = 0; run < 3; run++) {
    const { file, journal } = await open(disk)
    for (let i = 0; i < 5; i++) {
      journal.append(record('the same'))
      await turn()
      if (i === 2) journal.rotate()
    }
    await journal.close()
    void file
  }
  const { file } = await open(disk)
  const found = [...file.replay()].map(({ payload }) => Buffer.from(payload).toString('hex'))
  for (const one of found) seen.add(one)
  t.equal(seen.size, found.length, 'the same record never looks the same')
  t.equal(found.filter((one) => one.startsWith('e2')).length, 6, 'a salt for each segment')
})

test('a full disk is told, and what was taken is kept', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await open(disk)
  journal.append(record('kept'))
  await journal.sync()
  disk.capacity = 0
  t.throws(
    () => {
      for (let i = 0; i < 100; i++) journal.append(Buffer.alloc(1 << 20))
    },
    { code: 'ENOSPC' },
  )
  disk.capacity = Infinity
  journal.append(record('later'))
  await journal.close()
  const texts = read((await open(disk)).file.replay()).filter(({ length }) => length < 10)
  t.same(texts, ['kept', 'later'])
})
