import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'

const script = join(import.meta.dirname, 'bounded-writer.ts')

/** Has lines appended to a file in a new process. */
function append(file: string, maxBytes: number, lines: number): void {
  const log = openSync(file, 'a')
  const args = [script, file, String(maxBytes), String(lines)]
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', log] })
  closeSync(log)
  if (status !== 0) throw new Error(readFileSync(file, 'utf8'))
}

const numbers = (file: string): number[] =>
  readFileSync(file, 'utf8').trimEnd().split('\n').map(parseFloat)

test('a log is kept small, and its last lines are all there', (t) => {
  const file = join(t.testdir(), 'daemon.log')
  append(file, 20_000, 1050)
  const [old, now] = [numbers(`${file}.1`), numbers(file)]
  t.equal(old.length, 200)
  t.equal(now.length, 50)
  t.same(
    [...old, ...now],
    Array.from({ length: 250 }, (_, i) => 800 + i),
  )
  t.end()
})

test('what an earlier process left counts', (t) => {
  const file = join(t.testdir(), 'daemon.log')
  append(file, 20_000, 150)
  t.notOk(existsSync(`${file}.1`))
  append(file, 20_000, 100)
  t.equal(numbers(`${file}.1`).length, 200)
  t.equal(numbers(file).length, 50)
  t.end()
})

test('where there is no room for a copy it is twice as long, and begins anew', (t) => {
  const file = join(t.testdir(), 'daemon.log')
  mkdirSync(`${file}.1`)
  append(file, 20_000, 450)
  t.same(
    numbers(file),
    Array.from({ length: 50 }, (_, i) => 400 + i),
  )
  t.end()
})

test('a line longer than that is written all the same', (t) => {
  const file = join(t.testdir(), 'daemon.log')
  append(file, 50, 3)
  t.same(numbers(file), [2])
  t.same(numbers(`${file}.1`), [1])
  t.equal(statSync(`${file}.1`).mode, statSync(file).mode)
  t.end()
})
