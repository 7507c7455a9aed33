import type { Options } from 'yargs'
import { checkOption, profileOf, type Config, type MountConfig } from '../daemon/config-schema.ts'
import { settingDefaults, type GivenSettings } from '../daemon/settings.ts'
import { Trouble } from '../terms/trouble.ts'
import { environmentOf, keyOf, variableOf } from './environment.ts'

/** Who may say how a drive is run; earlier ones go before later ones. */
export const sources = ['flag', 'environment', 'drive', 'profile', 'file', 'default'] as const

export type Source = (typeof sources)[number]

/** What one of them says. */
export interface Layer {
  readonly source: Source
  /** Where a person finds what it says of a key. */
  readonly where: (key: keyof MountConfig) => string
  readonly values: GivenSettings
}

/** An option as it holds, and who says so. */
export interface EffectiveSetting {
  readonly key: keyof MountConfig
  readonly value: string | number | boolean | undefined
  readonly source: Source
  readonly where: string
}

const keys = Object.keys(settingDefaults) as (keyof MountConfig)[]

/** Which drive, and what was said of it outside of the configuration. */
export interface Asked {
  /** Its name in the configuration; undefined: of no drive in particular. */
  readonly drive: string | undefined
  /** Of any flags, those that are options of a mount. */
  readonly flags: GivenSettings & { readonly profile?: string | undefined }
  /** The same flags as yargs has them: how variables are to be read. */
  readonly options: Readonly<Record<string, Options>>
}

/** The profile that goes with a drive, and who says so. */
export function profileNameOf(
  { drive, flags }: Asked,
  config: Config,
  env: NodeJS.ProcessEnv,
): { readonly name: string | undefined; readonly where: string } {
  if (flags.profile !== undefined) return { name: flags.profile, where: '--profile' }
  const variable = variableOf('profile')
  if (env[variable]) return { name: env[variable], where: variable }
  const name = drive === undefined ? undefined : config.drives[drive]?.profile
  return { name, where: `drives.${drive}.profile` }
}

/** Everything that says how a drive is run, strongest first. Throws Trouble `usage` or `config` for what cannot be meant. */
export function settingLayers(asked: Asked, config: Config, env: NodeJS.ProcessEnv): Layer[] {
  const { drive, flags, options } = asked
  const own = drive === undefined ? undefined : config.drives[drive]?.mount
  const { name: profile, where } = profileNameOf(asked, config, env)
  const shared = profile === undefined ? {} : profileOf(profile, config, where)
  const layers: Layer[] = [
    { source: 'flag', where: flagOf, values: only(flags) },
    {
      source: 'environment',
      where: (key) => variableOf(nameOf(key)),
      values: only(environmentOf(options, env)),
    },
    { source: 'drive', where: (key) => `drives.${drive}.mount.${key}`, values: own ?? {} },
    { source: 'profile', where: (key) => `profiles.${profile}.${key}`, values: shared },
    { source: 'file', where: (key) => `mount.${key}`, values: config.mount },
    { source: 'default', where: () => 'default', values: settingDefaults },
  ]
  for (const layer of layers.slice(0, 2)) check(layer)
  return layers
}

/** The options of the layers laid over one another. */
export function effective(layers: readonly Layer[]): EffectiveSetting[] {
  return keys.map((key) => {
    const layer = layers.find(({ values }) => values[key] !== undefined) ?? layers.at(-1)!
    return { key, value: layer.values[key], source: layer.source, where: layer.where(key) }
  })
}

/** The same as settings are made from. */
export function effectiveValues(layers: readonly Layer[]): GivenSettings {
  return Object.fromEntries(effective(layers).map(({ key, value }) => [key, value]))
}

/** The flag of a key: `cacheSize` is `--cache-size`. */
export function nameOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function flagOf(key: string): string {
  return `--${nameOf(key)}`
}

function only(given: object): GivenSettings {
  return Object.fromEntries(
    Object.entries(given).filter(
      ([key, value]) => value !== undefined && Object.hasOwn(settingDefaults, key),
    ),
  )
}

function check({ source, where, values }: Layer): void {
  for (const [key, value] of Object.entries(values)) {
    try {
      checkOption(keyOf(key) as keyof MountConfig, value, where(key as keyof MountConfig))
    } catch (error) {
      if (!(error instanceof Trouble) || source !== 'flag') throw error
      throw new Trouble('usage', error.message, { cause: error })
    }
  }
}
