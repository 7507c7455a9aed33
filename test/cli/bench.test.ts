import { mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { Line } from '../../src/cli/bench/report.ts'
import { linesOf } from '../../src/cli/bench/report.ts'
import { measureRound } from '../../src/cli/bench/round.ts'
import { exitCodes } from '../../src/terms/trouble.ts'
import { finish, Machine, scratch, until } from '../e2e/machine.ts'

const sizes = { fileBytes: 3 << 20, reads: 40, files: 30, fsyncs: 4 }
const tiny = ['--size', '3M', '--reads', '40', '--files', '30', '--fsyncs', '4']

/** Bytes that this process has handed to write(2) and been given by read(2). */
function moved(): { written: number; read: number } {
  const io = readFileSync('/proc/self/io', 'utf8')
  const of = (name: string): number => Number(new RegExp(`${name}: (\\d+)`).exec(io)![1])
  return { written: of('wchar'), read: of('rchar') }
}

test('a round says what it moved', { skip: process.platform !== 'linux' }, async (t) => {
  const before = moved()
  const round = measureRound(scratch(t), sizes)
  const now = moved()
  const counts = Object.fromEntries(
    Object.entries(round).map(([measure, { count }]) => [measure, count]),
  )
  const { fileBytes, reads, files, fsyncs } = sizes
  t.same(counts, {
    write: fileBytes,
    readCached: fileBytes,
    readUncached: fileBytes,
    randomRead: reads,
    create: files,
    stat: files,
    list: files,
    delete: files,
    fsync: fsyncs,
  })
  t.equal(now.written - before.written, fileBytes + (files + fsyncs) * 4096)
  const read = now.read - before.read - (2 * fileBytes + reads * 4096)
  t.ok(read >= 0 && read < 64 << 10, `${read} bytes more, of /proc itself`)
  for (const { seconds } of Object.values(round)) t.ok(seconds > 0)
})

test('figures are medians in their units, and ratios say how many times better', async (t) => {
  const rounds = (seconds: number[]) =>
    seconds.map((each) => ({
      write: { count: 3e6, seconds: each },
      fsync: { count: 10, seconds: each },
    }))
  const [write, fsync] = linesOf([rounds([3, 1, 2]), rounds([4, 4, 4])], sizes)
  t.match(write, { measure: 'write', value: 1.5, against: 0.75, ratio: 2, unit: 'MB/s' })
  t.match(fsync, { measure: 'fsync', value: 200, against: 400, ratio: 2, unit: 'ms' })
  t.equal(linesOf([rounds([1])], sizes).length, 2, 'what was not measured has no line')
})

test('walrusfs bench measures two directories and leaves nothing behind', async (t) => {
  const machine = new Machine(t)
  const [one, other] = [scratch(t), scratch(t)]
  const args = ['bench', one, '--against', other, '--rounds', '2', ...tiny]
  const { dir, measures } = await machine.json<{ dir: string; measures: Line[] }>(...args)
  t.equal(dir, one)
  for (const { rounds, againstRounds, value, against, ratio, better, title } of measures) {
    t.equal(rounds.length, 2, title)
    t.equal(againstRounds?.length, 2, title)
    const quotient = better === 'higher' ? value / against! : against! / value
    t.equal(ratio, quotient, title)
  }
  t.same([...readdirSync(one), ...readdirSync(other)], [])
  const table = await machine.ok('bench', one, '--rounds', '1', ...tiny)
  t.match(table, /write 3\.0 MiB until close +[\d.]+ MB\/s/)
})

test('an interrupted bench deletes what it wrote', async (t) => {
  const machine = new Machine(t)
  const directory = scratch(t)
  const running = machine.spawn('bench', directory, '--size', '256M', '--rounds', '1000')
  const ended = finish(running)
  await until(() => readdirSync(directory).length > 0, 'the bench to write')
  await sleep(100)
  running.kill('SIGINT')
  const { code, stderr } = await ended
  t.equal(code, exitCodes.interrupted)
  t.match(stderr, /interrupted/)
  t.same(readdirSync(directory), [])
})

test('what cannot be measured is refused in one line', async (t) => {
  const machine = new Machine(t)
  const directory = scratch(t)
  mkdirSync(join(directory, 'empty'))
  const empty = join(directory, 'empty')
  const refusals = [
    [exitCodes['not-found'], /is not there/, [join(directory, 'missing')]],
    [exitCodes.usage, /--size: "much" is no size/, [empty, '--size', 'much']],
    [
      exitCodes['disk-full'],
      /free and the measures need .*nothing was written/,
      [empty, '--size', '8000T'],
    ],
  ] as const
  for (const [exit, words, args] of refusals) {
    const { code, stdout, stderr } = await machine.run('bench', ...args)
    t.equal(code, exit, stderr)
    t.match(stderr, words)
    t.equal(stderr.trim().split('\n').length, 1, stderr)
    t.equal(stdout, '')
  }
  t.same(readdirSync(empty), [])
})
