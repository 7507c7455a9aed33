import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { Machine, scratch, tool } from '../e2e/machine.ts'
import { lacking, nightlyNetwork, Stopwatch } from './nightly.ts'

const skip = lacking({ git: 'git' })
const commits = 4000
const network = await nightlyNetwork()

function git(cwd: string, ...args: string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'safe.directory=*']
  return tool('git', [...who, '-c', 'core.fsync=all', ...args], { cwd }).trim()
}

/** A repository of thousands of commits, branches and tags, by git fast-import. */
function makeRepository(path: string): void {
  mkdirSync(path)
  tool('git', ['init', '-q', '-b', 'main', path])
  const words: string[] = []
  for (let i = 0; i < commits; i++) {
    const body = `commit ${i}\n`.repeat(20 + (i % 50))
    words.push(
      `commit refs/heads/main\nmark :${i + 1}\ncommitter t <t@example.org> ${1_600_000_000 + i * 60} +0000\n`,
      `data 8\nchange ${i % 10}\n`,
      `M 100644 inline directory-${i % 37}/sub-${i % 11}/file-${i % 613}.txt\n`,
      `data ${body.length}\n${body}\n`,
    )
    if (i % 200 === 199) words.push(`reset refs/heads/branch-${i}\nfrom :${i + 1}\n\n`)
  }
  const { status, stderr } = spawnSync('git', ['fast-import', '--quiet'], {
    cwd: path,
    input: words.join(''),
  })
  if (status !== 0) throw new Error(`git fast-import: ${String(stderr)}`)
  tool('git', ['reset', '--hard', '-q'], { cwd: path })
}

/** What a developer does with a clone, and what git does behind. */
function work(origin: string, directory: string): void {
  const clone = join(directory, 'clone')
  tool('git', ['clone', '-q', '--no-local', origin, clone])
  git(clone, 'fsck', '--full', '--strict')
  for (let i = 0; i < 10; i++) {
    git(clone, 'switch', '-q', '-c', `mine-${i}`, `origin/branch-${i * 400 + 199}`)
    writeFileSync(join(clone, `mine-${i}`), `${i}`.repeat(10_000))
    git(clone, 'add', '-A')
    git(clone, 'commit', '-q', '-m', `mine ${i}`)
  }
  git(clone, 'switch', '-q', 'main')
  git(clone, 'merge', '-q', 'mine-3', '-m', 'merged')
  git(clone, 'gc', '-q', '--prune=now')
  git(clone, 'repack', '-q', '-a', '-d', '-f')
  git(clone, 'pack-refs', '--all')
  git(clone, 'fsck', '--full', '--strict')
  git(clone, 'worktree', 'add', '-q', join(directory, 'worktree'), 'mine-5')
  git(directory, 'clone', '-q', '--local', clone, 'with-hard-links')
  git(join(directory, 'with-hard-links'), 'fsck', '--full')
}

test('git clones, changes, packs and checks thousands of commits', { skip }, async (t) => {
  const host = scratch(t)
  const origin = join(host, 'origin')
  makeRepository(origin)
  const machine = await network!.withDrive(t)
  const mount = await machine.mount('demo', '--writeback-delay', '2s')
  const watch = new Stopwatch(`git, ${commits} commits: clone, changes, gc, repack, fsck`)
  watch.start()
  work(origin, host)
  watch.lap('host')
  watch.start()
  work(origin, mount)
  watch.lap('mount')
  t.comment(watch.toString())
  const clone = join(mount, 'clone')
  t.equal(git(clone, 'rev-list', '--count', 'origin/main'), `${commits}`)
  t.equal(git(clone, 'status', '--porcelain'), '')
  t.equal(
    git(clone, 'rev-parse', 'main^{tree}'),
    git(join(host, 'clone'), 'rev-parse', 'main^{tree}'),
  )
  await machine.ok('sync', mount)

  const there = await new Machine(t, machine).mount('demo', '--read-only')
  git(join(there, 'clone'), 'fsck', '--full', '--strict')
  t.equal(git(join(there, 'clone'), '--no-optional-locks', 'status', '--porcelain'), '')
  const again = join(host, 'again')
  tool('git', ['-c', 'safe.directory=*', 'clone', '-q', '--no-local', join(there, 'clone'), again])
  t.equal(git(again, 'rev-parse', 'main'), git(clone, 'rev-parse', 'main'))
})
