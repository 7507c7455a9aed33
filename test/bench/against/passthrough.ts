import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMounted, until } from '../../e2e/machine.ts'
import type { Ends } from '../harness/ends.ts'
import { hasProgram } from './rival.ts'
import type { Rival } from './rival.ts'

/** Of Debian's libfuse3-dev; gzip where the package compresses its examples. */
const examples = '/usr/share/doc/libfuse3-dev/examples'
const source = 'passthrough_ll.c'
/** The file system whose names the kernel does not drop, so that the program behind it need not read them again. */
const inMemory = '/dev/shm'

/** What it is called in tables. */
export const inC = 'C passthrough of memory'

/**
 * Compiles and mounts libfuse's own example, which hands every request on to another directory. It works by inode, as the
 * kernel asks, lets the kernel keep names and attributes, and gather what is written.
 */
export async function passthroughOf(ends: Ends): Promise<Rival> {
  const missing = whatIsMissing()
  if (missing) return { missing }
  const home = mkdtempSync(join(tmpdir(), 'walrusfs-passthrough-'))
  const behind = mkdtempSync(join(existsSync(inMemory) ? inMemory : home, 'walrusfs-behind-'))
  ends.teardown(() => {
    for (const path of [home, behind]) rmSync(path, { recursive: true, force: true })
  })
  const failure = compile(home)
  if (failure) return { missing: failure }
  const path = join(home, 'mount')
  mkdirSync(path)
  const options = `source=${behind},cache=always,writeback`
  const server = spawn(join(home, 'passthrough'), ['-f', '-o', options, path], { stdio: 'ignore' })
  const ended = new Promise((resolve) => server.on('exit', resolve))
  ends.teardown(async () => {
    spawnSync('fusermount3', ['-u', '-z', '--', path])
    server.kill('SIGTERM')
    await ended
  })
  await until(() => isMounted(path), 'the passthrough to mount')
  return { path }
}

function whatIsMissing(): string | undefined {
  if (!hasProgram('gcc', '--version')) return 'gcc is not installed (apt-get install gcc)'
  const found = [source, `${source}.gz`].some((name) => existsSync(join(examples, name)))
  return found ? undefined : 'libfuse3-dev is not installed (apt-get install libfuse3-dev)'
}

/** What went wrong; undefined when the program is there. */
function compile(home: string): string | undefined {
  const commands = [
    `zcat -f ${examples}/${source}* > ${source}`,
    `cp ${examples}/passthrough_helpers.h . || zcat ${examples}/passthrough_helpers.h.gz > passthrough_helpers.h`,
    `gcc -O2 -o passthrough ${source} $(pkg-config --cflags --libs fuse3 || echo -I/usr/include/fuse3 -lfuse3 -lpthread)`,
  ]
  const { status, stderr } = spawnSync('sh', ['-ec', commands.join('\n')], {
    cwd: home,
    encoding: 'utf8',
  })
  return status === 0 ? undefined : `${source} does not compile: ${stderr.slice(0, 200)}`
}
