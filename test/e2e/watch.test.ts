import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import tap, { test } from 'tap'
import type { DriveStatus } from '../../src/control/status.ts'
import { Machine, noMounts } from './machine.ts'
import { Watching } from './watching.ts'

const skip = noMounts()
const network = skip ? undefined : await Machine.withDevnet(tap)

test('a watched mount', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  t.teardown(() => machine.ok('devnet', 'fault', 'clear'))
  const mount = await machine.mount('demo', '--writeback-delay', '1h', '--append-delay', 'off')
  const lines = new Watching(machine.spawn('status', mount, '--watch'))
  const json = new Watching(machine.spawn('status', mount, '--watch', '--json'))
  const terminal = Watching.terminal(machine, 'status', mount, '--watch')
  await lines.shows(/committed: sequence 0\n.*health: ok\n/)
  await terminal.shows(/health {7}ok/)
  await json.shows(/\n/)

  writeFileSync(join(mount, 'file'), randomBytes(3_000_000))
  await lines.shows(/only here: 2\.9 MiB\n/)
  await terminal.shows(/only here {4}2\.9 MiB, oldest/)
  for (const node of ['0', '1']) {
    await machine.ok('devnet', 'fault', 'slow', node, '--ms', '700', '--on', 'slivers')
  }
  const synced = machine.ok('sync', mount)
  await lines.shows(/upload: 2\.9 MiB\n/)
  await terminal.shows(/upload\s+\[[#·]+\]/)
  await machine.ok('devnet', 'fault', 'clear')
  await synced
  await lines.shows(/committed: sequence 1\n/)
  await machine.ok('devnet', 'fault', 'stop', '2')
  writeFileSync(join(mount, 'other'), randomBytes(50_000))
  await machine.ok('sync', mount)
  await lines.shows(/problem: storage node node-2 is down.*\n.*health: degraded\n/)

  await t.test('Ctrl-C is how it ends', async (t) => {
    t.ok(terminal.text.includes('\x1b['), 'a terminal is written over')
    const last = stripVTControlCharacters(terminal.text.slice(terminal.text.lastIndexOf('\x1b[J')))
    t.ok(last.split('\r\n').every((line) => line.length < 70))
    t.notOk(terminal.text.includes('\x1b[3'), 'NO_COLOR')
    terminal.child.stdin!.write('\x03')
    t.match(await terminal.finished, { code: 0 })
  })

  await t.test('a line for each change, and an end with the mount', async (t) => {
    await machine.ok('devnet', 'fault', 'clear')
    await machine.ok('umount', mount)
    const { code, stdout, stderr } = await lines.finished
    t.match({ code, stderr }, { code: 0, stderr: '' })
    t.match(stdout, new RegExp(`  ${mount} was unmounted\n$`))
    t.equal(stripVTControlCharacters(stdout), stdout)
    t.notOk(stdout.includes('\r'))
    const texts = stdout.trim().split('\n')
    for (const line of texts) t.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z {2}\S/)
    t.equal(new Set(texts.map((line) => line.slice(26))).size, texts.length, 'none is said twice')
    const states = (await json.finished).stdout.trim().split('\n')
    const told = states.map((line) => JSON.parse(line) as DriveStatus)
    t.match(told[0], { sequence: '0', writeback: { dirty: false } })
    t.ok(told.some(({ writeback }) => writeback.step === 'upload'))
    t.ok(told.some(({ health }) => health === 'degraded'))
  })
})

test('a daemon that is killed is told', { skip }, async (t) => {
  const machine = await network!.withDrive(t)
  const mount = await machine.mount()
  const lines = new Watching(machine.spawn('status', '--watch'))
  const head = machine.runs('sh', [
    '-c',
    `${process.execPath} src/cli/main.ts status --watch | head -n 1`,
  ])
  await lines.shows(/committed/)
  writeFileSync(join(mount, 'file'), 'one more line')
  await machine.ok('sync', mount)
  t.match(await head, { code: 0, stderr: '' }, 'whoever reads no more has had enough')
  process.kill(await machine.pidOf(mount), 'SIGKILL')
  const { code, stderr } = await lines.finished
  t.not(code, 0)
  t.match(stderr, /has ended without unmounting: mount demo again/)
  const { stderr: usage } = await machine.run('status', '--watch', '--metrics')
  t.ok(usage.length > 0)
})
