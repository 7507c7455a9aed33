import fc from 'fast-check'
import { test } from 'tap'
import { LineLog } from '../../src/runtime/log.ts'
import { visibleLines, visibleText } from '../../src/runtime/visible-text.ts'

test('what a terminal would obey is shown, and all else stays', (t) => {
  t.equal(visibleText('a\nb\tc\r'), String.raw`a\nb\tc\r`)
  t.equal(visibleText('\x1b[2J\x1b]0;title\x07'), String.raw`\u001b[2J\u001b]0;title\u0007`)
  t.equal(visibleText('\x7f\x9b31m\u2028'), String.raw`\u007f\u009b31m\u2028`)
  t.equal(visibleText('gpj\u202eexe.'), String.raw`gpj\u202eexe.`)
  t.equal(visibleText('\ud800'), String.raw`\ud800`)
  for (const fine of ['', 'C:\\n', 'naïve 日本語 👩‍👩‍👧 ﷽', '100 % “quoted”'])
    t.equal(visibleText(fine), fine)
  t.end()
})

test('whatever it is: one line without controls; JSON stays the same value', (t) => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, (any) => {
      if (/\p{Cc}/u.test(visibleText(any))) throw new Error('a control')
    }),
  )
  fc.assert(
    fc.property(fc.array(fc.array(text)), (value) => {
      const json = visibleLines(JSON.stringify(value, undefined, 2))
      if (JSON.stringify(JSON.parse(json)) !== JSON.stringify(value)) throw new Error(json)
    }),
  )
  t.end()
})

test('a line of the log is one line', (t) => {
  const lines: string[] = []
  const log = new LineLog((line) => lines.push(line), 'debug')
  log.error('no such file: /a\n2026 error forged\x1b[2K', { path: 'b\x9b1A' })
  t.equal(lines.length, 1)
  t.match(lines[0], String.raw`no such file: /a\n2026 error forged\u001b[2K path="b\u009b1A"`)
  t.end()
})
