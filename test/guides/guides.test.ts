import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import tap, { test } from 'tap'
import { noMounts } from '../e2e/machine.ts'
import { followPage } from './follow-page.ts'
import { guideNetwork } from './network.ts'

const network = noMounts() ? undefined : await guideNetwork(tap)
const here = ['README', 'backup', 'features', 'from-s3', 'publish-a-site', 'shared-drive']
const elsewhere = ['first-hour', 'troubleshooting']

test('no guide is left out', async (t) => {
  const guides = readdirSync(join(import.meta.dirname, '../../src/guides'))
  t.same(guides.sort(), [...here, ...elsewhere].map((name) => `${name}.md`).sort())
})

for (const name of here) {
  test(`src/guides/${name}.md does what it says`, { skip: noMounts() }, async (t) => {
    t.setTimeout(600_000)
    await followPage(t, `src/guides/${name}.md`, network!)
  })
}
