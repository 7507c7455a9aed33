import { test } from 'tap'
import { LineLog, NamelessLog } from '../../src/runtime/log.ts'

test('names of files are left out, and everything else is said', async (t) => {
  const lines: string[] = []
  const log = new NamelessLog(new LineLog((line) => lines.push(line), 'debug'))
  const room = log.room('scrub')
  for (const level of ['error', 'warn', 'info', 'debug'] as const) {
    room[level]('a piece is damaged', { path: 'secret/name', offset: 7 })
    log[level]('nothing else')
  }
  t.equal(lines.length, 8)
  t.notMatch(lines.join('\n'), /secret/)
  t.match(lines[0], /error scrub: a piece is damaged path=".*sealed.*" offset=7/)
  t.match(lines[1], /error nothing else$/)
})
