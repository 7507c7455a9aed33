import { writeSync } from 'node:fs'
import { FileJournal } from '../../src/journal/file-journal.ts'

/**
 * Appends numbered records to the journal in argv[2] until it is killed, and tells on stdout how many of them a sync or a
 * handing over has promised. Begins behind those that are there.
 */
const { journal } = await FileJournal.open(process.argv[2]!)
let next = [...journal.replay()].length
for (;;) {
  for (let count = 0; count < 50; count++) {
    const text = `${next++} ${'.'.repeat((next * 37) % 3000)}`
    journal.append(Buffer.from(text))
  }
  if (next % 1000 === 0) journal.rotate()
  const promised = next
  if (next % 200 === 0) await journal.sync()
  else journal.handOver()
  writeSync(1, `${promised}\n`)
}
