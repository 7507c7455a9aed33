import type { CommandEntry, FlagEntry } from '../command-table.ts'

/** What a completion script is made from. */
export interface ScriptOptions {
  readonly entries: readonly CommandEntry[]
}

/** Every command and every command below it. */
export function allEntries(entries: readonly CommandEntry[]): CommandEntry[] {
  return entries.flatMap((entry) => [entry, ...allEntries(entry.subcommands)])
}

/** What is typed for a flag: `--verbose` and `-v`. */
export function switchesOf({ name, short }: FlagEntry): string[] {
  const first = name.length === 1 ? `-${name}` : `--${name}`
  return short === undefined ? [first] : [first, `-${short}`]
}

/** Whether `--no-FLAG` says something that leaving it out does not. */
export function isNegatable({ name, option }: FlagEntry): boolean {
  return (
    option.type === 'boolean' && option.default !== false && !['help', 'version'].includes(name)
  )
}

/** The first words of a description, without its default in brackets: what fits beside a word in a terminal. */
export function shortText(describe: string): string {
  return describe.replace(/ \[[^\]]*\]$/, '')
}
