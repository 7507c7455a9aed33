import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import tap, { type Test } from 'tap'
import { allEntries } from '../../src/cli/completion/script-parts.ts'
import { entriesOf } from '../../src/cli/command-table.ts'
import { commands } from '../../src/cli/commands/index.ts'
import { commandLine, program } from './command-line.ts'

const configuration = `
drives: { photos: { network: mainnet, manifest: "0x1" }, letters: { network: mine, manifest: "0x2" } }
networks: { mine: { suiUrl: "http://localhost:1" } }
profiles: { laptop: {}, server: {} }
`

type Shell = 'bash' | 'zsh' | 'fish'

/** Gives the words that a real shell completes a line to. */
function completerOf(t: Test, shell: Shell): (line: string) => readonly string[] {
  const { home, env, run } = commandLine(t, configuration)
  const bin = join(home, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'walrusfs'), `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`, {
    mode: 0o755,
  })
  const state = join(home, 'state/photos')
  mkdirSync(state, { recursive: true })
  const daemon = { pid: process.pid, drive: 'photos', mountPoint: '/mnt/my photos', socket: '' }
  writeFileSync(join(state, 'daemon.json'), JSON.stringify(daemon))
  mkdirSync(join(home, 'here/subdirectory'), { recursive: true })
  writeFileSync(join(home, 'here/file.yaml'), '')
  const script = join(home, `walrusfs.${shell}`)
  const { code, stdout, stderr } = run('completion', shell)
  t.equal(code, 0, stderr)
  writeFileSync(script, stdout)
  const options = {
    encoding: 'utf8',
    timeout: 30_000,
    cwd: join(home, 'here'),
    env: { ...env, HOME: home, PATH: `${bin}:${process.env['PATH']}`, TERM: 'dumb' },
  } as const
  const how = {
    bash: (line: string) => ['bash', '--norc', '-c', bashAsk, 'bash', script, ...bashWords(line)],
    zsh: (line: string) => ['zsh', join(import.meta.dirname, 'zsh-capture.zsh'), script, line],
    fish: (line: string) => ['fish', '--no-config', '-c', fishAsk, script, line],
  }
  return (line) => {
    const [command = '', ...args] = how[shell](line)
    const said = spawnSync(command, args, options)
    t.equal(said.stderr, '', line)
    const words = said.stdout
      .split('\n')
      .map((word) => word.split('\t')[0]!.replace(/\\(.)/g, '$1'))
    return words.filter((word) => word !== '').sort()
  }
}

const bashAsk = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }
_walrusfs walrusfs; printf '%s\\n' "\${COMPREPLY[@]}"`
const fishAsk = 'source $argv[1]; complete -C $argv[2]'

/** As readline cuts a line: "=" is a word of its own. */
function bashWords(line: string): string[] {
  return line
    .split(' ')
    .flatMap((word) =>
      word.split(/(=)/).filter((part, i, all) => part !== '' || all.length === 1 || i === 2),
    )
}

function missing(shell: Shell): string | false {
  const { error } = spawnSync(shell, ['-c', ':'])
  return error ? `${shell} is not installed` : false
}

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  tap.test(`${shell} completes`, { skip: shell === 'bash' ? false : missing(shell) }, async (t) => {
    const complete = completerOf(t, shell)
    const includes = (line: string, ...words: string[]) => {
      const found = complete(line)
      for (const word of words)
        t.ok(found.includes(word), `${line}│: ${word} in ${found.join(' ')}`)
      return found
    }
    /** Shells give the end of --flag=value with or without what stands before it. */
    const values = (line: string) => complete(line).map((word) => word.replace(/^-.*=/, ''))

    await t.test('commands', async (t) => {
      const found = includes('walrusfs ', 'mount', 'unmount', 'status', 'devnet', 'config')
      t.notOk(found.some((word) => word.startsWith('_')))
      t.same(complete('walrusfs umo'), ['umount'])
      t.same(complete('walrusfs devnet fau'), ['faucet', 'fault'])
      t.same(complete('walrusfs --json config s'), ['show'])
      const actions = ['add', 'change-passphrase', 'list', 'public', 'remove']
      t.same(complete('walrusfs keys '), actions, 'and no name that yargs has for the default')
    })
    await t.test('flags, hidden ones not', async (t) => {
      const found = includes('walrusfs mount --', '--cache-size', '--read-only', '--json', '--help')
      t.notOk(found.includes('--drive') || found.includes('--dir') || found.includes('--yes'))
      t.same(complete('walrusfs gc --dry'), [])
      t.same(complete('walrusfs mount --no-auto'), ['--no-auto-renew'])
      t.same(complete('walrusfs log --lim'), ['--limit'])
    })
    await t.test('choices', async () => {
      t.same(complete('walrusfs mount --durability '), ['local', 'remote'])
      t.same(values('walrusfs mount --durability=re'), ['remote'])
      t.same(complete('walrusfs devnet fault sui-s'), ['sui-slow', 'sui-stale'])
      t.same(complete('walrusfs completion '), ['bash', 'fish', 'zsh'])
    })
    await t.test('drives, networks and profiles of the configuration', async () => {
      t.same(complete('walrusfs mount '), ['letters', 'photos'])
      t.same(complete('walrusfs mount --cache-size 1G ph'), ['photos'])
      t.same(complete('walrusfs mount -v --network '), ['devnet', 'mainnet', 'mine', 'testnet'])
      t.same(values('walrusfs mount photos --profile=s'), ['server'])
      t.same(complete('walrusfs --config /nowhere.yaml mount '), [])
    })
    await t.test('mounts that are there', async () => {
      t.same(complete('walrusfs umount '), ['/mnt/my photos', 'photos'])
      t.same(complete('walrusfs unmount ph'), ['photos'])
      t.same(complete('walrusfs status '), ['/mnt/my photos', 'photos'])
      t.same(complete('walrusfs cost '), ['/mnt/my photos', 'letters', 'photos'])
      const third = complete('walrusfs status x ').filter((word) => !word.startsWith('-'))
      t.same(third, [], 'it takes no second one')
    })
    await t.test('directories and files', async () => {
      t.same(
        complete('walrusfs mount photos ').map((word) => word.replace(/\/$/, '')),
        ['subdirectory'],
      )
      includes('walrusfs --config ', 'file.yaml')
    })
    await t.test('mount options, several of them', async () => {
      const found = complete('walrusfs mount -o ro,cache')
      t.same(
        found.map((word) => word.replace(/^ro,/, '')),
        ['cache_size='],
      )
      t.notOk(complete('walrusfs mount -o ').some((word) => /^(system|foreground)$/.test(word)))
    })
  })
}

tap.test('asking for values loads no command and no package but that of YAML', async (t) => {
  const { runIn } = commandLine(t, configuration)
  const watch = `import { registerHooks } from 'node:module'
    const urls = []
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
    process.on('exit', () => process.stderr.write(urls.join(' ')))`
  const preload = `data:text/javascript,${encodeURIComponent(watch)}`
  const said = runIn({ NODE_OPTIONS: `--import=${preload}` }, '__values', 'drives-and-mounts')
  t.equal(said.stdout, 'photos\nletters\n')
  const urls = said.stderr.split(' ')
  // Before it comes what a test runner puts there.
  const first = urls.findIndex((url) => url.endsWith('/src/cli/main.ts'))
  t.ok(first >= 0)
  const files = urls.slice(first).filter((url) => url.startsWith('file:'))
  const own = files.filter((url) => !url.includes('/node_modules/'))
  const packages = new Set(files.flatMap((url) => /\/node_modules\/([^/]+)/.exec(url)?.[1] ?? []))
  t.same([...packages], ['yaml'], 'packages')
  t.ok(own.some((url) => url.endsWith('/src/cli/completion/values.ts')))
  t.notOk(
    own.some((url) => /\/src\/cli\/(commands|program)/.test(url)),
    'commands',
  )
  t.ok(own.length <= 20, `${own.length} files of ours`)
})

tap.test('every command of the program is in the table, with what it says of itself', async (t) => {
  const all = allEntries(entriesOf(commands))
  t.ok(all.length > 25)
  for (const { path, usage, describe, positionals } of all) {
    t.ok(describe, path)
    t.equal(
      positionals.length,
      usage.match(/[<[]/g)?.filter(() => !/<action>/.test(usage)).length ?? 0,
      usage,
    )
  }
})
