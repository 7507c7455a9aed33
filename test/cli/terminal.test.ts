import { test } from 'tap'
import { Terminal } from '../../src/cli/terminal.ts'

const name = 'a\nwalrusfs: forged\x1b[2J\u009b1A'
const shown = String.raw`a\nwalrusfs: forged\u001b[2J\u009b1A`

test('names that others chose are shown, not obeyed', (t) => {
  const out = t.capture(process.stdout, 'write', () => true)
  const errors = t.capture(process.stderr, 'write', () => true)
  const lines = () => [name, { mark: '\x1b[32mok\x1b[39m', text: name }]
  new Terminal({ json: false, quiet: false }).result(undefined, lines)
  new Terminal({ json: true, quiet: false }).result({ name }, lines)
  const terminal = new Terminal({ json: false, quiet: false })
  for (const say of ['note', 'warn', 'error'] as const) terminal[say](`no such file: ${name}`)
  const [text, json] = out().map(({ args }) => String(args[0]))
  const said = errors().map(({ args }) => String(args[0]))
  t.equal(text, `${shown}\n\x1b[32mok\x1b[39m${shown}\n`)
  t.strictSame(JSON.parse(json!), { name })
  t.notOk(json!.includes('\x1b') || json!.includes('\u009b'))
  t.equal(said.length, 3)
  for (const line of said) t.ok(line.endsWith(`no such file: ${shown}\n`), JSON.stringify(line))
  t.end()
})
