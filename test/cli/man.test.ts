import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { entriesOf } from '../../src/cli/command-table.ts'
import { commands } from '../../src/cli/commands/index.ts'
import { allEntries, switchesOf } from '../../src/cli/completion/script-parts.ts'
import { plain } from '../../src/cli/manual/roff.ts'
import { manualPages } from '../../src/cli/manual/pages.ts'
import { exitCodes } from '../../src/terms/trouble.ts'
import { commandLine } from './command-line.ts'

const epoch = { SOURCE_DATE_EPOCH: '1700000000' }

test('every command has a page that says all of its help', async (t) => {
  const pages = await manualPages(epoch)
  const textOf = (name: string, section: number) =>
    pages.find((page) => page.name === name && page.section === section)?.text ?? ''
  for (const entry of allEntries(entriesOf(commands))) {
    const text = textOf(`walrusfs-${entry.path.split(' ')[0]}`, 1)
    for (const flag of entry.flags) {
      for (const word of switchesOf(flag)) t.ok(text.includes(plain(word)), `${entry.path} ${word}`)
    }
    for (const { name } of entry.positionals) t.ok(text.includes(`\\fI${name}\\fR`), name)
    t.notMatch(text, /undefined|\[object/)
  }
  const main = textOf('walrusfs', 1)
  for (const [code, number] of Object.entries(exitCodes)) {
    t.ok(main.includes(`\\fB${number}\\fR ${plain(code)}\n`), `exit ${number}`)
  }
  t.match(textOf('walrusfs-config', 5), /cacheSize/)
  t.match(textOf('mount.walrusfs', 8), /cache_size=/)
  t.match(main, /2023\\-11\\-14|2023-11-14/, 'dated by SOURCE_DATE_EPOCH')
})

test('the pages are good roff', async (t) => {
  const { home, run } = commandLine(t)
  const { code, stderr } = run('man', '--to', home)
  t.equal(code, 0, stderr)
  const files = [1, 5, 8].flatMap((section) => {
    const directory = join(home, `man${section}`)
    return readdirSync(directory).map((name) => join(directory, name))
  })
  t.ok(files.length > 20)
  for (const file of files) {
    const lines = readFileSync(file, 'utf8').split('\n')
    t.match(lines[0], /^\.TH \S+ [158] \d{4}-\d\d-\d\d "walrusfs /)
    t.equal(lines[1], '.SH NAME')
    for (const line of lines)
      t.match(line, /^(?!')(?:\.(?:TH|SH|SS|PP|TP|RS|RE|nf|fi)\b|[^.]|$)[\0-\x7e]*$/, file)
  }
  const linters: [string, ...string[]][] = [
    ['mandoc', '-T', 'lint', '-W', 'warning'],
    ['groff', '-man', '-Tutf8', '-ww', '-z'],
  ]
  for (const [linter, ...args] of linters) {
    const {
      error,
      stdout,
      stderr: words,
    } = spawnSync(linter, [...args, ...files], { encoding: 'utf8' })
    if (error) t.comment(`${linter} is not installed: not asked`)
    else t.equal(`${stdout}${words}`, '', linter)
  }
})

test('man prints one page, and names those that there are', async (t) => {
  const { run } = commandLine(t)
  t.match(run('man').stdout, /^\.TH WALRUSFS 1/)
  t.match(run('man', 'mount').stdout, /^\.TH WALRUSFS\\-MOUNT 1/)
  t.match(run('man', 'config.5').stdout, /^\.TH WALRUSFS\\-CONFIG 5/)
  t.match(run('man', 'mount.walrusfs').stdout, /^\.TH MOUNT.WALRUSFS 8/)
  const { code, stderr } = run('man', 'nosuch')
  t.equal(code, exitCodes['not-found'])
  t.match(stderr, /"nosuch"; there are walrusfs\.1, /)
})
