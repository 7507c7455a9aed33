import { globalFlags, type CommandEntry } from '../command-table.ts'
import { globalOptions } from '../command.ts'
import { driveOptions } from '../drive-options.ts'
import { otherVariables, variableOf } from '../environment.ts'
import {
  exitItems,
  flagItems,
  pageNameOf,
  partsOf,
  seeAlso,
  type PageFacts,
} from './command-page.ts'
import { bold, italic, item, page, part, prose, subpart, type Page } from './roff.ts'

/** walrusfs(1): what there is, and what holds for every command. */
export function mainPage(entries: readonly CommandEntry[], facts: PageFacts): Page {
  return page(
    {
      name: 'walrusfs',
      section: 1,
      describe: 'mounts Walrus, the decentralized blob store on Sui, as a drive',
      ...facts,
    },
    part('synopsis', [`${bold('walrusfs')} ${italic('command')} [${italic('options')}]`]),
    part(
      'description',
      prose(`A drive is directories and files whose bytes are stored as blobs on Walrus and whose current state is named by a manifest object on Sui.
walrusfs mounts it, keeps what was written safe on this machine's disk, and stores it behind the writer's back.

A DRIVE is a name in the configuration or a manifest's object id. What others chose (names of files, of writers, of nodes) is printed with its control characters escaped.`),
    ),
    part(
      'commands',
      entries.flatMap(({ path, describe }) =>
        item(`${bold(path)} (see ${bold(pageNameOf(path))}(1))`, `${describe}.`),
      ),
    ),
    part('global options', flagItems({ path: '' }, globalFlags)),
    part('output', prose(outputText)),
    part('exit status', exitItems()),
    part('environment', environmentItems()),
    part('files', fileItems()),
    part('see also', seeAlso(['mount.walrusfs(8)'])),
  )
}

const outputText = `Results go to standard output, everything else to standard error. With --json standard output is one JSON value: the result, or an error with its code, exit status and message; when something fails after the result was printed, the exit status and standard error say so.

Colours and a line that is written over are for terminals only. NO_COLOR (any text) takes colours away, and so does CLICOLOR=0; FORCE_COLOR and CLICOLOR_FORCE (but 0) want them anywhere; TERM=dumb wants neither.`

function environmentItems(): string[] {
  const flags = { ...globalOptions, network: undefined, ...driveOptions }
  const about = (flag: string) => {
    const option = flags[flag as keyof typeof flags] as { describe?: string } | undefined
    return option?.describe === undefined ? '' : `: ${partsOf(option.describe).about}`
  }
  return [
    ...prose(
      'A flag that is not given is taken from the variable of its name. Truths are 1 or 0, true or false. Empty ones are as if unset.',
    ),
    ...Object.keys(flags).flatMap((flag) =>
      item(bold(variableOf(flag)), `--${flag}${about(flag)}.`),
    ),
    ...subpart('Others', []),
    ...Object.entries(otherVariables).flatMap(([name, text]) => item(bold(name), `${text}.`)),
    ...item(
      `${bold('XDG_CONFIG_HOME')}, ${bold('XDG_STATE_HOME')}, ${bold('XDG_CACHE_HOME')}, ${bold('XDG_RUNTIME_DIR')}`,
      'As the XDG base directory specification has them.',
    ),
  ]
}

function fileItems(): string[] {
  return [
    ...item(italic('~/.config/walrusfs/config.yaml'), 'The configuration; see walrusfs-config(5).'),
    ...item(
      italic('~/.config/walrusfs/keys/'),
      'Private keys. Whoever has one can write and spend.',
    ),
    ...item(
      italic('~/.local/state/walrusfs/drives/'),
      'Journal and staging of each drive: what is only here. It must be kept.',
    ),
    ...item(italic('~/.cache/walrusfs/'), 'Copies of what is stored; may be deleted at any time.'),
    ...item(
      `${italic('/etc/walrusfs')}, ${italic('/var/lib/walrusfs')}, ${italic('/var/cache/walrusfs')}`,
      'The same of system mounts: those of fstab and of the systemd units.',
    ),
    ...item(`${italic('.walrusfs/status.json')} in a mount`, 'What walrusfs status --json prints.'),
  ]
}
