import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import tap, { test } from 'tap'
import { Machine, noMounts, scratch, tool } from './machine.ts'

const skip = noMounts()
const network = skip ? undefined : await Machine.withDevnet(tap)

function attribute(path: string, name: string): string {
  return tool('getfattr', ['--only-values', '-n', `user.walrus.${name}`, path])
}

test('attributes tell where a file is, and go with no copy', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  const mount = await machine.mount()
  t.equal(attribute(mount, 'sequence'), '0')
  const file = join(mount, 'file')
  const bytes = randomBytes(3 << 20)
  writeFileSync(file, bytes)
  t.equal(attribute(file, 'state'), 'dirty')
  t.equal(attribute(file, 'cached'), String(bytes.length))
  t.equal(attribute(file, 'cost'), '0', 'nothing is paid for yet')
  for (const name of ['blob', 'sequence'])
    t.throws(() => attribute(file, name), /No such attribute/)
  await machine.ok('sync', mount)
  t.equal(attribute(file, 'sequence'), '1')
  t.equal(attribute(mount, 'sequence'), '1')
  const { costPerEpoch } = await machine.json<{ costPerEpoch: string }>('cost', mount)
  const cost = Number(attribute(file, 'cost'))
  t.ok(cost > 0.9 * Number(costPerEpoch) && cost <= Number(costPerEpoch), `${cost}, nearly all`)
  t.equal(attribute(file, 'state'), 'stored')
  t.equal(attribute(mount, 'state'), 'stored')
  t.match(attribute(file, 'blob'), /^[\w-]{43}(,[\w-]{43})*$/)
  t.equal(attribute(file, 'pinned'), '0')
  t.throws(() => attribute(file, 'nothing'), /No such attribute/)

  const second = new Machine(t, machine)
  const there = await second.mount('demo', '--read-only')
  const far = join(there, 'file')
  t.equal(attribute(far, 'cached'), '0')
  const [part, open] = [Buffer.alloc(4096), openSync(far, 'r')]
  readSync(open, part, 0, part.length, 0)
  closeSync(open)
  t.ok(Number(attribute(far, 'cached')) > 0)
  t.equal(readFileSync(far).equals(bytes), true)
  t.equal(attribute(far, 'verified'), String(bytes.length))
  await second.ok('pin', far, '--wait')
  t.equal(attribute(far, 'pinned'), String(bytes.length))
  await second.ok('offline', there, 'on')
  t.throws(() => attribute(far, 'cost'), /No such attribute/, 'nobody can be asked')
  await second.ok('offline', there, 'off')
  t.equal(attribute(far, 'cost'), String(cost))

  t.equal(tool('getfattr', ['-d', '-m', '-', file]), '', 'they are not listed')
  const copy = join(scratch(t), 'copy')
  tool('cp', ['-a', file, copy])
  t.equal(tool('getfattr', ['-d', '-m', '-', '--absolute-names', copy]), '')
  const set = spawnSync('setfattr', ['-n', 'user.walrus.state', '-v', 'mine', file])
  t.match(String(set.stderr), /not supported/)
  const removed = spawnSync('setfattr', ['-x', 'user.walrus.state', file])
  t.match(String(removed.stderr), /not supported/)
})

test('.walrusfs/status.json is what status says, at each open', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  const mount = await machine.mount()
  const path = join(mount, '.walrusfs/status.json')
  const read = () => JSON.parse(tool('cat', [path])) as { offline: boolean; usedInodes: number }
  const before = read()
  t.match(before, { drive: 'demo', offline: false })
  writeFileSync(join(mount, 'file'), 'x')
  await machine.ok('offline', mount, 'on')
  t.match(read(), { offline: true, usedInodes: before.usedInodes + 1 })
  t.throws(() => writeFileSync(path, 'mine'), { code: /EACCES|EROFS/ })
  t.equal(statSync(path).isFile(), true)
})
