import type { CommandEntry, FlagEntry } from '../command-table.ts'
import { globalFlags } from '../command-table.ts'
import { allEntries, isNegatable, switchesOf, type ScriptOptions } from './script-parts.ts'
import { valueKindOf, type ValueKind } from './value-kind.ts'

/** The completion script for bash; it needs nothing of the bash-completion package. */
export function bashScript({ entries }: ScriptOptions): string {
  const all = allEntries(entries)
  return `# bash completion for walrusfs, made by: walrusfs completion bash
# shellcheck shell=bash

# What stands under a command: its flags, those that --no- turns off, its subcommands, the kinds of its arguments.
_walrusfs_of() {
  flags=() negatable=() subcommands=() arguments=()
  case $1 in
${[rootEntry(entries), ...all].map(commandCase).join('\n')}
  esac
}

# The kind of the value that a flag of a command takes; fails for a flag without one.
_walrusfs_value_of() {
  case "$1 $2" in
${[...globalFlags.map((flag) => flagCase('*', flag)), ...all.flatMap((entry) => entry.flags.map((flag) => flagCase(entry.path, flag, entry)))].join('')}    *) return 1 ;;
  esac
}

_walrusfs_offer() {
  local IFS=$'\\n' word
  while read -r word; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
  done
}

_walrusfs_complete_kind() {
  case $1 in
    asked:*) _walrusfs_offer < <(walrusfs __values "\${1#asked:}" "\${words[@]}" 2>/dev/null) ;;
    files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    directories) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    list:*)
      local before='' last=$cur
      [[ $cur == *,* ]] && before=\${cur%,*}, last=\${cur##*,}
      compopt -o nospace
      mapfile -t COMPREPLY < <(compgen -P "$before" -W "\${1#list:}" -- "$last") ;;
    choices:*) mapfile -t COMPREPLY < <(compgen -W "\${1#choices:}" -- "$cur") ;;
  esac
}

_walrusfs() {
  local -a words flags negatable subcommands arguments
  local cur path='' kind word i position=0 expects=''
  COMPREPLY=()
  # Readline cuts at "=" too: --flag=value comes as three words.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    if [[ \${COMP_WORDS[i]} == = && \${words[-1]} == --* ]]; then
      words[-1]+==
      ((i < COMP_CWORD)) && words[-1]+=\${COMP_WORDS[++i]}
    else
      words+=("\${COMP_WORDS[i]}")
    fi
  done
  cur=\${words[-1]}
  _walrusfs_of ''
  for word in "\${words[@]:0:\${#words[@]}-1}"; do
    if [[ $expects ]]; then
      expects=''
    elif [[ $word == -* ]]; then
      _walrusfs_value_of "$path" "$word" >/dev/null && expects=$word
    elif [[ " \${subcommands[*]} " == *" $word "* ]]; then
      path=\${path:+$path }$word
      _walrusfs_of "$path"
    else
      ((position++))
    fi
  done
  if [[ $expects ]]; then
    _walrusfs_complete_kind "$(_walrusfs_value_of "$path" "$expects")"
  elif [[ $cur == --*=* ]]; then
    word=\${cur%%=*} cur=\${cur#*=}
    _walrusfs_complete_kind "$(_walrusfs_value_of "$path" "$word")"
  elif [[ $cur == --no-* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "\${negatable[*]}" -- "$cur")
  elif [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "\${flags[*]}" -- "$cur")
  elif ((\${#subcommands[@]})); then
    mapfile -t COMPREPLY < <(compgen -W "\${subcommands[*]}" -- "$cur")
  else
    _walrusfs_complete_kind "\${arguments[position]-}"
  fi
} 2>/dev/null

complete -F _walrusfs walrusfs
`
}

function rootEntry(entries: readonly CommandEntry[]): CommandEntry {
  const nothing = { aliases: [], usage: '', describe: '', epilog: '', positionals: [], flags: [] }
  return { path: '', ...nothing, subcommands: entries }
}

function commandCase(entry: CommandEntry): string {
  const flags = [...globalFlags, ...entry.flags]
  const parts = {
    flags: flags.flatMap(switchesOf),
    negatable: flags.filter(isNegatable).map(({ name }) => `--no-${name}`),
    subcommands: entry.subcommands.flatMap(({ path, aliases }) =>
      [path, ...aliases].map((whole) => whole.split(' ').at(-1)!),
    ),
    arguments: entry.positionals.map(({ name, option }) =>
      quoted(kindText(valueKindOf(entry, name, option))),
    ),
  }
  const lines = Object.entries(parts).filter(([, words]) => words.length > 0)
  const names = [entry.path, ...entry.aliases].map(quoted).join(' | ')
  return `    ${names})\n${lines.map(([name, words]) => `      ${name}=(${words.join(' ')})\n`).join('')}      ;;`
}

function flagCase(path: string, flag: FlagEntry, entry: { path: string } = { path: '' }): string {
  const kind = valueKindOf(entry, flag.name, flag.option)
  if (!kind) return ''
  const patterns = switchesOf(flag).map((word) =>
    path === '*' ? `*' ${word}'` : quoted(`${path} ${word}`),
  )
  return `    ${patterns.join(' | ')}) echo ${quoted(kindText(kind))} ;;\n`
}

function kindText(kind: ValueKind | undefined): string {
  switch (kind?.kind) {
    case undefined:
      return 'anything'
    case 'asked':
      return `asked:${kind.what}`
    case 'choices':
    case 'list':
      return `${kind.kind}:${kind.choices.join(' ')}`
    case 'files':
    case 'directories':
    case 'anything':
      return kind.kind
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
