import type { Argv, Options, PositionalOptions } from 'yargs'
import { globalOptions, type Command } from './command.ts'

/** A flag as its help shows it. */
export interface FlagEntry {
  readonly name: string
  /** `-v`, without the dash. */
  readonly short: string | undefined
  readonly describe: string
  readonly option: Options
}

export interface PositionalEntry {
  readonly name: string
  readonly isRequired: boolean
  readonly describe: string
  readonly option: PositionalOptions
}

/** A command as data: what its help, its man page and completions say. */
export interface CommandEntry {
  /** `devnet fault`. */
  readonly path: string
  /** Other names of it: whole paths. */
  readonly aliases: readonly string[]
  /** `devnet fault <kind> [node]`. */
  readonly usage: string
  readonly describe: string
  readonly epilog: string
  readonly positionals: readonly PositionalEntry[]
  /** Its own; the global ones are {@link globalFlags}. */
  readonly flags: readonly FlagEntry[]
  readonly subcommands: readonly CommandEntry[]
}

/** Flags of every command, those of yargs itself too. */
export const globalFlags: readonly FlagEntry[] = [
  ...flagsOf(globalOptions),
  { name: 'help', short: 'h', describe: 'Show help', option: { type: 'boolean' } },
  {
    name: 'version',
    short: undefined,
    describe: 'Show version number',
    option: { type: 'boolean' },
  },
]

/** What a command says of itself; `parent` is the path that it stands under. Hidden ones are left out. */
export function entriesOf(commands: readonly Command[], parent = ''): CommandEntry[] {
  return commands.filter(({ spec }) => spec.describe !== false).map((one) => entryOf(one, parent))
}

function entryOf({ spec }: Command, parent: string): CommandEntry {
  const [usage = '', ...others] = [spec.command].flat().map((text) => `${parent}${text}`)
  const path = pathOf(usage)
  const recorded = record(spec.positionals)
  return {
    path,
    // What yargs calls $0 is what the command above does without a word: nobody types it.
    aliases: others.map(pathOf).filter((name) => !name.endsWith('$0')),
    usage,
    describe: spec.describe || '',
    epilog: spec.epilog ?? '',
    positionals: [...usage.matchAll(/([<[])(\w+)[.\]>]/g)].flatMap(([, bracket, name = '']) => {
      const option = recorded.positionals.get(name)
      if (!option) return []
      const describe = option.describe ?? ''
      return [{ name, isRequired: bracket === '<', describe, option }]
    }),
    flags: flagsOf(spec.options),
    subcommands: entriesOf(recorded.commands, `${path} `),
  }
}

function pathOf(usage: string): string {
  return usage.replace(/ [<[].*$/, '')
}

function flagsOf(options: Readonly<Record<string, Options>>): FlagEntry[] {
  return Object.entries(options)
    .filter(([, option]) => option.hidden !== true)
    .map(([name, option]) => {
      const short = [option.alias ?? []].flat().find((alias) => alias.length === 1)
      return { name, short, describe: option.describe ?? '', option }
    })
}

/** Has a command tell a yargs that only listens. */
function record(tell: Command['spec']['positionals']) {
  const positionals = new Map<string, PositionalOptions>()
  const commands: Command[] = []
  const listener: Record<string, unknown> = {
    positional: (name: string, option: PositionalOptions) => {
      positionals.set(name, option)
      return listener
    },
    command: (some: Command | readonly Command[]) => {
      commands.push(...[some].flat())
      return listener
    },
    demandCommand: () => listener,
  }
  tell?.(listener as unknown as Argv)
  return { positionals, commands }
}
