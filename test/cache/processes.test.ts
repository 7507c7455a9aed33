import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'

const program = join(import.meta.dirname, 'keep-and-read.ts')

interface Ended {
  readonly code: number | null
  readonly output: string
}

function start(directory: string, ms: number) {
  const child = spawn(process.execPath, [program, directory, String(ms)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (text: Buffer) => (output += text.toString()))
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number, output }))
  return { child, ended }
}

function bytesIn(directory: string): number {
  return readdirSync(join(directory, 'pieces'))
    .map((name) => statSync(join(directory, 'pieces', name)).size)
    .reduce((sum, bytes) => sum + bytes, 0)
}

test('three processes share a directory, one is killed, and no byte is wrong', async (t) => {
  const directory = join(t.testdir(), 'cache')
  const [one, two, third] = [start(directory, 3000), start(directory, 3000), start(directory, 9000)]
  await sleep(1500)
  third.child.kill('SIGKILL')
  for (const { code, output } of await Promise.all([one.ended, two.ended])) {
    t.equal(code, 0)
    const { hits, reads, damaged } = JSON.parse(output) as Record<string, number>
    t.ok(hits! > 0, `${hits} of ${reads} reads were hits`)
    t.equal(damaged, 0)
  }
  t.ok(bytesIn(directory) < 5 << 20, `${bytesIn(directory)} bytes`)
  const { code, output } = await start(directory, 300).ended
  t.equal(code, 0)
  t.ok((JSON.parse(output) as { hits: number }).hits > 0, 'and the next one finds what they left')
})

test('the directory is deleted again and again under a running process', async (t) => {
  const directory = join(t.testdir(), 'cache')
  const { ended } = start(directory, 2000)
  for (let time = 0; time < 8; time++) {
    await sleep(200)
    rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 5 })
  }
  const { code, output } = await ended
  t.equal(code, 0)
  t.ok((JSON.parse(output) as { hits: number }).hits > 0)
})
