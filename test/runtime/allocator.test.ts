import { execFileSync } from 'node:child_process'
import t from 'tap'
import { daemonEnvironment } from '../../src/runtime/allocator.ts'

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
