import type { Options, PositionalOptions } from 'yargs'
import { mountOptionNames } from '../mount-options.ts'
import type { CommandEntry } from '../command-table.ts'

/** What may stand somewhere: one of some words, something that is asked for or looked up, or anything. */
export type ValueKind =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  /** Several of these with commas between them. */
  | { readonly kind: 'list'; readonly choices: readonly string[] }
  | { readonly kind: 'asked'; readonly what: AskedValue }
  | { readonly kind: 'files' | 'directories' | 'anything' }

/** What `walrusfs __values` tells. */
export const askedValues = [
  'drives',
  'mounts',
  'drives-and-mounts',
  'networks',
  'profiles',
] as const

export type AskedValue = (typeof askedValues)[number]

const asked = (what: AskedValue): ValueKind => ({ kind: 'asked', what })

/** By name, wherever such a flag or argument stands. */
const byName: Readonly<Record<string, ValueKind>> = {
  config: { kind: 'files' },
  against: { kind: 'directories' },
  local: { kind: 'files' },
  to: { kind: 'files' },
  drive: asked('drives'),
  recipient: asked('drives'),
  mount: asked('mounts'),
  network: asked('networks'),
  profile: asked('profiles'),
  o: { kind: 'list', choices: mountOptionNames },
}

/** Where a name means something else. */
const byPlace: Readonly<Record<string, ValueKind>> = {
  'mount dir': { kind: 'directories' },
  'bench dir': { kind: 'directories' },
}

/** The kind of a flag's or an argument's value; undefined for a flag that has none. */
export function valueKindOf(
  { path }: Pick<CommandEntry, 'path'>,
  name: string,
  option: Options | PositionalOptions,
): ValueKind | undefined {
  if (option.type === 'boolean' || (option as Options).type === 'count') return undefined
  if (option.choices) return { kind: 'choices', choices: option.choices.map(String) }
  const usual = byPlace[`${path} ${name}`] ?? byName[name] ?? { kind: 'anything' }
  const orMounted = name === 'drive' && /mounted/.test(option.describe ?? option.desc ?? '')
  return orMounted ? asked('drives-and-mounts') : usual
}
