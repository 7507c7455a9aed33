import type { MountConfig } from './config-schema.ts'
import type { OpenCodecOptions } from '../redstuff/open-codec.ts'
import { frostOf } from '../renewal/wal.ts'
import { BandwidthTable } from '../runtime/bandwidth-table.ts'
import { keepPolicy } from './keep-policy.ts'
import { usualPace, type Pace } from './pace.ts'
import { warnCostOf, type WarnCost } from './warn-cost.ts'
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
  /** FROST that new data may cost in a calendar month, renewals counted; undefined: as much as there is. */
  readonly monthBudget: bigint | undefined
  /** What a commit may cost before `sync` and `status` warn of it. */
  readonly warnCost: WarnCost | undefined
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
  /** How fast bytes may go to storage nodes and come from them. */
  readonly bandwidth: BandwidthTable
  readonly codec: NonNullable<OpenCodecOptions['codec']>
  readonly pace: Pace
}

/** Flags of `mount` and keys of `mount` in the configuration, as text. */
export type GivenSettings = {
  readonly [Key in keyof MountConfig]?: MountConfig[Key] | undefined
}

/** Of every option, what holds. */
type AllSettings = Required<Omit<MountConfig, 'budget' | 'monthBudget'>> & {
  readonly budget: MountConfig['budget'] | undefined
  readonly monthBudget: MountConfig['monthBudget'] | undefined
}

/** What holds where nothing is given; what is undefined has no limit, or depends on the drive. */
export const settingDefaults = {
  cacheSize: '10G',
  memory: '96M',
  writebackDelay: '30s',
  appendDelay: '1s',
  writebackSize: '64M',
  dirtyLimit: '16G',
  durability: 'local',
  epochs: 10,
  autoRenew: true,
  renewMargin: 2,
  budget: undefined,
  monthBudget: undefined,
  warnCost: '10%',
  renewCheck: '5m',
  keep: 'all',
  scrub: '1M/s',
  scrubEvery: '1d',
  passthrough: false,
  exclusive: false,
  lease: '10m',
  bwlimit: 'off',
  codec: 'auto',
  driver: 'auto',
  readOnly: false,
  allowOther: false,
} as const satisfies AllSettings

/** Lays what is given over the defaults; YAML may have quantities as numbers. Later ones win. Throws a RangeError for text that is no quantity. */
export function settingsOf(...given: readonly GivenSettings[]): DriveSettings {
  const layers = given.map(withoutAbsent)
  const all: AllSettings = Object.assign({}, settingDefaults, ...layers)
  return {
    memoryBytes: byteCount(String(all.memory)),
    cacheBytes: byteCount(String(all.cacheSize)),
    writebackDelayMs: duration(String(all.writebackDelay)),
    appendDelayMs: appendDelayOf(all.appendDelay),
    writebackBytes: byteCount(String(all.writebackSize)),
    dirtyLimitBytes: byteCount(String(all.dirtyLimit)),
    durability: all.durability,
    epochs: whole(all.epochs, 'epochs'),
    autoRenew: all.autoRenew,
    renewMargin: whole(all.renewMargin, 'renew-margin'),
    budget: all.budget === undefined ? undefined : frostOf(String(all.budget)),
    monthBudget: all.monthBudget === undefined ? undefined : frostOf(String(all.monthBudget)),
    warnCost: warnCostOf(String(all.warnCost)),
    renewCheckMs: duration(String(all.renewCheck)),
    keep: checkedKeep(all.keep),
    scrubBytes: scrubRate(String(all.scrub)),
    scrubEveryMs: duration(String(all.scrubEvery)),
    passthrough: all.passthrough,
    exclusiveMs: all.exclusive ? leaseTime(String(all.lease)) : undefined,
    bandwidth: BandwidthTable.parse(String(all.bwlimit)),
    codec: all.codec,
    pace: usualPace,
  }
}

function appendDelayOf(text: string): number | undefined {
  return text === 'off' ? undefined : duration(String(text))
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
