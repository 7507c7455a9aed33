import { readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { Machine, scratch, tool } from '../e2e/machine.ts'
import { expected, makeProject } from './c-project.ts'
import { lacking, nightlyNetwork, Stopwatch } from './nightly.ts'

const network = await nightlyNetwork()
const skip = lacking({ make: 'make', gcc: 'gcc libc6-dev' })

function make(cwd: string, ...args: string[]): string {
  return tool('make', ['-j2', ...args], { cwd })
}

test('make -j2 builds a C project, and again only what changed', { skip }, async (t) => {
  const host = join(scratch(t), 'project')
  const machine = await network!.withDrive(t)
  const mount = await machine.mount('demo', '--writeback-delay', '1s')
  const watch = new Stopwatch('make -j2 of a C project of 50 files, twice')
  const project = join(mount, 'project')
  for (const where of [host, project]) {
    makeProject(where)
    watch.start()
    make(where)
    make(where, 'clean')
    make(where)
    watch.lap(where === host ? 'host' : 'mount')
  }
  t.comment(watch.toString())
  for (const file of ['program', 'libtwo.so', 'libone.a']) {
    t.ok(
      readFileSync(join(project, 'build', file)).equals(readFileSync(join(host, 'build', file))),
      `${file} is the same as the one built on the host`,
    )
  }
  t.equal(tool(join(project, 'build/program'), []), expected(50), 'it runs from the mount')
  make(project, '--question')

  utimesSync(join(project, 'include/part7.h'), new Date(), new Date())
  const compiled = make(project).match(/-c -o \S+/g)
  t.same(compiled?.toSorted(), ['-c -o build/main.o', '-c -o build/part7.o'])
  make(project, '--question')
  await machine.ok('sync', mount)

  const there = await new Machine(t, machine).mount('demo', '--read-only')
  make(join(there, 'project'), '--question')
  t.equal(tool(join(there, 'project/build/program'), []), expected(50), 'on another machine')
})
