import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import t from 'tap'
import { daemonEnvironment } from '../../src/runtime/allocator.ts'

const allocator = resolve(import.meta.dirname, '../../src/runtime/allocator.ts')

/** Megabytes that a process has, of 300 in buffers of which one in ten is still in use. */
function leftOf300(returns: string): number {
  const script = `
    const { keepLargeBuffers, returnFreeMemory } = await import(${JSON.stringify(allocator)})
    keepLargeBuffers()
    ${returns}
    const before = process.memoryUsage.rss()
    let buffers = Array.from({ length: 300 }, () => Buffer.alloc(1 << 20, 1))
    buffers = buffers.filter((_, i) => i % 10 === 9)
    let least = Infinity
    for (let i = 0; i < 40; i++) {
      gc()
      await new Promise((resolve) => setTimeout(resolve, 50))
      least = Math.min(least, process.memoryUsage.rss() - before)
    }
    console.log(least / 2 ** 20, buffers.length)
  `
  const flags = ['--expose-gc', '--input-type=module', '-e', script]
  const env = daemonEnvironment(process.env)
  return Number.parseFloat(execFileSync(process.execPath, flags, { env, encoding: 'utf8' }))
}

/** What the heap of a process with this environment may come to, in bytes: old space, and what is new three times. */
function heapLimitOf(env: NodeJS.ProcessEnv): number {
  const script = "console.log(require('node:v8').getHeapStatistics().heap_size_limit)"
  return Number(execFileSync(process.execPath, ['-e', script], { env }))
}

t.test('a daemon keeps less of what is new than a process has by itself', async (t) => {
  const own = heapLimitOf({})
  const daemon = heapLimitOf(daemonEnvironment({}))
  t.ok(daemon < own, `${daemon} bytes of ${own}`)
})

t.test('what the user has set stands', async (t) => {
  const given = { GLIBC_TUNABLES: 'glibc.malloc.check=1', NODE_OPTIONS: '--max-semi-space-size=1' }
  const env = daemonEnvironment({ ...given, HOME: '/home/user' })
  t.match(env, { GLIBC_TUNABLES: given.GLIBC_TUNABLES, HOME: '/home/user' })
  t.ok(
    heapLimitOf(env) < heapLimitOf(daemonEnvironment({})),
    'the last flag is the one that counts',
  )
})

t.test('what lies free among buffers in use goes back to the system', async (t) => {
  const [kept, returned] = [leftOf300(''), leftOf300('returnFreeMemory(50)')]
  if (kept < 200) return t.comment(`another C library: ${kept} MB are kept without it`)
  t.ok(returned < kept - 150, `${returned} MB of ${kept}`)
})
