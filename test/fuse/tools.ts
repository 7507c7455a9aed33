import { execFileSync } from 'node:child_process'
import type { Test } from 'tap'
import type { MemoryMount } from './mounted.ts'

/** Ordinary tools on the mount, each of which would stop at the first call that fails. */
export async function toolsWork(
  t: Test,
  mounted: MemoryMount,
  { oldTimes = true }: { oldTimes?: boolean } = {},
): Promise<void> {
  const run = (command: string) =>
    execFileSync('sh', ['-ec', command], { cwd: mounted.dir, encoding: 'utf8', stdio: 'pipe' })

  t.equal(run('echo hello > a; cat a; cp a b; cmp a b; ln a c; stat -c %h a'), 'hello\n2\n')
  t.equal(
    run('ln -s a s; readlink s; cat s; mkdir -p d/e/f; mv d/e/f d/g; ls d'),
    'a\nhello\ne\ng\n',
  )
  t.equal(run('chmod 640 a; stat -c %a a'), '640\n')
  if (oldTimes) {
    const touch = 'touch -d "1969-12-31 23:59:58.25 UTC" a; stat -c %.9Y a'
    t.equal(run(touch), '-1.750000000\n')
  }
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
