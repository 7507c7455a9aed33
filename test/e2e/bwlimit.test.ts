import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { Machine, noMounts } from './machine.ts'

const skip = noMounts()
const network = skip ? undefined : await Machine.withDevnet(tap)

test('a limit is taken, shown, changed, and refused where it is none', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  const junk = await machine.run('mount', 'demo', machine.mountPoint(), '--bwlimit', 'fast')
  t.match(junk, { code: 2, stderr: /"fast" is no rate .*512K/ })
  const mount = await machine.mount('demo', '--bwlimit', '8M:off')
  t.match((await machine.status(mount)).bandwidth, { limit: '8M:off', up: 8 << 20 })
  const bytes = randomBytes(300_000)
  writeFileSync(join(mount, 'file'), bytes)
  await machine.ok('sync', mount)
  const set = await machine.ok('bwlimit', mount, '00:00,16M:8M', '12:00,16M:8M')
  t.match(set, /up 16\.0 MiB\/s, down 8\.0 MiB\/s \(00:00,16M:8M 12:00,16M:8M\)/)
  t.match(await machine.run('bwlimit', mount, '12'), { code: 2, stderr: /"12" is no rate/ })
  t.match(await machine.ok('status', mount), /bandwidth +up 16\.0 MiB\/s/)
  const second = new Machine(t, machine)
  const variables = { WALRUSFS_BWLIMIT: 'off:4M' }
  const there = second.mountPoint()
  t.equal((await second.runIn(variables, 'mount', 'demo', there, '--read-only')).code, 0)
  t.match(await second.ok('bwlimit', there), /up no limit, down 4\.0 MiB\/s/)
  t.ok(readFileSync(join(there, 'file')).equals(bytes))
})
