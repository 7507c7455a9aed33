import { execFileSync } from 'node:child_process'
import t from 'tap'
import { daemonEnvironment } from '../../src/runtime/allocator.ts'

/** The longest half of the space for new objects in MB, as a process with this environment has it. */
function newSpaceOf(env: NodeJS.ProcessEnv): number {
  const script = `
    const { getHeapSpaceStatistics } = require('node:v8')
    const kept = []
    for (let i = 0; i < 2e6; i++) kept[i % 4e5] = { i }
    const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
    console.log(space.space_size)`
  return Number(execFileSync(process.execPath, ['-e', script], { env })) / 1e6
}

t.test('a daemon keeps less of what is new than a process has by itself', async (t) => {
  const own = newSpaceOf({})
  const daemon = newSpaceOf(daemonEnvironment({}))
  t.ok(daemon < own, `${daemon} MB of ${own}`)
})

t.test('what the user has set stands', async (t) => {
  const given = { GLIBC_TUNABLES: 'glibc.malloc.check=1', NODE_OPTIONS: '--max-semi-space-size=1' }
  const env = daemonEnvironment({ ...given, HOME: '/home/user' })
  t.match(env, { GLIBC_TUNABLES: given.GLIBC_TUNABLES, HOME: '/home/user' })
  t.ok(newSpaceOf(env) < newSpaceOf(daemonEnvironment({})), 'the last flag is the one that counts')
})
