import type { Options } from 'yargs'
import { Trouble } from '../terms/trouble.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Value = string | number | boolean

const truths: Readonly<Record<string, boolean>> = {
  1: true,
  true: true,
  yes: true,
  on: true,
  0: false,
  false: false,
  no: false,
  off: false,
}

/** Variables that are no flag. */
export const otherVariables = {
  WALRUSFS_HOME: 'State, cache, configuration and devnet all go under this directory',
  WALRUSFS_DRIVE: 'Where a systemd unit, or npm start, mounts; no other command asks for it',
  WALRUSFS_OPTIONS: 'Mount options of a systemd unit; no other command asks for it',
} as const

/** The variable of a flag: `cache-size` is `WALRUSFS_CACHE_SIZE`. */
export function variableOf(flag: string): string {
  return `WALRUSFS_${flag.replaceAll('-', '_').toUpperCase()}`
}

/** The key of a flag in the configuration, and in yargs: `cache-size` is `cacheSize`. */
export function keyOf(flag: string): string {
  return flag.replace(/-./g, (dash) => dash[1]!.toUpperCase())
}

/** What the variables say of these flags, by key. Empty ones say nothing. Throws Trouble `config` that names the variable. */
export function environmentOf(
  options: Readonly<Record<string, Options>>,
  env: Environment,
): Record<string, Value> {
  const values: Record<string, Value> = {}
  for (const [flag, option] of Object.entries(options)) {
    const text = env[variableOf(flag)]
    if (text !== undefined && text !== '') values[keyOf(flag)] = valueOf(flag, text, option)
  }
  return values
}

function valueOf(flag: string, text: string, { type, choices }: Options): Value {
  if (type === 'boolean') {
    return truths[text.toLowerCase()] ?? fail(flag, text, 'to be 1 or 0, true or false')
  }
  if (type === 'number' || type === 'count') {
    const number = Number(text)
    if (type === 'count' && text === 'true') return 1
    return Number.isFinite(number) ? number : fail(flag, text, 'to be a number')
  }
  if (choices && !choices.includes(text)) fail(flag, text, `to be one of ${choices.join(', ')}`)
  return text
}

function fail(flag: string, text: string, what: string): never {
  throw new Trouble(
    'config',
    `${variableOf(flag)}=${text} in the environment is ${what}; nothing was started or changed`,
  )
}
