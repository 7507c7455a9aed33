import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { Spending } from '../../src/renewal/spending.ts'

test('it adds up in an epoch, starts anew in the next, and survives', async (t) => {
  const path = join(t.testdir(), 'new', 'renewal.json')
  const spending = new Spending(path)
  t.equal(spending.in(7), 0n)
  spending.add(7, 5n)
  spending.add(7, 10n ** 18n)
  t.equal(spending.in(7), 10n ** 18n + 5n)
  t.equal(new Spending(path).in(7), 10n ** 18n + 5n)
  t.equal(new Spending(path).in(8), 0n)
  new Spending(path).add(8, 1n)
  t.equal(new Spending(path).in(8), 1n)
})

test('a damaged file counts as nothing spent', async (t) => {
  const path = join(t.testdir(), 'renewal.json')
  for (const text of ['', '{', '{"epoch":"7","frost":"1"}', '{"epoch":7,"frost":"x"}', 'null']) {
    writeFileSync(path, text)
    t.equal(new Spending(path).in(7), 0n, text)
  }
  new Spending(path).add(7, 2n)
  t.match(readFileSync(path, 'utf8'), '"2"')
})
