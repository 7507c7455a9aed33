import { test } from 'tap'
import { noMounts } from '../e2e/machine.ts'
import { followPage } from './follow-page.ts'

test('the first hour goes as it was recorded', { skip: noMounts() }, async (t) => {
  t.setTimeout(600_000)
  await followPage(t, 'src/guides/first-hour.md', {})
})
