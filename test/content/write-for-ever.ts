import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { FileStaging } from '../../src/content/file-staging.ts'
import { FileJournal } from '../../src/journal/file-journal.ts'
import { noise } from './scratch-drive.ts'

/**
 * Writes numbered slices into staging and their records into the journal, in the directory argv[2], until it is killed.
 * Tells on stdout how many a sync has promised.
 */
const directory = process.argv[2]!
const staging = await FileStaging.open(join(directory, 'staging'), { segmentBytes: 1 << 20 })
const { journal } = await FileJournal.open(join(directory, 'journal'), {
  before: () => staging.sync(),
})
let next = [...journal.replay()].length
for (;;) {
  for (let count = 0; count < 20; count++, next++) {
    const slice = staging.write(noise(1 + ((next * 7919) % 20_000), next + 1))
    journal.append(Buffer.from(JSON.stringify(slice)))
  }
  const promised = next
  await journal.sync()
  writeSync(1, `${promised}\n`)
}
