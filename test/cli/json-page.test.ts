import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'tap'
import { allEntries } from '../../src/cli/completion/script-parts.ts'
import { entriesOf } from '../../src/cli/command-table.ts'
import { commands } from '../../src/cli/commands/index.ts'
import { jsonPage, jsonResults, titleOf } from '../../src/cli/json/page.ts'

const readme = resolve(import.meta.dirname, '../../src/cli/README.md')

test('the README says what --json prints, as the table has it', async (t) => {
  const text = readFileSync(readme, 'utf8')
  t.equal(text.slice(text.indexOf('### any command that fails')), jsonPage())
})

test('every command is in the table, but those that print text or bytes', async (t) => {
  const without = ['cat', 'completion', 'man', 'devnet', 'config', 'keys', 'devnet start']
  const all = allEntries(entriesOf(commands)).map(({ path }) => path)
  const told = new Set(jsonResults.map(({ command }) => command))
  t.same([...told].sort(), all.filter((path) => !without.includes(path)).sort())
})

test('no two sections have one title', async (t) => {
  const titles = jsonResults.map(titleOf)
  t.same(titles, [...new Set(titles)])
})
