import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { noMounts } from '../e2e/machine.ts'
import { followPage } from './follow-page.ts'
import { guideNetwork } from './network.ts'

const network = noMounts() ? undefined : await guideNetwork(tap)

/** Troubles come last: they happen to the network of all. */
const order = [
  'README',
  'backup',
  'shared-drive',
  'publish-a-site',
  'from-s3',
  'features',
  'troubleshooting',
]

test('no guide is left out', async (t) => {
  const guides = readdirSync(join(import.meta.dirname, '../../src/guides'))
  t.same(guides.sort(), [...order, 'first-hour'].map((name) => `${name}.md`).sort())
})

for (const name of order) {
  test(`src/guides/${name}.md does what it says`, { skip: noMounts() }, async (t) => {
    await followPage(t, `src/guides/${name}.md`, network!)
  })
}
