import { test } from 'tap'
import { blocksOf } from './page.ts'
import { isShown, withNames } from './shown-output.ts'

const fenced = (info: string, text: string, above = '') =>
  `${above}\n\`\`\`${info}\n${text}\n\`\`\`\n`

test('a page is its blocks of shell, with what they print', async (t) => {
  const page = [
    fenced('sh', 'one\ntwo'),
    fenced('text', 'printed'),
    fenced('yaml', 'no: shell'),
    fenced(
      'console',
      '$ three \\\n  four\nprinted, too\n$ five',
      '<!-- on: bob -->\n<!-- fails: 9 -->',
    ),
    fenced('bash', 'six', '<!-- not run: it\nrains -->'),
    fenced('sh', 'seven', '<!-- before:\nrain\nstops\n-->'),
  ].join('\nWords.\n')
  t.same(blocksOf(page), [
    {
      line: 2,
      commands: [{ text: 'one\ntwo\n', shows: 'printed\n' }],
      before: undefined,
      marks: {},
    },
    {
      line: 22,
      commands: [
        { text: 'three \\\n  four', shows: 'printed, too\n' },
        { text: 'five', shows: '' },
      ],
      before: undefined,
      marks: { on: 'bob', fails: 9 },
    },
    {
      line: 32,
      commands: [{ text: 'six\n', shows: undefined }],
      before: undefined,
      marks: { notRun: 'it\nrains' },
    },
    {
      line: 41,
      commands: [{ text: 'seven\n', shows: undefined }],
      before: 'rain\nstops\n',
      marks: {},
    },
  ])
})

test('what a page cannot mean is refused', async (t) => {
  const refused = (page: string, why: RegExp) => t.throws(() => blocksOf(page), why)
  refused(fenced('', 'rm'), /does not say what it is/)
  refused(fenced('sh', 'rm', '<!-- not run: -->'), /nobody knows the mark/)
  refused(fenced('sh', 'rm', '<!-- skip -->'), /nobody knows the mark/)
  refused(fenced('sh', 'rm', '<!-- not run: it rains -->\n\nWords.\n'), /stands above no block/)
  refused(fenced('text', 'printed'), /there is none/)
  refused(fenced('console', 'printed\n$ one'), /before any command/)
})

test('ids, times and sizes of this machine may differ, and nothing else', async (t) => {
  const known = new Map<string, string>()
  const shown = (shows: string, output: string) => isShown(shows, output, known)
  const id = (digit: string) => `0x${digit.repeat(64)}`
  t.ok(
    shown(
      `made ${id('a')} at 2026-01-01T00:00:00Z\n`,
      `made ${id('b')} at 2027-02-03T04:05:06.789Z\n`,
    ),
  )
  t.notOk(shown(`made ${id('a')}\n`, `lost ${id('a')}\n`))
  t.notOk(shown('3 files\n', '4 files\n'))
  t.notOk(shown('one\n', 'one\ntwo\n'))
  t.ok(shown('one\n…\nfour\n', 'one\ntwo\nthree\nfour\n'), 'lines left out')
  t.ok(shown('one\n…\n', 'one\n'), 'none of them')
  t.ok(shown('about …%, done\n', 'about 12.5%, done\n'), 'a part of a line left out')
  t.notOk(shown('about …\n', 'about\nit\n'), 'one line')

  t.ok(shown('manifest  0xMANIFEST\n', `manifest  ${id('c')}\n`), 'a name is learned')
  t.equal(withNames('mount 0xMANIFEST', known), `mount ${id('c')}`)
  t.ok(shown('0xMANIFEST is mounted\n', `${id('c')} is mounted\n`))
  t.notOk(shown('0xMANIFEST is mounted\n', `${id('d')} is mounted\n`), 'and stays what it is')
  t.throws(() => withNames('mount 0xOTHER', known), /nothing has shown/)
})
