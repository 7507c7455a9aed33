import type { MountConfig } from './config-schema.ts'
import type { OpenCodecOptions } from '../redstuff/open-codec.ts'
import { frostOf } from '../renewal/wal.ts'
import { keepPolicy } from './keep-policy.ts'
import { usualPace, type Pace } from './pace.ts'
import { byteCount, duration, leaseTime, scrubRate } from './quantity.ts'

/** How a drive is run, after flags, configuration and defaults. */
export interface DriveSettings {
  /** Pieces kept in memory. */
  readonly memoryBytes: number
  /** Pieces kept on the disk, of all drives that share the cache directory. */
  readonly cacheBytes: number
  /** The oldest change waits at most this long. */
  readonly writebackDelayMs: number
  /** Small changes go into the manifest when nothing was changed for so long; undefined: never. */
  readonly appendDelayMs: number | undefined
  /** So many new bytes are written back at once. */
  readonly writebackBytes: number
  /** Writers wait while so many bytes are only here. */
  readonly dirtyLimitBytes: number
  readonly durability: 'local' | 'remote'
  /** Epochs that new packs are paid for. */
  readonly epochs: number
  /** The drive's storage is extended before it ends, by itself. */
  readonly autoRenew: boolean
  /** What ends within so many epochs is extended. */
  readonly renewMargin: number
  /** FROST that renewals by themselves may cost in one epoch; undefined: as much as there is. */
  readonly budget: bigint | undefined
  /** Between two looks at what ends. */
  readonly renewCheckMs: number
  /** Snapshots that are kept, as `gc --keep` has it: what only older ones need is not renewed. Undefined: all of them. */
  readonly keep: string | undefined
  /** Bytes a second that are re-read in the background to find what went bad; 0: none. */
  readonly scrubBytes: number
  /** Between two passes over all that the drive needs. */
  readonly scrubEveryMs: number
  /** On a read-only mount the kernel reads whole files of the disk cache by itself, where it can. */
  readonly passthrough: boolean
  /** Other writers are asked to wait while the drive is mounted, for so long after the last sign of life; undefined: they are not. */
  readonly exclusiveMs: number | undefined
  readonly codec: NonNullable<OpenCodecOptions['codec']>
  readonly pace: Pace
}

interface SettingTexts extends MountConfig {
  readonly codec?: DriveSettings['codec']
}

/** Flags of `mount` and keys of `mount` in the configuration, as text. */
export type GivenSettings = {
  readonly [Key in keyof SettingTexts]?: SettingTexts[Key] | undefined
}

/** Lays what is given over the defaults; YAML may have quantities as numbers. Later ones win. Throws a RangeError for text that is no quantity. */
export function settingsOf(...given: readonly GivenSettings[]): DriveSettings {
  const all: SettingTexts = Object.assign({}, ...given.map(withoutAbsent))
  return {
    memoryBytes: byteCount(String(all.memory ?? '96M')),
    cacheBytes: byteCount(String(all.cacheSize ?? '10G')),
    writebackDelayMs: duration(String(all.writebackDelay ?? '30s')),
    appendDelayMs:
      all.appendDelay === 'off' ? undefined : duration(String(all.appendDelay ?? '1s')),
    writebackBytes: byteCount(String(all.writebackSize ?? '64M')),
    dirtyLimitBytes: byteCount(String(all.dirtyLimit ?? '16G')),
    durability: all.durability ?? 'local',
    epochs: whole(all.epochs ?? 10, 'epochs'),
    autoRenew: all.autoRenew ?? true,
    renewMargin: whole(all.renewMargin ?? 2, 'renew-margin'),
    budget: all.budget === undefined ? undefined : frostOf(String(all.budget)),
    renewCheckMs: duration(String(all.renewCheck ?? '5m')),
    keep: checkedKeep(all.keep),
    scrubBytes: scrubRate(String(all.scrub ?? '1M')),
    scrubEveryMs: duration(String(all.scrubEvery ?? '1d')),
    passthrough: all.passthrough ?? false,
    exclusiveMs: all.exclusive ? leaseTime(String(all.lease ?? '10m')) : undefined,
    codec: all.codec ?? 'auto',
    pace: usualPace,
  }
}

function checkedKeep(text: string | number | undefined): string | undefined {
  if (text === undefined || text === 'all') return undefined
  keepPolicy(String(text))
  return String(text)
}

function whole(value: number, what: string): number {
  if (Number.isInteger(value) && value >= 1) return value
  throw new RangeError(`${what} is to be a whole number from 1 on, not ${value}`)
}

function withoutAbsent(given: GivenSettings): GivenSettings {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
