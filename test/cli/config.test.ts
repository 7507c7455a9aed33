import { readFileSync, statSync } from 'node:fs'
import { test } from 'tap'
import { ConfigFile } from '../../src/daemon/config.ts'
import { configKeys } from '../../src/daemon/config-schema.ts'
import { settingDefaults, settingsOf } from '../../src/daemon/settings.ts'
import { exitCodes } from '../../src/terms/trouble.ts'
import { aboutKeys, defaultConfigText } from '../../src/cli/config-text.ts'
import { driveOptions } from '../../src/cli/drive-options.ts'
import { keyOf, variableOf } from '../../src/cli/environment.ts'
import { effective, nameOf, settingLayers } from '../../src/cli/setting-layers.ts'
import { commandLine } from './command-line.ts'

const layered = `
drives:
  photos: { network: mainnet, manifest: "0x1", profile: laptop, mount: { memory: 1M } }
  plain: { network: mainnet, manifest: "0x2" }
profiles:
  laptop: { memory: 2M, cacheSize: 2G, scrub: 2M }
  server: { memory: 3M, dirtyLimit: 3G }
mount: { memory: 4M, cacheSize: 4G, scrub: 4M, epochs: 4 }
`

interface Shown {
  readonly profile?: string
  readonly settings: readonly {
    key: string
    value: string | number | boolean
    source: string
    where: string
  }[]
}

test('flag, environment, drive, profile, file and default go before each other in this order', async (t) => {
  const { runIn } = commandLine(t, layered)
  const show = (variables: NodeJS.ProcessEnv, ...args: string[]) => {
    const { stdout, stderr } = runIn(variables, 'config', 'show', ...args, '--json')
    t.equal(stderr, '')
    const { settings } = JSON.parse(stdout) as Shown
    return (key: string) => {
      const { value, source, where } = settings.find((one) => one.key === key)!
      return `${value} ${source} ${where}`
    }
  }
  const env = { WALRUSFS_MEMORY: '5M', WALRUSFS_SCRUB: '5M', WALRUSFS_AUTO_RENEW: 'no' }
  const all = show(env, 'photos', '--memory', '6M')
  t.equal(all('memory'), '6M flag --memory')
  t.equal(all('scrub'), '5M environment WALRUSFS_SCRUB')
  t.equal(all('autoRenew'), 'false environment WALRUSFS_AUTO_RENEW')
  t.equal(all('cacheSize'), '2G profile profiles.laptop.cacheSize')
  t.equal(all('epochs'), '4 file mount.epochs')
  t.equal(all('dirtyLimit'), '16G default default')
  t.equal(show({}, 'photos')('memory'), '1M drive drives.photos.mount.memory')
  t.equal(show({}, 'plain')('memory'), '4M file mount.memory')
  const server = show({ WALRUSFS_PROFILE: 'laptop' }, 'plain', '--profile', 'server')
  t.equal(server('memory'), '3M profile profiles.server.memory')
  t.equal(show({ WALRUSFS_PROFILE: 'server' }, 'photos')('dirtyLimit').split(' ')[0], '3G')
})

test('what flags and variables cannot mean is refused in one line that names them', async (t) => {
  const { runIn } = commandLine(t, layered)
  const cases: [NodeJS.ProcessEnv, string[], keyof typeof exitCodes, RegExp][] = [
    [{ WALRUSFS_CACHE_SIZE: 'big' }, ['photos'], 'config', /WALRUSFS_CACHE_SIZE "big" is no size/],
    [{ WALRUSFS_EPOCHS: 'ten' }, ['photos'], 'config', /WALRUSFS_EPOCHS=ten .* a number/],
    [{ WALRUSFS_EXCLUSIVE: 'maybe' }, [], 'config', /WALRUSFS_EXCLUSIVE=maybe .* 1 or 0/],
    [{ WALRUSFS_CODEC: 'x' }, [], 'config', /WALRUSFS_CODEC=x .* one of auto, simd/],
    [{ WALRUSFS_QUIET: '?' }, [], 'config', /WALRUSFS_QUIET=\? .* 1 or 0/],
    [{ WALRUSFS_PROFILE: 'x' }, [], 'config', /WALRUSFS_PROFILE .* "x" is none: .* laptop, server/],
    [{}, ['--profile', 'x'], 'config', /--profile .* "x" is none/],
    [{}, ['--cache-size', 'big'], 'usage', /--cache-size "big" is no size/],
    [{}, ['--epochs', '0'], 'usage', /--epochs is to be a whole number/],
  ]
  for (const [variables, args, code, words] of cases) {
    const said = runIn(variables, 'config', 'show', ...args)
    t.equal(said.code, exitCodes[code], said.stderr)
    t.match(said.stderr, words)
    t.equal(said.stderr.trim().split('\n').length, 1, said.stderr)
  }
  t.equal(runIn({ WALRUSFS_CACHE_SIZE: '' }, 'config', 'show').code, 0, 'empty is unset')
})

test('global flags have variables, and flags go before them', async (t) => {
  const { home, file, runIn, run } = commandLine(t, layered)
  const path = JSON.parse(runIn({ WALRUSFS_JSON: '1' }, 'config', 'path').stdout) as object
  t.same(path, { path: file, exists: true })
  t.equal(runIn({ WALRUSFS_JSON: '1' }, 'config', 'path', '--no-json').stdout, `${file}\n`)
  const other = `${home}/other.yaml`
  t.equal(runIn({ WALRUSFS_CONFIG: other }, 'config', 'path').stdout, `${other}\n`)
  t.equal(runIn({ WALRUSFS_CONFIG: other }, 'config', 'path', '--config', file).stdout, `${file}\n`)
  t.match(runIn({ WALRUSFS_VERBOSE: '2' }, 'status').stderr, /find-daemon\.ts/, 'its stack')
  t.equal(run('status').stderr.trim().split('\n').length, 1)
})

test('init writes every key, commented out, and nothing over what is there', async (t) => {
  const { file, run } = commandLine(t)
  const { code, stderr } = run('config', 'init')
  t.equal(code, 0, stderr)
  t.equal(statSync(file).mode & 0o777, 0o600)
  const text = readFileSync(file, 'utf8')
  for (const key of configKeys.mount) t.match(text, new RegExp(`^ {2}# ${key}: `, 'm'))
  t.same(Object.keys(aboutKeys.networks), configKeys.networks)
  t.same(Object.keys(aboutKeys.drives), configKeys.drives)
  t.same(Object.keys(settingDefaults), configKeys.mount)
  const again = run('config', 'init')
  t.equal(again.code, exitCodes.exists)
  t.equal(readFileSync(file, 'utf8'), text)
  t.equal(run('config', 'check').code, 0)

  const config = ConfigFile.open('', file)
  config.setNetwork('devnet', { suiUrl: 'http://127.0.0.1:9000' })
  config.setDrive('demo', { network: 'devnet', manifest: '0x2' })
  config.save()
  const comments = (of: string) => of.split('\n').filter((line) => /^ *#/.test(line))
  t.same(comments(readFileSync(file, 'utf8')), comments(text), 'create keeps them')
  t.same(Object.keys(ConfigFile.open('', file).value.drives), ['demo'])
})

test('with every comment mark of the options taken away it says what the defaults are', async (t) => {
  const text = defaultConfigText()
  const mount = text.slice(text.indexOf('\nmount:')).replace(/^ {2}# (\w+: )/gm, '  $1')
  const { value } = ConfigFile.parse('x', mount.replace(/^ {2}(b|monthB)udget.*$/gm, ''))
  t.same({ ...value.mount, budget: undefined, monthBudget: undefined }, settingDefaults)
  t.same(settingsOf(value.mount), settingsOf())
  const examples = text.replace(/^# ?/gm, '').replace(/"0x…"/g, '"0x1"')
  const yaml = examples.slice(examples.indexOf('networks:\n')).replace(/^[A-Z].*$/gm, '')
  t.same(Object.keys(ConfigFile.parse('x', yaml).value.drives), ['photos'])
})

test('the help says the defaults that hold', async (t) => {
  for (const [flag, { describe }] of Object.entries(driveOptions)) {
    if (flag === 'profile') continue
    const value = settingDefaults[keyOf(flag) as keyof typeof settingDefaults] as
      string | number | boolean | undefined
    const shown = value === undefined ? 'no limit' : value === true ? 'yes' : value || 'no'
    t.equal(/\[([^\]]*)\]$/.exec(describe)?.[1], String(shown), flag)
  }
  for (const key of configKeys.mount) t.ok(Object.hasOwn(driveOptions, nameOf(key)), key)
  t.equal(variableOf('cache-size'), 'WALRUSFS_CACHE_SIZE')
})

test('check names what is wrong, and variables that nothing reads', async (t) => {
  const { runIn } = commandLine(
    t,
    'drives: {a: {network: nowhere, manifest: "0x1", key: lost}, b: {network: mainnet, manifest: "0x1"}}',
  )
  const said = runIn({ WALRUSFS_CACHESIZE: '1G' }, 'config', 'check')
  t.equal(said.code, exitCodes.config)
  t.match(said.stdout, /drives\.a\.network: .*nowhere/)
  t.match(said.stdout, /drives\.a\.key: /)
  t.match(said.stdout, /nothing reads WALRUSFS_CACHESIZE/)
  t.notMatch(said.stdout, /drives\.b/)
})

test('a drive that names no profile is refused with the place', async (t) => {
  const drive = 'drives: {a: {network: n, manifest: "0x1", profile: x}}'
  t.throws(() => ConfigFile.parse('f', drive), {
    code: 'config',
    message: /f\.drives\.a\.profile is to name a profile, and "x" is none: .* has none/,
  })
  const bad = 'profiles: {x: {colour: red}}'
  t.throws(() => ConfigFile.parse('f', bad), { code: 'config', message: /profiles\.x\.colour/ })
  const own = 'drives: {a: {network: n, manifest: "0x1", mount: {epochs: x}}}'
  t.throws(() => ConfigFile.parse('f', own), { code: 'config', message: /a\.mount\.epochs/ })
  t.same(ConfigFile.parse('f', 'mount:\n  # all commented out\n').value.mount, {})
})

test('every option has one source', async (t) => {
  const asked = { drive: undefined, flags: {}, options: driveOptions }
  const layers = settingLayers(asked, ConfigFile.parse('x', '{}').value, {})
  t.same(
    effective(layers).map(({ key }) => key),
    configKeys.mount,
  )
})
