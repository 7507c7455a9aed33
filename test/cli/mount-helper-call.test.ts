import { test } from 'tap'
import { descriptorsIn, withoutHelperCall } from '../../src/cli/mount-helper-call.ts'

const commands = new Set(['mount', 'ls', 'get'])

test('calls as mount.fuse3 makes them become the mount command', async (t) => {
  for (const args of [
    ['demo', '/srv/demo', '-o', 'rw,allow_other'],
    ['demo', '/dev/fd/5', '-o', 'rw'],
    ['demo', '/dev/fd/5'],
  ]) {
    t.same(withoutHelperCall(args, commands), ['mount', '--quiet', ...args])
  }
})

test('everything else stays as it is', async (t) => {
  for (const args of [
    [],
    ['--help'],
    ['demo'],
    ['mount', '/dev/fd/5', '/x'],
    ['get', 'demo:/a', '-o', 'x'],
    ['mnt', 'demo', '/srv/demo'],
    ['-o', 'x', '-o'],
  ]) {
    t.same(withoutHelperCall(args, commands), args)
  }
})

test('descriptors that the daemon needs are found', async (t) => {
  t.same(descriptorsIn(['demo', '/dev/fd/12', '-o', 'fsname=/dev/fd/3']), [12])
  t.same(descriptorsIn(['mount', 'demo', '/mnt']), [])
})
