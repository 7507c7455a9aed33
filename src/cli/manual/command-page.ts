import { exitCodes, exitMeanings, type TroubleCode } from '../../terms/trouble.ts'
import { environmentOptions } from '../command.ts'
import { globalFlags, type CommandEntry, type FlagEntry } from '../command-table.ts'
import { valueKindOf } from '../completion/value-kind.ts'
import { driveOptions } from '../drive-options.ts'
import { variableOf } from '../environment.ts'
import { bold, italic, item, page, part, plain, prose, subpart, type Page } from './roff.ts'

export interface PageFacts {
  readonly date: Date
  readonly version: string
}

/** The page of one command, with those below it. */
export function commandPage(entry: CommandEntry, facts: PageFacts): Page {
  const { path, describe, subcommands } = entry
  return page(
    { name: pageNameOf(path), section: 1, describe, ...facts },
    part('synopsis', synopsis(subcommands.length ? subcommands : [entry])),
    part('description', prose(`${describe}.${entry.epilog ? `\n\n${entry.epilog}` : ''}`)),
    part('commands', subcommands.flatMap(subcommandLines)),
    part('arguments', argumentsOf(entry)),
    part('options', flagItems(entry, entry.flags)),
    part('global options', flagItems(entry, globalFlags)),
    part('environment', variableLines(entry)),
    part('exit status', prose('0, or as walrusfs(1) lists them.')),
    part('see also', seeAlso(path === 'mount' ? ['mount.walrusfs(8)'] : [])),
  )
}

export function pageNameOf(path: string): string {
  return path === '' ? 'walrusfs' : `walrusfs-${path.split(' ')[0]}`
}

export function synopsis(entries: readonly CommandEntry[]): string[] {
  return entries.flatMap(({ usage }) => {
    const words = usage.split(' ').map((word) => {
      const name = /^([<[])(\w+)/.exec(word)?.[2]
      if (name === undefined) return bold(word)
      return word.startsWith('<') ? italic(name) : `[${italic(name)}]`
    })
    return ['.PP', `${bold('walrusfs')} ${words.join(' ')} [${italic('options')}]`]
  })
}

function subcommandLines(entry: CommandEntry): string[] {
  return [
    ...subpart(entry.usage, prose(`${entry.describe}.`)),
    ...(entry.epilog ? ['.PP', ...prose(entry.epilog)] : []),
    ...argumentsOf(entry),
    ...flagItems(entry, entry.flags),
  ]
}

function argumentsOf(entry: CommandEntry): string[] {
  return entry.positionals.flatMap(({ name, describe, option }) => {
    const choices = option.choices ? `: ${option.choices.join(', ')}` : ''
    const usual = option.default === undefined ? '' : `; ${String(option.default)} if left out`
    return item(italic(name), `${describe}${choices}${usual}.`)
  })
}

/** Flags as items; what their defaults are is said last. */
export function flagItems(
  entry: Pick<CommandEntry, 'path'>,
  flags: readonly FlagEntry[],
): string[] {
  return flags.flatMap((flag) => {
    const { name, short, describe, option } = flag
    const long = name.length === 1 ? `-${name}` : `--${name}`
    const names = [...(short === undefined ? [] : [`-${short}`]), long].map(bold).join(', ')
    const takes = valueKindOf(entry, name, option) ? `${name.length > 1 ? '=' : ' '}` : undefined
    const word = option.choices ? option.choices.join('|') : (option.type ?? 'text')
    const value = takes === undefined ? '' : `${takes}${italic(wordFor(word))}`
    const { about, usual } = partsOf(describe)
    const given =
      option.default === undefined || option.default === false ? usual : String(option.default)
    return item(`${names}${value}`, `${about}.${given === undefined ? '' : ` Default: ${given}.`}`)
  })
}

/** `Disk cache [10G]`: what it is, and its default. */
export function partsOf(describe: string): { about: string; usual: string | undefined } {
  const match = /^(.*?)(?: \[([^\]]*)\])?$/s.exec(describe)
  return { about: match?.[1] ?? describe, usual: match?.[2] }
}

function wordFor(type: string): string {
  return { string: 'text', number: 'number' }[type] ?? type
}

function variableLines({ flags, path }: CommandEntry): string[] {
  const own = Object.fromEntries(flags.map(({ name, option }) => [name, option]))
  const plainOnes = Object.keys(environmentOptions(own)).filter((name) => name in own)
  const driven = flags.map(({ name }) => name).filter((name) => name in driveOptions)
  const names = [
    ...new Set([
      ...plainOnes,
      ...(path === 'gc' ? driven.filter((name) => name !== 'keep') : driven),
    ]),
  ]
  if (names.length === 0) return []
  return prose(
    `Flags that are not given are taken from ${names.map(variableOf).join(', ')}, and from variables of the global options; see walrusfs(1).`,
  )
}

/** The codes that commands end with, from their one table. */
export function exitItems(): string[] {
  const rows = Object.entries(exitCodes) as [TroubleCode, number][]
  return [
    ...item(bold('0'), 'All went well.'),
    ...rows.flatMap(([code, number]) =>
      item(`${bold(String(number))} ${plain(code)}`, `${exitMeanings[code]}.`),
    ),
  ]
}

export function seeAlso(more: readonly string[] = []): string[] {
  return prose(['walrusfs(1)', 'walrusfs-config(5)', ...more, 'fusermount3(1)'].join(', '))
}
