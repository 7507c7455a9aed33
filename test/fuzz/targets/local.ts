import { withoutHelperCall } from '../../../src/cli/mount-helper-call.ts'
import { parseMountOptions } from '../../../src/cli/mount-options.ts'
import { parseRequest } from '../../../src/control/protocol.ts'
import { ConfigFile } from '../../../src/daemon/config.ts'
import { blobReference, checkDriveName, findDrive } from '../../../src/daemon/drive-reference.ts'
import { byteCount, bytesText, duration, durationText } from '../../../src/daemon/quantity.ts'
import { settingsOf } from '../../../src/daemon/settings.ts'
import { parseMountTable } from '../../../src/fuse/mount/mount-table.ts'
import { frostOf, walText } from '../../../src/renewal/wal.ts'
import { SuiKey } from '../../../src/store/chain/sui-key.ts'
import { FsError } from '../../../src/terms/errno.ts'
import { parseObjectId } from '../../../src/terms/object-id.ts'
import { Trouble } from '../../../src/terms/trouble.ts'
import { decodeAcl, encodeAcl, permissionsOf } from '../../../src/vfs/acl.ts'
import { expect, expectSame } from '../target.ts'
import type { FuzzTarget } from '../target.ts'

const texts = (...lines: readonly string[]) => lines.map((line) => Buffer.from(line))

/** What a quantity that is none is refused with. */
class NoQuantity extends Error {}

/** A RangeError is the parsers' own way to refuse, and V8's way to say that the stack is full: only the first shows the text. */
function refusing<T>(parse: (text: string) => T, text: string): T {
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof RangeError && error.message.includes(JSON.stringify(text))) {
      throw new NoQuantity(error.message, { cause: error })
    }
    throw error
  }
}

const controlLine: FuzzTarget = {
  name: 'control-line',
  refusals: [],
  words: [
    '"op":"',
    'status',
    'sync',
    'unmount',
    'renew',
    'metrics',
    '"lazy":',
    '"epochs":',
    '"budget":"',
    '"dryRun":',
    '__proto__',
    'null',
    'true',
    '[[[[',
  ],
  seeds: () =>
    texts(
      '{"op":"status"}',
      '{"op":"sync"}',
      '{"op":"unmount","lazy":true}',
      '{"op":"renew","epochs":3,"budget":"1000","dryRun":false}',
      '{"op":"metrics"}',
    ),
  decode: (input) => {
    const request = parseRequest(input.toString())
    if (!request) return
    const again = parseRequest(JSON.stringify(request))
    expect(JSON.stringify(again) === JSON.stringify(request), 'a request says the same again')
    if (request.op === 'renew')
      expect(request.budget === undefined || BigInt(request.budget) >= 0n, 'a budget can be')
  },
}

const config: FuzzTarget = {
  name: 'config',
  maxBytes: 1024,
  tries: 300,
  refusals: [Trouble],
  memory: () => Infinity,
  words: [
    'drives:',
    'networks:',
    'mount:',
    'manifest: "0x1"',
    'network: n',
    'key: k',
    'cacheSize: 1G',
    'epochs: 3',
    '&a',
    '*a',
    '<<: ',
    '!!binary ',
    '!!js/function ',
    '? ',
    '- ',
    '\n  ',
    '{',
    '}',
    '[[[[[[[[',
    '__proto__: ',
    '---\n',
    '%YAML 1.1\n',
    '1e999',
    '0x',
    '"\\u0000"',
    '|\n',
    '&a [*a, *a, *a, *a, *a, *a, *a, *a]',
  ],
  seeds: () =>
    texts(
      'drives:\n  a: { network: n, manifest: "0x1", key: k }\nnetworks:\n  n:\n    suiUrl: http://127.0.0.1:1\n    nodeScheme: http\n',
      'mount: {cacheSize: 1.5G, writebackDelay: 30s, epochs: 3, autoRenew: true, budget: 0.5, driver: auto}\n',
      '# nothing\n',
      'mount: &a\n  memory: 10M\nnetworks: {}\n',
      'networks:\n  - &x [a]\n  - *x\n',
    ),
  decode: (input) => {
    const { value } = ConfigFile.parse('config.yaml', input.toString())
    for (const [name, drive] of Object.entries(value.drives)) {
      parseObjectId(drive.manifest)
      expect(findDrive(name, value, undefined).network === drive.network, 'a drive is found')
    }
    settingsOf(value.mount)
  },
}

const mountOptions: FuzzTarget = {
  name: 'mount-options',
  maxBytes: 512,
  refusals: [Trouble, NoQuantity],
  words: [
    'ro',
    'rw',
    'allow_other',
    'cache_size=',
    'epochs=',
    'renew_margin=',
    'x-systemd.automount',
    'comment=',
    '__proto__',
    'constructor',
    'driver=',
    'network=',
    ',',
    '=',
    'fsname=',
    'relatime',
  ],
  seeds: () =>
    texts(
      'ro,allow_other,cache_size=20G',
      'rw,noatime,epochs=5,x-a.b,_netdev',
      'DRIVE /dev/fd/3 -o ro',
    ),
  decode: (input) => {
    const text = input.toString()
    withoutHelperCall(text.split(' '), new Set(['mount']))
    const { extra, ...flags } = parseMountOptions([text])
    expect(Object.getPrototypeOf(flags) === Object.prototype, 'flags are flags')
    expect(
      extra.every((option) => !option.includes(',')),
      'options for the kernel stay single ones',
    )
  },
}

const quantity: FuzzTarget = {
  name: 'quantity',
  maxBytes: 400,
  refusals: [NoQuantity, Trouble],
  words: [
    '64M',
    '1.5GiB',
    '30s',
    '5m',
    '0.25',
    ' WAL',
    '0x',
    'blob:',
    '9'.repeat(30),
    '.',
    'd',
    'T',
  ],
  seeds: () => texts('064M', '030s', '112 WAL', '20x12ab', '3blob:' + 'A'.repeat(43), '4my-drive'),
  decode: (input) => {
    const text = input.subarray(1).toString()
    switch ((input[0] ?? 0) % 5) {
      case 0: {
        const [bytes, ms] = [() => refusing(byteCount, text), () => refusing(duration, text)]
        const value = input[0]! & 8 ? ms() : bytes()
        expect(Number.isSafeInteger(value) && value >= 0, 'a quantity is a number')
        expect(bytesText(value).length < 30 && durationText(value).length < 30, 'it can be shown')
        return
      }
      case 1:
        expect(refusing(frostOf, walText(refusing(frostOf, text))) === frostOf(text), 'an amount')
        return
      case 2:
        expect(/^0x[0-9a-f]{64}$/.test(refusing(parseObjectId, text)), 'an object id')
        return
      case 3:
        expect((blobReference(text)?.length ?? 43) === 43, 'a blob id')
        return
      case 4:
        checkDriveName(text)
        expect(!text.includes('/') && text !== '..', 'a drive name is a file name')
    }
  },
}

const mountTable: FuzzTarget = {
  name: 'mount-table',
  refusals: [],
  words: [' - ', '\\040', '\\134', '\n', 'fuse.walrusfs', 'rw,relatime'],
  seeds: () =>
    texts('36 35 0:42 / /mnt/a\\040b rw,relatime shared:1 - fuse.walrusfs demo rw,user_id=0\n'),
  memory: (input) => 64 * 1024 + 64 * input.length,
  decode: (input) => {
    const lines = input.toString('latin1').split('\n').length
    expect(parseMountTable(input.toString('latin1')).length <= lines, 'a mount is a line')
  },
}

/** What a text that is no key is refused with: any plain Error, as the keystore knows. */
class NoKey extends Error {}

const key: FuzzTarget = {
  name: 'key',
  maxBytes: 200,
  refusals: [NoKey],
  seeds: () =>
    texts(
      'suiprivkey1qzwant3kaegmjy4qxex93s0jzvemekkjmyv3r2sjwgnv2y479pgsywhveae',
      SuiKey.generate().toText(),
    ),
  words: ['suiprivkey1', 'suiprivkey'],
  memory: () => Infinity,
  decode: (input) => {
    const text = input.toString()
    let key: SuiKey
    try {
      key = SuiKey.fromText(text)
    } catch (error) {
      if (error instanceof Error && !(error instanceof RangeError)) throw new NoKey()
      throw error
    }
    expect(key.toText() === text.toLowerCase(), 'a key is written as it was')
  },
}

const acl: FuzzTarget = {
  name: 'acl',
  refusals: [FsError],
  seeds: () => {
    const entries = [
      [1, 6],
      [2, 7, 1000],
      [4, 4],
      [8, 6, 50],
      [16, 5],
      [32, 0],
    ] as const
    return [
      encodeAcl(entries.map(([tag, permissions, id = 0xffff_ffff]) => ({ tag, permissions, id }))),
    ]
  },
  memory: (input) => 64 * 1024 + 64 * input.length,
  decode: (input) => {
    const list = decodeAcl(input)
    if (!list) return
    expect(permissionsOf(list) <= 0o777, 'permissions are permissions')
    const again = encodeAcl(list)
    expectSame(encodeAcl(decodeAcl(again)!), again, 'a list')
  },
}

export const local: readonly FuzzTarget[] = [
  controlLine,
  config,
  mountOptions,
  quantity,
  mountTable,
  key,
  acl,
]
