import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'tap'

const skip = process.platform !== 'linux' && 'threads have nice values of their own on Linux only'

/** Nice values of the threads of a process that was started behind others. */
function threadsOf(niceness: number): number[] {
  const script = join(import.meta.dirname, 'nice-codec.ts')
  const args = ['-n', String(niceness), process.execPath, script]
  const lines = execFileSync('nice', args, { encoding: 'utf8' }).trim().split('\n')
  return lines.map(Number)
}

test('workers stand behind the main thread, however nice the process is itself', { skip }, (t) => {
  const own = Number(execFileSync('nice', { encoding: 'utf8' }))
  for (const niceness of [0, 10, 19]) {
    const start = Math.min(19, own + niceness)
    const threads = threadsOf(niceness)
    const behind = Math.min(19, start + 5)
    t.equal(Math.min(...threads), start, 'none is put before what the process was given')
    t.ok(
      threads.filter((nice) => nice === behind).length >= 2,
      `workers at ${behind}: ${threads.join()}`,
    )
  }
  t.end()
})
