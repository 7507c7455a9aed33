import tap, { test } from 'tap'
import { noMounts } from '../e2e/machine.ts'
import { followPage } from './follow-page.ts'
import { guideNetwork } from './network.ts'

/** Of its own: troubles happen to all of a network. */
const network = noMounts() ? undefined : await guideNetwork(tap)

test('each symptom is what it is said to be, and is mended', { skip: noMounts() }, async (t) => {
  t.setTimeout(600_000)
  await followPage(t, 'src/guides/troubleshooting.md', network!)
})
