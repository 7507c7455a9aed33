import type { Options } from 'yargs'
import { configKeys } from '../daemon/config-schema.ts'
import { settingDefaults } from '../daemon/settings.ts'
import { driveOptions } from './drive-options.ts'
import { nameOf } from './setting-layers.ts'

/** What stands in the configuration beside the options of a mount. */
export const aboutKeys = {
  networks: {
    suiUrl: ['A Sui full node', 'https://fullnode.example.org'],
    aggregatorUrl: [
      'Where published blobs are served from; publish prints it',
      'https://aggregator.example.org',
    ],
    sitePackage: ['The package of Walrus Sites; publish --as site calls it', '"0x…"'],
    systemObjectId: ['The system object of Walrus', '"0x…"'],
    stakingPoolId: ['The staking object of Walrus', '"0x…"'],
    package: ['The published manifest package; create writes it', '"0x…"'],
    nodeScheme: ['How storage nodes are spoken to: https, or http on loopback', 'https'],
  },
  drives: {
    network: ['mainnet, testnet, devnet, or one of networks', 'mainnet'],
    manifest: ['The object id of its manifest', '"0x…"'],
    key: ['A key in keys/ beside this file; without one it can only be read', 'photos'],
    sealed: [
      'The id of the key that it is sealed with; create writes it, so that nobody can show it as public',
      '0123456789abcdef0123456789abcdef',
    ],
    profile: ['One of profiles', 'laptop'],
    mount: ['Options of this drive alone: the keys of mount below', '{ cacheSize: 50G }'],
  },
} as const satisfies Record<string, Record<string, readonly [string, string]>>

const heading = `walrusfs: networks, drives, and how they are mounted. Private keys lie beside this file in keys/.

An option is what the first of these says: a flag (--cache-size 20G), the environment (WALRUSFS_CACHE_SIZE=20G), the drive's
own mount section, its profile, the mount section at the end, the default. All keys are here, commented out.
walrusfs config show DRIVE says what holds and why, walrusfs config check whether all is right; see walrusfs-config(5).`

/** What an option of a mount is for, as its flag says it. */
export function aboutOption(key: string): string {
  const option: Options | undefined = (driveOptions as Record<string, Options>)[nameOf(key)]
  const choices = option?.choices ? `: ${option.choices.join(', ')}` : ''
  return `${(option?.describe ?? '').replace(/ \[[^\]]*\]$/, '')}${choices}`
}

/** The configuration file of somebody who has none: every key, commented out, with its default. */
export function defaultConfigText(): string {
  const { networks, drives } = aboutKeys
  return [
    ...comment(heading),
    '',
    ...comment('How networks are reached. For mainnet and testnet nothing has to be said.'),
    ...comment(['networks:', '  mine:', ...entries(networks, '    ')].join('\n')),
    '',
    ...comment('Drives, by name. walrusfs create adds them.'),
    ...comment(['drives:', '  photos:', ...entries(drives, '    ')].join('\n')),
    '',
    ...comment(
      'Options that several drives share: a drive names its profile, and so does --profile.',
    ),
    ...comment('profiles:\n  laptop:\n    cacheSize: 5G\n    writebackDelay: 2m'),
    '',
    ...comment('Options of every drive.'),
    'mount:',
    ...configKeys.mount.flatMap(mountLines),
    '',
  ].join('\n')
}

function mountLines(key: keyof typeof settingDefaults): string[] {
  const value = settingDefaults[key]
  const shown = value === undefined ? '2.5   # no limit if unset' : String(value)
  return [`  # ${aboutOption(key)}`, `  # ${key}: ${shown}`]
}

function entries(about: Record<string, readonly [string, string]>, indent: string): string[] {
  return Object.entries(about).flatMap(([key, [what, example]]) => [
    `${indent}# ${what}`,
    `${indent}${key}: ${example}`,
  ])
}

function comment(text: string): string[] {
  return text.split('\n').map((line) => (line === '' ? '#' : `# ${line}`))
}
