import type { Options } from 'yargs'
import { ConfigFile } from '../daemon/config.ts'
import type { Config } from '../daemon/config-schema.ts'
import { findDrive, type DriveReference } from '../daemon/drive-reference.ts'
import { Keystore } from '../daemon/keystore.ts'
import { networkOf } from '../daemon/networks.ts'
import type { DriveRequest } from '../daemon/open-drive.ts'
import { settingsOf, type GivenSettings } from '../daemon/settings.ts'
import { Trouble } from '../terms/trouble.ts'
import { announceWarning } from './background.ts'
import type { Context } from './command.ts'
import { logOf } from './log-of.ts'
import { effectiveValues, settingLayers } from './setting-layers.ts'

/** Which network a drive is on that is given by its object id, or another than the configuration says. */
export const networkOption = {
  network: {
    type: 'string',
    describe: 'Network: mainnet, testnet, devnet, or one of the configuration',
  },
} as const satisfies Record<string, Options>

/** How a drive is run. */
export const settingOptions = {
  'cache-size': { type: 'string', describe: 'Disk cache, shared by all mounts [10G]' },
  memory: { type: 'string', describe: 'Memory for cached file contents [96M]' },
  'writeback-delay': { type: 'string', describe: 'Store changes when the oldest is so old [30s]' },
  'append-delay': {
    type: 'string',
    describe: 'Put small changes into the manifest after so long without others; off: never [1s]',
  },
  'writeback-size': { type: 'string', describe: 'Store changes when so much is new [64M]' },
  'dirty-limit': { type: 'string', describe: 'Writers wait while so much is only here [16G]' },
  durability: {
    choices: ['local', 'remote'] as const,
    describe: 'What fsync waits for: this disk, or Walrus and the chain [local]',
  },
  epochs: { type: 'number', describe: 'Walrus epochs that new data is paid for [10]' },
  'auto-renew': {
    type: 'boolean',
    describe: 'Extend the storage of the whole drive before it ends [yes]',
  },
  'renew-margin': { type: 'number', describe: 'Extend what ends within so many epochs [2]' },
  budget: { type: 'string', describe: 'WAL that this may cost in one epoch [no limit]' },
  'month-budget': {
    type: 'string',
    describe: 'New data waits here once this and renewals cost so much WAL in a month [no limit]',
  },
  'warn-cost': {
    type: 'string',
    describe: 'Warn before a commit that costs more WAL, or more of the account’s; off [10%]',
  },
  'renew-check': { type: 'string', describe: 'Look so often what ends [5m]' },
  keep: {
    type: 'string',
    describe: 'Renew only what snapshots of so long (30d), or so many, need; see gc [all]',
  },
  scrub: {
    type: 'string',
    describe: 'Re-read the disk cache, and a little of the network, so fast, or off [1M/s]',
  },
  'scrub-every': { type: 'string', describe: 'Begin anew so long after the last pass [1d]' },
  passthrough: {
    type: 'boolean',
    describe: 'Read-only: let the kernel read whole files of the disk cache by itself [no]',
  },
  exclusive: {
    type: 'boolean',
    describe: 'Ask other writers to wait while this mount lasts [no]',
  },
  lease: {
    type: 'string',
    describe: 'With --exclusive: they wait so long for a machine that has died [10m]',
  },
  bwlimit: {
    type: 'string',
    describe:
      'Bytes a second to and from storage nodes: 2M, up:down, 08:00,512K:2M 19:00,off [off]',
  },
  codec: {
    choices: ['auto', 'simd', 'scalar', 'official'] as const,
    describe: 'Erasure codec: own SIMD kernels, plain TypeScript, or what Walrus publishes [auto]',
  },
} as const satisfies Record<string, Options>

/** How a drive is mounted, beside its settings. */
export const mountingOptions = {
  'read-only': { type: 'boolean', describe: 'Change nothing; no key is needed [no]' },
  'allow-other': { type: 'boolean', describe: 'Other users may use the mount, too [no]' },
  driver: {
    choices: ['auto', 'kernel', 'fuse-native'] as const,
    describe: 'The kernel’s door: own protocol code, or libfuse 2 [auto]',
  },
  profile: { type: 'string', describe: 'Take this set of options of the configuration' },
} as const satisfies Record<string, Options>

/** All that the configuration and the environment may say of a drive. */
export const driveOptions = { ...mountingOptions, ...settingOptions } as const

/** Flags of {@link driveOptions} and {@link networkOption}, as yargs gives them. */
export type SettingFlags = GivenSettings & {
  readonly network?: string | undefined
  readonly profile?: string | undefined
}

/** Reads the configuration. A file that --config names must exist, unless it `mayBeNew`. */
export function openConfig({ directories, configFile }: Context, mayBeNew?: boolean): ConfigFile {
  return ConfigFile.open(directories.config, configFile, mayBeNew)
}

/** All that opening a drive takes, from flags and configuration. Throws Trouble. */
export function driveRequest(
  drive: string,
  flags: SettingFlags,
  readOnly: boolean,
  context: Context,
): DriveRequest {
  const config = openConfig(context).value
  const reference = findDrive(drive, config, flags.network)
  if (!readOnly && reference.at) {
    throw new Trouble(
      'read-only',
      `${drive} is a past state of ${reference.name}, which nothing changes any more: give the drive without @…`,
    )
  }
  const given = optionsOfDrive(reference.name, flags, config)
  if (!readOnly && reference.key === undefined) {
    throw new Trouble(
      'no-key',
      `no key is known for ${drive}, so it can only be read: mount it with --read-only, or give drives.${reference.name} a key`,
    )
  }
  return {
    drive: reference,
    network: networkOf(reference.network, config),
    directories: context.directories,
    keys: new Keystore(context.directories.config),
    settings: settings(given),
    readOnly,
    unlock: context.unlock,
    log: logOf(context),
    warn: (text) => {
      announceWarning(text)
      context.terminal.warn(text)
    },
  }
}

/** For commands that are about a drive as a whole. Throws Trouble `usage`. */
export function refusePast({ name, at }: DriveReference): void {
  if (!at) return
  throw new Trouble(
    'usage',
    `this is about ${name} as a whole, not about one state of it: leave @… out`,
  )
}

/** How a drive is mounted and run, after flags, environment, configuration and defaults. Throws Trouble. */
export function optionsOfDrive(drive: string, flags: SettingFlags, config: Config): GivenSettings {
  const asked = { drive, flags, options: driveOptions }
  return effectiveValues(settingLayers(asked, config, process.env))
}

/** How it is run, by what was given. Throws Trouble `usage`. */
export function settings(given: GivenSettings): DriveRequest['settings'] {
  try {
    return settingsOf(given)
  } catch (error) {
    if (error instanceof RangeError) throw new Trouble('usage', error.message)
    throw error
  }
}

/** Whether the drive has a key, so that a writable mount makes sense. */
export function hasKey(reference: DriveReference): boolean {
  return reference.key !== undefined
}
