import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'tap'
import { eventually, MemoryMount, whyNoMount } from './mounted.ts'
import { toolsWork } from './tools.ts'

const skip = whyNoMount() ?? false

test('coreutils and tar work, answered in the same turn', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t)
  await toolsWork(t, mounted)
  t.equal(mounted.log, '')
})

test('coreutils and tar work, answered later', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t, { deferred: true })
  await toolsWork(t, mounted)
  t.equal(mounted.log, '')
})

test('a tree copied onto the mount is the same tree', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t)
  execFileSync('cp', ['-a', `${import.meta.dirname}/../../src`, mounted.dir])
  execFileSync('diff', ['-r', `${import.meta.dirname}/../../src`, mounted.path('src')])
  t.ok(readdirSync(mounted.path('src'), { recursive: true }).length > 20)
  execFileSync('rm', ['-r', mounted.path('src')])
  t.same(readdirSync(mounted.dir), [])
})

test('nothing is kept for files that are gone', { skip }, async (t) => {
  const mounted = await MemoryMount.start(t)
  execFileSync(
    'sh',
    ['-ec', 'mkdir d; cd d; for i in $(seq 200); do echo $i > $i; done; cat *; cd ..; rm -r d'],
    {
      cwd: mounted.dir,
      stdio: 'ignore',
    },
  )
  await eventually(async () => {
    const leaks = await mounted.ask<{ nodes: number; handles: number }>('leaks')
    return leaks.nodes === 1 && leaks.handles === 0 ? leaks : undefined
  })
  t.pass()
})
