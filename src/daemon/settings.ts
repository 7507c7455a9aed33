import type { MountConfig } from './config-schema.ts'
import { byteCount, duration } from './quantity.ts'

/** How a drive is run, after flags, configuration and defaults. */
export interface DriveSettings {
  /** Pieces kept in memory. */
  readonly memoryBytes: number
  /** Pieces kept on the disk, of all drives that share the cache directory. */
  readonly cacheBytes: number
  /** The oldest change waits at most this long. */
  readonly writebackDelayMs: number
  /** So many new bytes are written back at once. */
  readonly writebackBytes: number
  /** Writers wait while so many bytes are only here. */
  readonly dirtyLimitBytes: number
  readonly durability: 'local' | 'remote'
  /** Epochs that new packs are paid for. */
  readonly epochs: number
  readonly codec: 'auto' | 'simd' | 'scalar'
}

interface SettingTexts extends MountConfig {
  readonly codec?: DriveSettings['codec']
}

/** Flags of `mount` and keys of `mount` in the configuration, as text. */
export type GivenSettings = {
  readonly [Key in keyof SettingTexts]?: SettingTexts[Key] | undefined
}

/** Lays what is given over the defaults. Later ones win. Throws a RangeError for text that is no quantity. */
export function settingsOf(...given: readonly GivenSettings[]): DriveSettings {
  const all: SettingTexts = Object.assign({}, ...given.map(withoutAbsent))
  return {
    memoryBytes: byteCount(all.memory ?? '128M'),
    cacheBytes: byteCount(all.cacheSize ?? '10G'),
    writebackDelayMs: duration(all.writebackDelay ?? '30s'),
    writebackBytes: byteCount(all.writebackSize ?? '64M'),
    dirtyLimitBytes: byteCount(all.dirtyLimit ?? '16G'),
    durability: all.durability ?? 'local',
    epochs: all.epochs ?? 10,
    codec: all.codec ?? 'auto',
  }
}

function withoutAbsent(given: GivenSettings): GivenSettings {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
