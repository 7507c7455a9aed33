import { readFileSync, statSync, writeFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { ConfigFile } from '../../src/daemon/config.ts'
import { directoriesOf } from '../../src/daemon/directories.ts'
import { Keystore } from '../../src/daemon/keystore.ts'
import {
  byteCount,
  bytesText,
  duration,
  durationText,
  timeText,
} from '../../src/daemon/quantity.ts'

test('an absent file is empty and can be written', async (t) => {
  const directory = join(t.testdir(), 'new')
  const config = ConfigFile.open(directory)
  t.same(config.value, { networks: {}, drives: {}, profiles: {}, mount: {} })
  config.setNetwork('devnet', { suiUrl: 'http://127.0.0.1:9000' })
  config.setDrive('demo', { network: 'devnet', manifest: '0x2', key: 'demo' })
  config.save()
  t.equal(statSync(config.path).mode & 0o777, 0o600)
  t.same(ConfigFile.open(directory).value.drives['demo'], {
    network: 'devnet',
    manifest: '0x2',
    key: 'demo',
  })
})

test('the owner’s comments and order survive a change', async (t) => {
  const directory = t.testdir({
    'config.yaml':
      '# mine\ndrives:\n  # the good one\n  a: { network: n, manifest: "0x1" }\nnetworks: {}\n',
  })
  const config = ConfigFile.open(directory)
  config.setDrive('b', { network: 'n', manifest: '0x3' })
  config.save()
  const text = readFileSync(config.path, 'utf8')
  t.match(text, /# mine\ndrives:\n {2}# the good one\n {2}a:/)
  t.match(text, /b:\n? +/)
})

const bad: readonly (readonly [string, string, RegExp])[] = [
  ['broken YAML', 'drives: [', /not valid YAML/],
  ['a name of nothing', 'drives: *a', /not valid YAML: Unresolved alias/],
  ['lists without end', '['.repeat(10_000), /not valid YAML/],
  [
    'names of names that would fill the memory',
    `a: &a [x]\nb: &b [${'*a,'.repeat(90)}]\nc: &c [${'*b,'.repeat(90)}]\nd: [${'*c,'.repeat(90)}]\n`,
    /not valid YAML: Excessive alias count/,
  ],
  ['a size beyond all', `mount: {cacheSize: ${'9'.repeat(400)}G}`, /is too much/],
  ['an unknown section', 'drivez: {}', /drivez is not known here/],
  [
    'an unknown key of a drive',
    'drives: {a: {network: n, manifest: "0x1", color: red}}',
    /drives\.a\.color is not known/,
  ],
  ['a drive without a manifest', 'drives: {a: {network: n}}', /drives\.a lacks manifest/],
  [
    'an id that is none',
    'drives: {a: {network: n, manifest: hello}}',
    /manifest is to be a Sui object id/,
  ],
  ['a size that is none', 'mount: {cacheSize: big}', /"big" is no size/],
  ['a list where a mapping is wanted', 'networks: []', /networks is to be a mapping/],
  ['a budget that is none', 'mount: {budget: much}', /"much" is no amount of WAL/],
  ['a margin that is none', 'mount: {renewMargin: 0}', /renewMargin is to be a whole number/],
  ['a switch that is none', 'mount: {autoRenew: maybe}', /autoRenew is to be true or false/],
  ['a choice that is none', 'mount: {driver: magic}', /driver is to be one of auto/],
  [
    'a key of the prototype',
    'drives: {a: {network: n, manifest: "0x1", toString: x}}',
    /toString is not known/,
  ],
]
for (const [name, text, message] of bad) {
  test(`${name} is refused with the place`, async (t) => {
    const directory = t.testdir({ 'config.yaml': text })
    t.throws(() => ConfigFile.open(directory), { code: 'config', message })
  })
}

test('keys are made once, private, and read back', (t) => {
  const keys = new Keystore(t.testdir())
  const key = keys.create('demo')
  t.equal(statSync(keys.pathOf('demo')).mode & 0o777, 0o600)
  t.equal(keys.load('demo').toSuiAddress(), key.toSuiAddress())
  t.throws(() => keys.create('demo'), { code: 'EEXIST' })
  chmodSync(keys.pathOf('demo'), 0o644)
  t.throws(() => keys.load('demo'), { code: 'config', message: /chmod 600/ })
  t.throws(() => keys.load('other'), { code: 'no-key', message: /--read-only/ })
  t.throws(() => keys.load('../demo'), { code: 'usage' })
  writeFileSync(keys.pathOf('junk'), 'hello', { mode: 0o600 })
  t.throws(() => keys.load('junk'), { code: 'config', message: /no Sui private key/ })
  t.end()
})

test('directories follow WALRUSFS_HOME, then XDG, then the home directory', async (t) => {
  t.equal(directoriesOf({ WALRUSFS_HOME: '/w' }).cache, '/w/cache')
  t.equal(directoriesOf({ XDG_STATE_HOME: '/s' }).state, '/s/walrusfs/drives')
  t.match(directoriesOf({ XDG_CACHE_HOME: 'relative' }).cache, /\/\.cache\/walrusfs$/)
  t.equal(directoriesOf({}, true).config, '/etc/walrusfs')
})

test('quantities are read and shown', async (t) => {
  t.same(['64M', '1.5GiB', '4096', '10k'].map(byteCount), [67108864, 1610612736, 4096, 10240])
  t.same(['30s', '5m', '250ms', '1.5h'].map(duration), [30000, 300000, 250, 5400000])
  for (const text of ['', '5X', '-1', '1e9', 'M']) t.throws(() => byteCount(text), RangeError)
  for (const text of ['', '5', '3 weeks']) t.throws(() => duration(text), RangeError)
  t.same([0, 1023, 1536, 64 * 2 ** 20].map(bytesText), ['0 B', '1023 B', '1.5 KiB', '64.0 MiB'])
  t.same([5, 1500, 90_000, 7_200_000].map(durationText), ['5 ms', '1.5 s', '90 s', '2 h'])
})

test('a time that no calendar has is shown, too', async (t) => {
  t.equal(timeText(0), '1970-01-01T00:00:00.000Z')
  t.equal(timeText(Number.MAX_SAFE_INTEGER), 'no date')
})
