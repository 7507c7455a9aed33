import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'tap'
import { exitCodes, exitMeanings, type TroubleCode } from '../../src/terms/trouble.ts'

const checkout = resolve(import.meta.dirname, '../..')
const guide = (name: string) => readFileSync(join(checkout, 'src/guides', name), 'utf8')

/** The cells of the rows of all tables that have so many. */
function rowsOf(page: string, cells: number): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| -|^\| +\| /.test(line))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter((row) => row.length === cells)
}

test('what walrusfs does is shown by a test that exists', async (t) => {
  const rows = rowsOf(guide('features.md'), 7)
  t.ok(rows.length > 30)
  for (const [feature, ours] of rows) {
    const tests = [...ours!.matchAll(/`([\w/-]+\.(?:test|app)\.ts)`/g)].map(([, path]) => path!)
    const page = /\]\(\.\.\/([\w/.-]+)/.exec(ours!)
    t.ok(tests.length > 0 || page, `${feature} is shown by something`)
    for (const path of tests) t.ok(existsSync(join(checkout, 'test', path)), `${feature}: ${path}`)
    if (page) t.ok(existsSync(join(checkout, 'src', page[1]!)), `${feature}: ${page[1]}`)
  }
})

test('every letter behind a cell is listed, and every listed one is used', async (t) => {
  const page = guide('features.md')
  const listed = rowsOf(page, 2).map(([letter]) => letter!)
  const used = [...page.matchAll(/\(((?:[RJMGT]\d?)(?:, [RJMGT]\d?)*)\)/g)].flatMap(([, letters]) =>
    letters!.split(', '),
  )
  t.same([...new Set(used)].sort(), listed.sort())
})

test('troubleshooting lists each exit status as it is', async (t) => {
  const rows = rowsOf(guide('troubleshooting.md'), 4)
  const listed = rows.slice(1).map(([status, name, meaning]) => [status, name, meaning])
  const codes = Object.entries(exitCodes) as [TroubleCode, number][]
  t.same(
    listed,
    codes.map(([name, status]) => [String(status), `\`${name}\``, exitMeanings[name]]),
  )
})

test('links between the guides, and out of them, lead somewhere', async (t) => {
  const pages = ['README.md', 'backup.md', 'features.md', 'first-hour.md', 'from-s3.md']
  for (const name of [...pages, 'publish-a-site.md', 'shared-drive.md', 'troubleshooting.md']) {
    const page = guide(name)
    for (const [, path, anchor] of page.matchAll(/\]\(([\w/.-]*)(?:#([\w-]+))?\)/g)) {
      const target = join(checkout, 'src/guides', path || name)
      t.ok(existsSync(target), `${name} -> ${path}`)
      if (anchor) t.ok(anchorsOf(target).includes(anchor), `${name} -> ${path}#${anchor}`)
    }
  }
})

/** As GitHub makes them of headings. */
function anchorsOf(path: string): string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)
  return [...headings].map(([, text]) =>
    text!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
