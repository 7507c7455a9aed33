import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'tap'
import type { Test } from 'tap'
import { eventually, MemoryMount, whyNoMount } from './mounted.ts'

const skip = whyNoMount() ?? false

/** Ordinary tools on the mount, each of which would stop at the first call that fails. */
async function toolsWork(t: Test, mounted: MemoryMount): Promise<void> {
  const run = (command: string) =>
    execFileSync('sh', ['-ec', command], { cwd: mounted.dir, encoding: 'utf8', stdio: 'pipe' })

  t.equal(run('echo hello > a; cat a; cp a b; cmp a b; ln a c; stat -c %h a'), 'hello\n2\n')
  t.equal(
    run('ln -s a s; readlink s; cat s; mkdir -p d/e/f; mv d/e/f d/g; ls d'),
    'a\nhello\ne\ng\n',
  )
  t.equal(
    run('chmod 640 a; stat -c %a a; touch -d "1969-12-31 23:59:58.25 UTC" a; stat -c %.9Y a'),
    '640\n-1.750000000\n',
  )
  t.equal(
    run(
      'head -c 3000000 /dev/urandom > big; cp big copy; cmp big copy; truncate -s 10 copy; wc -c < copy',
    ),
    '10\n',
  )
  t.equal(run('echo x >> a; tail -c 2 a; : > a; stat -c %s a'), 'x\n0\n')
  t.equal(
    run(
      'tar cf t.tar b d big; mkdir out; tar xf t.tar -C out; diff -r b out/b; diff -r d out/d; cmp big out/big',
    ),
    '',
  )
  t.equal(run('rm -r a b c s d big copy t.tar out; ls -A'), '')
}

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
