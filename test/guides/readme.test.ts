import { test } from 'tap'
import { noMounts } from '../e2e/machine.ts'
import { followPage } from './follow-page.ts'

test('README.md does what it says', { skip: noMounts() }, async (t) => {
  t.setTimeout(600_000)
  await followPage(t, 'README.md', { checkout: true })
})
