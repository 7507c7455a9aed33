import { spawnSync } from 'node:child_process'
import { closeSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { mounted, whyNoMount } from './mounted.ts'

const skip = whyNoMount()

/** What lseek(2) finds from the start of a file, by another process. */
function extentsOf(path: string): string {
  const script = `
import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY)
at = 0
try:
    while True:
        data = os.lseek(fd, at, os.SEEK_DATA)
        at = os.lseek(fd, data, os.SEEK_HOLE)
        print(f'{data}-{at}')
except OSError as error:
    print(os.strerror(error.errno))
`
  return spawnSync('python3', ['-c', script, path], { encoding: 'utf8' }).stdout.trim()
}

const noPython = spawnSync('python3', ['--version']).error ? 'needs python3' : false

test(
  'data that the kernel still keeps to itself is no hole',
  { skip: skip || noPython },
  async (t) => {
    const file = join(await mounted(t), 'file')
    const fd = openSync(file, 'w+')
    writeSync(fd, 'x'.repeat(5000), 0)
    writeSync(fd, 'y'.repeat(100), 1 << 20)
    // The kernel writes whole pages.
    t.match(extentsOf(file), /^0-8192\n1048576-1048676\n/)
    ftruncateSync(fd, 2 << 20)
    writeSync(fd, 'z', 5000)
    t.match(extentsOf(file), /^0-8192\n1048576-1048676\n/)
    closeSync(fd)
    t.match(extentsOf(file), /^0-8192\n1048576-1048676\n/)
  },
)

test('an open file never looks as if it were one hole', { skip }, async (t) => {
  const dir = await mounted(t)
  const fd = openSync(join(dir, 'log'), 'a')
  writeSync(fd, 'x'.repeat(100_000))
  t.ok(statSync(join(dir, 'log')).blocks > 0)
  const archive = spawnSync('tar', ['-c', '-S', '-C', dir, 'log'], { maxBuffer: 1 << 20 }).stdout
  t.ok(archive.includes('x'.repeat(90_000)), 'tar -S takes its bytes')
  fsyncSync(fd)
  closeSync(fd)
  t.ok(statSync(join(dir, 'log')).blocks >= 196)
})
