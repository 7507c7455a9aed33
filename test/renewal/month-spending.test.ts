import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { MonthSpending } from '../../src/renewal/month-spending.ts'
import type { BlobId } from '../../src/terms/blob-id.ts'

const [a, b] = ['a', 'b'] as unknown as [BlobId, BlobId]
const november = Date.UTC(2026, 10, 30, 23, 59, 59)
const december = Date.UTC(2026, 11, 1)

function bookAt(path: string) {
  const clock = { now: november, damaged: 0 }
  const open = () =>
    new MonthSpending(
      path,
      () => clock.now,
      () => clock.damaged++,
    )
  return { clock, open }
}

test('a purchase counts from before it is made, through a crash, and once', async (t) => {
  const { open } = bookAt(join(t.testdir(), 'new', 'spending.json'))
  const spending = open()
  spending.begin(
    new Map([
      [a, 5n],
      [b, 0n],
    ]),
  )
  t.same(open().spent(), { stored: 0n, renewed: 0n, open: 5n })
  t.same(open().spent(new Set([a])), { stored: 0n, renewed: 0n, open: 0n }, 'for itself')
  // After a crash it costs nothing any more: it is ours.
  const again = open()
  again.begin(
    new Map([
      [a, 0n],
      [b, 1n],
    ]),
  )
  again.settle([a, b])
  again.settle([a])
  t.same(open().spent(), { stored: 6n, renewed: 0n, open: 0n })
  again.renewed(10n ** 18n)
  t.equal(open().spent().renewed, 10n ** 18n)
})

test('a new month begins with nothing, and a clock that goes back finds what was spent', async (t) => {
  const { clock, open } = bookAt(join(t.testdir(), 'spending.json'))
  const spending = open()
  spending.begin(new Map([[a, 7n]]))
  spending.settle([a])
  spending.begin(new Map([[b, 1n]]))
  t.equal(spending.month, '2026-11')
  clock.now = december
  t.same(spending.spent(), { stored: 0n, renewed: 0n, open: 0n })
  spending.renewed(2n)
  clock.now = november
  t.equal(spending.spent().stored, 7n)
  t.equal(spending.spent().open, 0n, 'what was begun is not remembered into another month')
})

test('a damaged file is told, and counts as nothing spent', async (t) => {
  const path = join(t.testdir(), 'spending.json')
  const { clock, open } = bookAt(path)
  const bad = [
    '',
    '{',
    'null',
    '{"months":{}}',
    '{"months":{"2026-11":{"stored":"-1","renewed":"0"}},"open":{}}',
    '{"months":{},"open":{"x":{"month":"x","cost":"1"}}}',
    '{"months":{},"open":{},"held":{"cost":"1"}}',
  ]
  for (const text of bad) {
    writeFileSync(path, text)
    clock.damaged = 0
    const spending = open()
    t.same(spending.spent(), { stored: 0n, renewed: 0n, open: 0n }, text)
    t.equal(spending.held, undefined)
    t.equal(clock.damaged, 1, 'told once')
  }
  open().renewed(2n)
  t.match(readFileSync(path, 'utf8'), '"2"')
})

test('two processes share a file', async (t) => {
  const { open } = bookAt(join(t.testdir(), 'spending.json'))
  const [one, other] = [open(), open()]
  one.begin(new Map([[a, 1n]]))
  other.begin(new Map([[b, 2n]]))
  one.settle([a])
  other.settle([b])
  t.equal(one.spent().stored, 3n)
  other.hold({ sinceMs: 1, cost: 9n, bytes: 3, askedMs: 2 })
  t.same(one.held, { sinceMs: 1, cost: 9n, bytes: 3, askedMs: 2 })
  one.hold(undefined)
  t.equal(other.held, undefined)
})
