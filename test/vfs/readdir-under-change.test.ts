import fc from 'fast-check'
import { test } from 'tap'
import { nameToText } from '../../src/terms/name.ts'
import { Drive, root } from './drive.ts'

/** Reads a directory a few entries at a time, with changes between. */
async function readAll(
  drive: Drive,
  portion: number,
  between: () => Promise<void>,
): Promise<string[]> {
  const { handle } = await drive.fs.opendir(drive.top, 0, root)
  const names: string[] = []
  for (let cookie = 0, more = true; more;) {
    let taken = 0
    await drive.fs.readdir(drive.top, handle, cookie, false, (name, _ino, _mode, next) => {
      if (taken === portion) return false
      taken++
      cookie = next
      names.push(nameToText(name))
      return true
    })
    more = taken > 0
    await between()
  }
  return names
}

test('what stays is read exactly once, whatever comes and goes', async (t) => {
  const change = fc.record({ remove: fc.nat(), add: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 9 }),
      fc.array(change, { minLength: 1, maxLength: 8 }),
      async (count, portion, changes) => {
        const drive = new Drive()
        const fading: string[] = []
        for (let index = 0; index < count; index++) {
          await drive.file(`stays ${index}`)
          await drive.file(`goes ${index}`)
          fading.push(`goes ${index}`)
        }
        let turn = 0
        const names = await readAll(drive, portion, async () => {
          const { remove, add } = changes[turn % changes.length]!
          const gone = fading.splice(remove % Math.max(1, fading.length), 1)[0]
          if (gone !== undefined) await drive.unlink(gone)
          if (add && turn < 30) await drive.file(`comes ${turn}`)
          turn++
        })
        t.equal(new Set(names).size, names.length, 'nothing twice')
        for (let index = 0; index < count; index++) t.ok(names.includes(`stays ${index}`))
      },
    ),
    { numRuns: 40 },
  )
})

test('rm -r style: removing what was read, portion by portion, empties the directory', async (t) => {
  const drive = new Drive()
  for (let index = 0; index < 1000; index++) await drive.file(`${index}`)
  let removed = 0
  const { handle } = await drive.fs.opendir(drive.top, 0, root)
  for (let cookie = 0; ;) {
    const batch: string[] = []
    await drive.fs.readdir(drive.top, handle, cookie, false, (name, _ino, _mode, next) => {
      cookie = next
      batch.push(nameToText(name))
      return batch.length < 50
    })
    if (batch.length === 0) break
    for (const name of batch.filter((one) => !one.startsWith('.'))) {
      await drive.unlink(name)
      removed++
    }
  }
  t.equal(removed, 1000)
  t.same(await drive.names(), [])
})

test('a pass ends although each name that was read is made anew, and a rewind shows all', async (t) => {
  const drive = new Drive()
  for (let index = 0; index < 100; index++) await drive.file(`${index}`)
  const { handle } = await drive.fs.opendir(drive.top, 0, root)
  const pass = async () => {
    const names: string[] = []
    for (let cookie = 0, more = true; more;) {
      const batch: string[] = []
      await drive.fs.readdir(drive.top, handle, cookie, false, (name, _ino, _mode, next) => {
        if (batch.length === 7) return false
        cookie = next
        batch.push(nameToText(name))
        return true
      })
      more = batch.length > 0 && names.length < 1000
      names.push(...batch)
      for (const name of batch.filter((one) => !one.startsWith('.'))) {
        await drive.rename(name, 'away')
        await drive.rename('away', name)
      }
    }
    return names.filter((name) => !name.startsWith('.')).toSorted((a, b) => Number(a) - Number(b))
  }
  const all = Array.from({ length: 100 }, (_, index) => `${index}`)
  t.same(await pass(), all)
  t.same(await pass(), all, 'and again from the beginning')
})
