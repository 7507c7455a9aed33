import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import { FileStaging } from '../../src/content/file-staging.ts'
import { FileJournal } from '../../src/journal/file-journal.ts'
import type { Slice } from '../../src/tree/slice.ts'
import { noise } from './scratch-drive.ts'

const program = join(import.meta.dirname, 'write-for-ever.ts')

test('a process killed in the middle of its writes leaves every slice that its journal names', async (t) => {
  const directory = t.testdir()
  for (let round = 0; round < 4; round++) {
    const child = spawn(process.execPath, [program, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.on('data', (text: Buffer) => (output += text.toString()))
    while (!output.includes('\n')) await sleep(5)
    await sleep(15 + 40 * round)
    child.kill('SIGKILL')
    await once(child, 'close')
    const promised = Number(output.trim().split('\n').at(-1))

    const staging = await FileStaging.open(join(directory, 'staging'))
    const { journal, end } = await FileJournal.open(join(directory, 'journal'))
    const slices = [...journal.replay()].map(({ payload }) => JSON.parse(String(payload)) as Slice)
    t.notOk(end.torn?.damage)
    t.ok(slices.length >= promised, `${slices.length} slices, ${promised} promised`)
    t.same(await staging.retainOnly(slices), [])
    const wrong = slices.filter((slice, number) => {
      const bytes = Buffer.alloc(slice.length)
      staging.read(slice, 0, bytes)
      return !bytes.equals(noise(1 + ((number * 7919) % 20_000), number + 1))
    })
    t.same(wrong, [])
    await journal.close()
    await staging.close()
  }
})
