import { globalFlags, type CommandEntry, type FlagEntry } from '../command-table.ts'
import {
  allEntries,
  isNegatable,
  shortText,
  switchesOf,
  type ScriptOptions,
} from './script-parts.ts'
import { valueKindOf, type ValueKind } from './value-kind.ts'

/** The completion script for fish. */
export function fishScript({ entries }: ScriptOptions): string {
  const all = allEntries(entries)
  const names = all.flatMap(({ path, aliases }) => [path, ...aliases])
  const valued = [
    ...globalFlags.flatMap((flag) => valuedSwitches({ path: '*' }, flag)),
    ...all.flatMap((entry) => entry.flags.flatMap((flag) => valuedSwitches(entry, flag))),
  ]
  return `# fish completion for walrusfs, made by: walrusfs completion fish

set -g __walrusfs_commands ${names.map(quoted).join(' ')}
set -g __walrusfs_valued ${valued.map(quoted).join(' ')}

# Prints the command that is being typed, then how many arguments of it stand before the cursor.
function __walrusfs_place
    set -l tokens (commandline -opc)
    set -l path ''
    set -l position 0
    set -l expects 0
    for token in $tokens[2..-1]
        if test $expects = 1
            set expects 0
        else if string match -q -- '-*' $token
            if contains -- "$path $token" $__walrusfs_valued; or contains -- "* $token" $__walrusfs_valued
                set expects 1
            end
        else if contains -- (string trim -- "$path $token") $__walrusfs_commands
            set path (string trim -- "$path $token")
        else
            set position (math $position + 1)
        end
    end
    echo $path
    echo $position
end

# Whether one of these commands is being typed.
function __walrusfs_at
    set -l place (__walrusfs_place)
    contains -- "$place[1]" $argv
end

# Whether argument number $argv[1] of one of the commands $argv[2..] comes next.
function __walrusfs_argument
    set -l place (__walrusfs_place)
    test "$place[2]" = $argv[1]; and contains -- "$place[1]" $argv[2..-1]
end

function __walrusfs_asked
    walrusfs __values $argv[1] (commandline -opc)[2..-1] 2>/dev/null
end

# Several words with commas between them.
function __walrusfs_list
    set -l before (string match -r -- '^.*,' (commandline -ct | string replace -r -- '^-o' ''))
    for word in $argv
        echo $before$word
    end
end

complete -c walrusfs -f
${[
  ...globalFlags.flatMap((flag) => flagLines(undefined, flag)),
  ...commandLines('', entries),
  ...all.flatMap(entryLines),
].join('\n')}
`
}

function entryLines(entry: CommandEntry): string[] {
  const { path, aliases, subcommands, positionals, flags } = entry
  const places = [path, ...aliases].map(quoted).join(' ')
  return [
    ...commandLines(path, subcommands),
    ...flags.flatMap((flag) => flagLines(entry, flag)),
    ...positionals.map(({ name, option }, i) => {
      const condition = quoted(`__walrusfs_argument ${i} ${places}`)
      return `complete -c walrusfs -n ${condition} ${takes(valueKindOf(entry, name, option))}`
    }),
  ]
}

function commandLines(path: string, below: readonly CommandEntry[]): string[] {
  return below.flatMap((entry) =>
    [entry.path, ...entry.aliases].map((whole) => {
      const condition = quoted(`__walrusfs_argument 0 ${quoted(path)}`)
      const name = whole.split(' ').at(-1)!
      return `complete -c walrusfs -n ${condition} -a ${name} -d ${quoted(entry.describe)}`
    }),
  )
}

function flagLines(entry: CommandEntry | undefined, flag: FlagEntry): string[] {
  const where = entry
    ? ` -n ${quoted(`__walrusfs_at ${[entry.path, ...entry.aliases].map(quoted).join(' ')}`)}`
    : ''
  const kind = valueKindOf(entry ?? { path: '' }, flag.name, flag.option)
  const about = ` -d ${quoted(shortText(flag.describe))}`
  const words = switchesOf(flag).map((word) =>
    word.startsWith('--') ? ` -l ${word.slice(2)}` : ` -s ${word.slice(1)}`,
  )
  const value = kind ? ` ${takes(kind)}` : ''
  return [
    `complete -c walrusfs${where}${words.join('')}${value}${about}`,
    ...(isNegatable(flag) ? [`complete -c walrusfs${where} -l no-${flag.name}${about}`] : []),
  ]
}

function takes(kind: ValueKind | undefined): string {
  switch (kind?.kind) {
    case 'asked':
      return `-x -a ${quoted(`(__walrusfs_asked ${kind.what})`)}`
    case 'choices':
      return `-x -a ${quoted(kind.choices.join(' '))}`
    case 'list':
      return `-x -a ${quoted(`(__walrusfs_list ${kind.choices.join(' ')})`)}`
    case 'files':
      return '-r -F'
    case 'directories':
      return `-x -a '(__fish_complete_directories)'`
    case 'anything':
    case undefined:
      return '-x'
  }
}

function valuedSwitches(entry: { readonly path: string }, flag: FlagEntry): string[] {
  if (!valueKindOf(entry, flag.name, flag.option)) return []
  return switchesOf(flag).map((word) => `${entry.path} ${word}`)
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, (letter) => `\\${letter}`)}'`
}
