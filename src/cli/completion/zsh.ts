import { globalFlags, type CommandEntry, type FlagEntry } from '../command-table.ts'
import {
  allEntries,
  isNegatable,
  shortText,
  switchesOf,
  type ScriptOptions,
} from './script-parts.ts'
import { valueKindOf, type ValueKind } from './value-kind.ts'

/** The completion script for zsh: to be sourced after compinit, or as `_walrusfs` in a directory of fpath. */
export function zshScript({ entries }: ScriptOptions): string {
  return `#compdef walrusfs
# zsh completion for walrusfs, made by: walrusfs completion zsh

_walrusfs_asked() {
  local -a values
  values=("\${(@f)$(walrusfs __values $1 "\${(@)_walrusfs_words}" 2>/dev/null)}")
  values=(\${values:#})
  compadd -a values
}

_walrusfs_list() {
  local -a values
  values=(\${=1})
  compset -P '*,'
  compadd -S '' -a values
}

${allEntries(entries).map(commandFunction).join('\n')}
_walrusfs() {
  local curcontext="$curcontext" state line
  local -a _walrusfs_words commands
  typeset -A opt_args
  _walrusfs_words=("\${(@)words[2,-1]}")
${dispatch('', entries)}}

if [[ $funcstack[1] == _walrusfs ]]; then _walrusfs "$@"; else compdef _walrusfs walrusfs; fi
`
}

function commandFunction(entry: CommandEntry): string {
  const { path, positionals, subcommands } = entry
  const body =
    subcommands.length > 0
      ? dispatch(path, subcommands)
      : `  _arguments -S \\\n${[
          ...specsOf([...globalFlags, ...entry.flags], entry),
          ...positionals.map(({ name, describe, isRequired, option }, i) => {
            const colons = isRequired ? ':' : '::'
            const what = escaped(describe || name)
            return quoted(`${i + 1}${colons}${what}:${action(valueKindOf(entry, name, option))}`)
          }),
        ]
          .map((spec) => `    ${spec}`)
          .join(' \\\n')}\n`
  return `${functionOf(path)}() {\n${body}}\n`
}

/** Completes the command's name, or hands on to its function. */
function dispatch(path: string, below: readonly CommandEntry[]): string {
  const own = (whole: string) => whole.split(' ').at(-1)!
  const described = below.flatMap(({ path: whole, aliases, describe }) =>
    [whole, ...aliases].map((name) => quoted(`${own(name)}:${describe.replaceAll(':', '\\:')}`)),
  )
  const cases = below.map((entry) => {
    const names = [entry.path, ...entry.aliases].map(own).join(' | ')
    return `        ${names}) ${functionOf(entry.path)} ;;`
  })
  const variable = path === '' ? 'commands' : 'actions'
  return `  local -a ${variable}
  ${variable}=(
${described.map((text) => `    ${text}`).join('\n')}
  )
  _arguments -C -S \\
${specsOf(globalFlags, { path })
  .map((spec) => `    ${spec} \\`)
  .join('\n')}
    '(-): :->names' '(-)*:: :->arguments'
  case $state in
    names) _describe -t ${variable} ${quoted(path || 'command')} ${variable} ;;
    arguments)
      case $words[1] in
${cases.join('\n')}
      esac ;;
  esac
`
}

function specsOf(flags: readonly FlagEntry[], entry: { readonly path: string }): string[] {
  return flags.flatMap((flag) => {
    const kind = valueKindOf(entry, flag.name, flag.option)
    const switches = switchesOf(flag)
    const repeats = flag.option.array === true || flag.option.type === 'count'
    const group = repeats ? '*' : switches.length > 1 ? `(${switches.join(' ')})` : ''
    const about = `[${escaped(shortText(flag.describe))}]`
    const value = kind ? `:${flag.name}:${action(kind)}` : ''
    const specs = switches.map((word) => {
      const joins = !kind ? '' : word.startsWith('--') ? '=' : '+'
      return quoted(`${group}${word}${joins}${about}${value}`)
    })
    const negated = isNegatable(flag)
      ? [quoted(`--no-${flag.name}[not: ${escaped(shortText(flag.describe))}]`)]
      : []
    return [...specs, ...negated]
  })
}

function action(kind: ValueKind | undefined): string {
  switch (kind?.kind) {
    case 'asked':
      return ` _walrusfs_asked ${kind.what}`
    case 'choices':
      return `(${kind.choices.join(' ')})`
    case 'list':
      return ` _walrusfs_list "${kind.choices.join(' ')}"`
    case 'files':
      return '_files'
    case 'directories':
      return '_files -/'
    case 'anything':
    case undefined:
      return ' '
  }
}

function functionOf(path: string): string {
  return `_walrusfs_${path.replaceAll(/[ -]/g, '_')}`
}

function escaped(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, (letter) => `\\${letter}`)
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
