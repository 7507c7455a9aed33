import { frostOf } from '../renewal/wal.ts'
import { BandwidthTable } from '../runtime/bandwidth-table.ts'
import { Trouble } from '../terms/trouble.ts'
import { keepPolicy } from './keep-policy.ts'
import { warnCostOf } from './warn-cost.ts'
import { byteCount, duration, leaseTime, scrubRate } from './quantity.ts'

/** How a network is reached. For mainnet and testnet everything has a default. */
export interface NetworkConfig {
  readonly suiUrl?: string
  readonly systemObjectId?: string
  readonly stakingPoolId?: string
  /** The published manifest package. */
  readonly package?: string
  /** @default https, and http for a network on loopback */
  readonly nodeScheme?: 'http' | 'https'
  /** An aggregator, for the addresses that `publish` prints. */
  readonly aggregatorUrl?: string
  /** The package of Walrus Sites: where `publish --as site` makes one. */
  readonly sitePackage?: string
}

/** One drive. */
export interface DriveConfig {
  readonly network: string
  /** Object id of its manifest. */
  readonly manifest: string
  /** Name of a key in keys/; without one the drive is mounted read-only. */
  readonly key?: string
  /** Name of one of `profiles`. */
  readonly profile?: string
  /** Its own options; they go before those of the profile and of the whole file. */
  readonly mount?: MountConfig
  /** Id of the key that it is sealed with: it is never read or written without one. */
  readonly sealed?: string
}

/** Options of a mount, as flags of the same names give them too. Quantities are text with a unit. */
export interface MountConfig {
  readonly cacheSize?: string
  readonly memory?: string
  readonly writebackDelay?: string
  /** Or `off`. */
  readonly appendDelay?: string
  readonly writebackSize?: string
  readonly dirtyLimit?: string
  readonly durability?: 'local' | 'remote'
  readonly epochs?: number
  readonly autoRenew?: boolean
  readonly renewMargin?: number
  /** WAL. */
  readonly budget?: string | number
  /** WAL. */
  readonly monthBudget?: string | number
  /** WAL, a share (`10%`), or `off`. */
  readonly warnCost?: string | number
  readonly renewCheck?: string
  readonly keep?: string | number
  readonly scrub?: string
  readonly scrubEvery?: string
  readonly passthrough?: boolean
  readonly exclusive?: boolean
  readonly lease?: string
  readonly bwlimit?: string
  readonly codec?: 'auto' | 'simd' | 'scalar' | 'official'
  readonly driver?: 'auto' | 'kernel' | 'fuse-native'
  readonly readOnly?: boolean
  readonly allowOther?: boolean
}

export interface Config {
  readonly networks: Readonly<Record<string, NetworkConfig>>
  readonly drives: Readonly<Record<string, DriveConfig>>
  /** Sets of options that drives share. */
  readonly profiles: Readonly<Record<string, MountConfig>>
  /** Options of every drive. */
  readonly mount: MountConfig
}

type Check = (value: unknown, where: string) => void
type Shape = Readonly<Record<string, Check>>

const text: Check = (value, where) => {
  if (typeof value !== 'string' || value === '') fail(where, 'is to be a text')
}

const url: Check = (value, where) => {
  if (typeof value !== 'string' || !URL.canParse(value)) fail(where, 'is to be a URL')
}

const network: Shape = {
  suiUrl: url,
  aggregatorUrl: url,
  sitePackage: objectId,
  systemObjectId: objectId,
  stakingPoolId: objectId,
  package: objectId,
  nodeScheme: oneOf('http', 'https'),
}

const mount = {
  cacheSize: quantity(byteCount),
  memory: quantity(byteCount),
  writebackDelay: quantity(duration),
  appendDelay: quantity((text) => (text === 'off' ? undefined : duration(text))),
  writebackSize: quantity(byteCount),
  dirtyLimit: quantity(byteCount),
  durability: oneOf('local', 'remote'),
  epochs: whole,
  autoRenew: truth,
  renewMargin: whole,
  budget: quantity(frostOf),
  monthBudget: quantity(frostOf),
  warnCost: quantity(warnCostOf),
  renewCheck: quantity(duration),
  keep: quantity(keepPolicy),
  scrub: quantity(scrubRate),
  scrubEvery: quantity(duration),
  passthrough: truth,
  exclusive: truth,
  lease: quantity(leaseTime),
  bwlimit: quantity((text) => BandwidthTable.parse(text)),
  codec: oneOf('auto', 'simd', 'scalar', 'official'),
  driver: oneOf('auto', 'kernel', 'fuse-native'),
  readOnly: truth,
  allowOther: truth,
} as const satisfies Record<keyof MountConfig, Check>

const options: Check = (section, where) => fields(section, where, mount, [])

const drive: Shape = {
  network: text,
  manifest: objectId,
  key: text,
  sealed: keyId,
  profile: text,
  mount: options,
}

/** Keys of each section of the file, in the order in which they are shown. */
export const configKeys = {
  networks: Object.keys(network),
  drives: Object.keys(drive),
  mount: Object.keys(mount) as (keyof MountConfig)[],
} as const

/** Checks one option that was given elsewhere. Throws Trouble `config` that begins with `where`. */
export function checkOption(key: keyof MountConfig, value: unknown, where: string): void {
  mount[key](value, where)
}

/** Checks a parsed file. Throws Trouble `config` that names the first wrong or unknown key. */
export function checkConfig(value: unknown, file: string): Config {
  // A section whose keys are all commented out.
  const top = Object.fromEntries(
    Object.entries(mapping(value, file)).filter(([, section]) => section !== null),
  )
  const shapes: Record<string, Check> = {
    networks: each(network, []),
    drives: each(drive, ['network', 'manifest']),
    profiles: each(mount, []),
    mount: options,
  }
  fields(top, file, shapes, [])
  const config = { networks: {}, drives: {}, profiles: {}, mount: {}, ...top } as Config
  for (const [name, { profile }] of Object.entries(config.drives)) {
    if (profile !== undefined) profileOf(profile, config, `${file}.drives.${name}.profile`)
  }
  return config
}

/** The options of a profile. Throws Trouble `config` that begins with `where`. */
export function profileOf(name: string, { profiles }: Config, where: string): MountConfig {
  if (Object.hasOwn(profiles, name)) return profiles[name]!
  const known = Object.keys(profiles)
  const there = known.length ? `there are ${known.join(', ')}` : 'the configuration has none'
  fail(where, `is to name a profile, and ${JSON.stringify(name)} is none: ${there}`)
}

function each(shape: Shape, required: readonly string[]): Check {
  return (value, where) => {
    for (const [name, entry] of Object.entries(mapping(value, where))) {
      fields(entry, `${where}.${name}`, shape, required)
    }
  }
}

function fields(value: unknown, where: string, shape: Shape, required: readonly string[]): void {
  const given = mapping(value, where)
  for (const [key, field] of Object.entries(given)) {
    const check = Object.hasOwn(shape, key) ? shape[key] : undefined
    if (!check)
      fail(`${where}.${key}`, `is not known here; known are ${Object.keys(shape).join(', ')}`)
    check(field, `${where}.${key}`)
  }
  for (const key of required) if (!(key in given)) fail(where, `lacks ${key}`)
}

function mapping(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    fail(where, 'is to be a mapping')
  return value as Record<string, unknown>
}

function objectId(value: unknown, where: string): void {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/i.test(value)) {
    fail(where, 'is to be a Sui object id in quotes ("0x…")')
  }
}

function keyId(value: unknown, where: string): void {
  if (typeof value !== 'string' || !/^[0-9a-f]{32}$/.test(value)) {
    fail(where, 'is to be the id of a key (32 digits of hex) in quotes')
  }
}

function oneOf(...choices: readonly string[]): Check {
  return (value, where) => {
    if (!choices.includes(value as string)) fail(where, `is to be one of ${choices.join(', ')}`)
  }
}

function truth(value: unknown, where: string): void {
  if (typeof value !== 'boolean') fail(where, 'is to be true or false')
}

function whole(value: unknown, where: string): void {
  if (!Number.isInteger(value) || (value as number) < 1)
    fail(where, 'is to be a whole number from 1 on')
}

function quantity(parse: (text: string) => unknown): Check {
  return (value, where) => {
    try {
      parse(String(value))
    } catch (error) {
      fail(where, (error as Error).message)
    }
  }
}

function fail(where: string, why: string): never {
  throw new Trouble('config', `${where} ${why}; nothing was started or changed`)
}
