import fc from 'fast-check'
import { test } from 'tap'
import { JournalFormatError, maxRecordBytes } from '../../src/journal/journal.ts'
import { segmentPath } from '../../src/journal/segment-file.ts'
import { SimulatedDisk } from '../runtime/simulated-disk.ts'
import { directory, openJournal, record, texts, turn } from './scratch-journal.ts'

test('a new journal is empty', async (t) => {
  const { journal, end } = await openJournal(new SimulatedDisk())
  t.same(texts(journal), [])
  t.same(end, { records: 0, torn: undefined, unsynced: 0 })
  t.equal(journal.segment, 1)
  await journal.close()
})

test('gives back what was appended, in order and with its segment', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  journal.append(record('one'))
  journal.append(record(''))
  t.equal(journal.rotate(), 2)
  journal.append(record('three'))
  await journal.close()
  t.equal(disk.openDescriptors, 0, 'no file stays open')
  const again = await openJournal(disk)
  t.same(
    [...again.journal.replay()].map(({ segment, payload }) => [segment, String(payload)]),
    [
      [1, 'one'],
      [1, ''],
      [2, 'three'],
    ],
  )
  t.same(again.end, { records: 3, torn: undefined, unsynced: 0 })
  t.equal(again.journal.segment, 3)
  await again.journal.close()
})

test('the payload is copied at once', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  const payload = record('mine')
  journal.append(payload)
  payload.fill(0)
  await journal.close()
  t.same(texts((await openJournal(disk)).journal), ['mine'])
})

test('records of all sizes come back through rotations, drops and restarts', async (t) => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), size: fc.nat(3000) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('append' as const), size: fc.nat(3 << 20) }),
    },
    fc.record({ do: fc.constantFrom('rotate', 'drop', 'sync', 'turn', 'restart' as const) }),
  )
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const disk = new SimulatedDisk()
    disk.writeLimit = 100_000
    let { journal } = await openJournal(disk)
    let model: { segment: number; payload: Buffer }[] = []
    for (const [index, action] of steps.entries()) {
      if (action.do === 'append') {
        const payload = Buffer.alloc(action.size, index + 1)
        model.push({ segment: journal.segment, payload })
        journal.append(payload)
      } else if (action.do === 'rotate') journal.rotate()
      else if (action.do === 'drop') {
        await journal.dropBefore(journal.segment)
        model = model.filter(({ segment }) => segment === journal.segment)
      } else if (action.do === 'sync') await journal.sync()
      else if (action.do === 'turn') await turn()
      else {
        await journal.close()
        const opened = await openJournal(disk)
        journal = opened.journal
        const found = [...journal.replay()]
        if (opened.end.torn || opened.end.records !== model.length) return false
        if (!sameRecords(found, model)) return false
      }
    }
    await journal.close()
    return true
  })
  await t.resolves(fc.assert(property, { numRuns: 60 }))
})

function sameRecords(
  found: readonly { segment: number; payload: Uint8Array }[],
  model: readonly { segment: number; payload: Buffer }[],
): boolean {
  return (
    found.length === model.length &&
    model.every(
      ({ segment, payload }, index) =>
        found[index]!.segment === segment && payload.equals(found[index]!.payload),
    )
  )
}

test('a record longer than the limit is refused and nothing is written of it', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  t.throws(() => journal.append(Buffer.alloc(maxRecordBytes + 1)), { code: 'EFBIG' })
  journal.append(Buffer.alloc(maxRecordBytes, 7))
  await journal.close()
  const [only, ...others] = (await openJournal(disk)).journal.replay()
  t.equal(only?.payload.length, maxRecordBytes)
  t.equal(others.length, 0)
})

test('an unknown format version refuses and changes nothing', async (t) => {
  const disk = new SimulatedDisk()
  const { journal } = await openJournal(disk)
  journal.append(record('old'))
  await journal.close()
  const files = disk.files
  const bytes = files.get(segmentPath(directory, 1))!
  bytes[7] = 9
  const { crc32 } = await import('node:zlib')
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36)
  const changed = new SimulatedDisk(files)
  await t.rejects(openJournal(changed), JournalFormatError)
  t.same(changed.files, files)
})

test('a closed journal takes nothing', async (t) => {
  const { journal } = await openJournal(new SimulatedDisk())
  await journal.close()
  t.throws(() => journal.append(record('late')), { code: 'EIO' })
  await t.rejects(journal.sync(), { code: 'EIO' })
  await journal.close()
})
