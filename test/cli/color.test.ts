import { test } from 'tap'
import { canMoveCursor, paint, wantsColor } from '../../src/cli/color.ts'
import { commandLine } from './command-line.ts'

const [terminal, pipe] = [{ isTTY: true }, {}]

test('colours are for terminals, unless the environment says otherwise', async (t) => {
  const cases: [object, NodeJS.ProcessEnv, boolean][] = [
    [terminal, {}, true],
    [pipe, {}, false],
    [terminal, { NO_COLOR: '1' }, false],
    [terminal, { NO_COLOR: '' }, true],
    [terminal, { CLICOLOR: '0' }, false],
    [terminal, { CLICOLOR: '1' }, true],
    [terminal, { TERM: 'dumb' }, false],
    [pipe, { CLICOLOR: '1' }, false],
    [pipe, { CLICOLOR_FORCE: '1' }, true],
    [pipe, { CLICOLOR_FORCE: '0' }, false],
    [pipe, { FORCE_COLOR: '1' }, true],
    [terminal, { FORCE_COLOR: '0' }, false],
    [pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ]
  for (const [stream, env, wanted] of cases) {
    t.equal(wantsColor(stream, env), wanted, JSON.stringify({ stream, env }))
    t.equal(paint('red', 'x', stream, env) !== 'x', wanted)
  }
  t.equal(canMoveCursor(terminal, { NO_COLOR: '1' }), true, 'a progress bar has no colour')
  t.equal(canMoveCursor(terminal, { TERM: 'dumb' }), false)
  t.equal(canMoveCursor(pipe, {}), false)
})

test('what is not a terminal gets no control characters', async (t) => {
  const { run, runIn } = commandLine(t)
  // oxlint-disable-next-line no-control-regex
  const control = /[\0-\x09\x0b-\x1f\x7f]/
  for (const args of [['doctor'], ['status'], ['--help'], ['mount', '--help'], ['ls', 'x']]) {
    const { stdout, stderr } = run(...args)
    t.notMatch(stdout + stderr, control, args.join(' '))
    for (const line of stdout.split('\n')) if (args.includes('--help')) t.ok(line.length <= 100)
  }
  t.match(runIn({ FORCE_COLOR: '1' }, 'status').stderr, control)
})

test('with --json, failures are JSON too, those before a command runs included', async (t) => {
  const { run, runIn } = commandLine(t, 'mount: {cacheSize: big}')
  const cases = [
    [run('status', '--json'), 'not-running', 17],
    [run('status', '--json', '--colour'), 'usage', 2],
    [run('nosuch', '--json'), 'usage', 2],
    [run('devnet', 'fault', 'burn', '--json'), 'usage', 2],
    [run('ls', 'x', '--json'), 'config', 3],
    [runIn({ WALRUSFS_JSON: '1' }, 'ls'), 'usage', 2],
  ] as const
  for (const [{ code, stdout, stderr }, name, exit] of cases) {
    t.equal(code, exit)
    t.equal(stderr, '')
    const { error } = JSON.parse(stdout) as { error: { message: string } }
    t.match(error, { code: name, exit })
    t.ok(error.message.length > 0 && !error.message.includes('\n'), error.message)
  }
})
