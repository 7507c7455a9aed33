import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { FileJournal } from '../../src/journal/file-journal.ts'

const program = join(import.meta.dirname, 'append-for-ever.ts')

test('a process killed again and again loses no record that a sync or a handing over promised', async (t) => {
  const directory = join(t.testdir(), 'journal')
  for (let round = 0; round < 5; round++) {
    const child = spawn(process.execPath, [program, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (text: Buffer) => (output += text.toString('latin1')))
    while (!output.includes('\n')) await sleep(5)
    await sleep(20 + 30 * round)
    child.kill('SIGKILL')
    await once(child, 'close')
    const promised = Number(output.trim().split('\n').at(-1))
    const { journal, end } = await FileJournal.open(directory)
    const numbers = [...journal.replay()].map(({ payload }) => Number.parseInt(String(payload), 10))
    t.ok(numbers.length >= promised, `${numbers.length} records, ${promised} promised`)
    t.ok(
      numbers.every((number, index) => number === index),
      'in a row',
    )
    t.notOk(end.torn?.damage)
    await journal.close()
  }
})
