import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type Test } from 'tap'
import { Machine, noMounts } from './machine.ts'

/** Reads the Prometheus text format, 0.0.4, and fails where a line is none of it. */
function parsed(t: Test, text: string): Map<string, number> {
  const values = new Map<string, number>()
  const told = new Set<string>()
  t.ok(text.endsWith('\n'))
  for (const line of text.trimEnd().split('\n')) {
    const about = /^# (HELP|TYPE) (walrusfs_[a-z0-9_]+) (.+)$/.exec(line)
    if (about) {
      const [, kind, name, words] = about
      if (told.has(`${kind} ${name}`)) t.fail(`${kind} of ${name} is told twice`)
      told.add(`${kind} ${name}`)
      if (kind === 'TYPE')
        t.equal(words, name!.endsWith('_total') ? 'counter' : 'gauge', `${name} ${words}`)
      continue
    }
    const [, name, value] = /^(walrusfs_[a-z0-9_]+)\{drive="demo"\} (\S+)$/.exec(line) ?? []
    if (name === undefined) t.fail(`no metric: ${line}`)
    else if (values.has(name)) t.fail(`${name} has two values`)
    else values.set(name, Number(value))
    t.ok(told.has(`HELP ${name}`) && told.has(`TYPE ${name}`), `${name}`)
  }
  return values
}

test('what status says, the metrics say', { skip: noMounts() }, async (t) => {
  const machine = await Machine.withDevnet(t)
  await machine.create('demo')
  const mount = await machine.mount('demo', '--bwlimit', '8M:16M', '-o', 'writeback_delay=1h')
  const metrics = async () => parsed(t, await machine.ok('status', mount, '--metrics'))
  const first = await metrics()
  t.notOk([...first.values()].some(Number.isNaN), 'numbers all')
  const value = (of: Map<string, number>, name: string) => of.get(`walrusfs_${name}`)
  t.equal(value(first, 'limit_up_bytes_per_second'), 8 << 20)
  t.equal(value(first, 'limit_down_bytes_per_second'), 16 << 20)
  t.equal(value(first, 'offline'), 0)
  t.equal(value(first, 'dirty_bytes'), 0)
  t.equal(value(first, 'pinned_bytes'), undefined, 'nothing is pinned')

  writeFileSync(join(mount, 'file'), randomBytes(2 << 20))
  const [dirty, waiting] = [await metrics(), await machine.status(mount)]
  t.equal(value(dirty, 'dirty_bytes'), 2 << 20)
  t.ok(waiting.estimate)
  t.equal(value(dirty, 'next_commit_wal'), Number(waiting.estimate?.cost) / 1e9)
  await machine.ok('sync', mount)
  await machine.ok('pin', join(mount, 'file'), '--wait')
  await machine.ok('offline', mount, 'on')
  const [after, status] = [await metrics(), await machine.status(mount)]
  t.equal(value(after, 'commits_total'), 1)
  t.equal(value(after, 'sequence'), 1)
  t.equal(value(after, 'next_commit_wal'), undefined)
  t.ok(status.pins!.bytes > 2 << 20)
  t.equal(value(after, 'pinned_bytes'), status.pins?.bytes)
  t.equal(value(after, 'pinned_present_bytes'), status.pins?.presentBytes)
  t.equal(value(after, 'offline'), 1)
  t.equal(value(after, 'problems'), status.problems.length)
})
