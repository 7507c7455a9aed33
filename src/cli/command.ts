import type { ArgumentsCamelCase, Argv, CommandModule, InferredOptionTypes, Options } from 'yargs'
import { exitCodes, Trouble } from '../terms/trouble.ts'
import { directoriesOf, type Directories } from '../daemon/directories.ts'
import { visibleLines } from '../runtime/visible-text.ts'
import type { KeyOffer } from '../daemon/unlock-drive.ts'
import { asker } from './ask-secret.ts'
import { announceError } from './background.ts'
import { environmentOf } from './environment.ts'
import { Terminal } from './terminal.ts'

/** Flags that every command takes. */
export const globalOptions = {
  config: { type: 'string', describe: 'Configuration file to use', requiresArg: true },
  'key-file': {
    type: 'string',
    describe: 'Open a sealed drive with this key file',
    requiresArg: true,
  },
  'passphrase-file': {
    type: 'string',
    describe: 'The same with the passphrase in the first line of this file',
    requiresArg: true,
  },
  json: { type: 'boolean', default: false, describe: 'Print the result as JSON' },
  verbose: { type: 'count', alias: 'v', describe: 'Say more (-vv: everything)' },
  quiet: {
    type: 'boolean',
    alias: 'q',
    default: false,
    describe: 'Say nothing but results and errors',
  },
} as const satisfies Record<string, Options>

/** Flags whose variables are read beside the command line; those of a drive's options are read with the configuration. */
const fromEnvironment: ReadonlySet<string> = new Set([
  ...Object.keys(globalOptions).filter((flag) => !flag.endsWith('-file')),
  'network',
  'foreground',
  'accept-rollback',
])

type GlobalOptions = InferredOptionTypes<typeof globalOptions> & {
  readonly keyFile?: string | undefined
  readonly passphraseFile?: string | undefined
}

/** Names a file with a passphrase for whatever drive it opens. */
const passphraseVariable = 'WALRUSFS_PASSPHRASE_FILE'

/** What flags, environment and terminal offer to open a sealed drive with. */
export function unlockOf(flags: Pick<GlobalOptions, 'keyFile' | 'passphraseFile'>): KeyOffer {
  const { keyFile, passphraseFile } = flags
  const usualPassphraseFile = process.env[passphraseVariable] || undefined
  return { keyFile, passphraseFile, usualPassphraseFile, ask: asker() }
}

/** What a command works with. */
export interface Context {
  readonly terminal: Terminal
  readonly directories: Directories
  readonly configFile: string | undefined
  readonly verbose: number
  /** What a sealed drive is opened with, beside keys that are here. */
  readonly unlock: KeyOffer
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal
}

export interface CommandSpec<O extends Record<string, Options>> {
  /** As yargs writes it: `mount <drive> <dir>`. */
  readonly command: string | readonly string[]
  readonly describe: string | false
  /** What the help says below the options: what it is for, examples. */
  readonly epilog?: string
  readonly positionals?: (argv: Argv) => Argv
  readonly options: O
  readonly run: (
    args: ArgumentsCamelCase<InferredOptionTypes<O>>,
    context: Context,
  ) => Promise<void>
}

/** A command with what its help, its man page and completions are made from. */
export interface Command extends CommandModule {
  readonly spec: Omit<CommandSpec<Record<string, Options>>, 'run'>
}

/** A command for yargs: failures become one line and an exit code. */
export function command<O extends Record<string, Options>>(spec: CommandSpec<O>): Command {
  return {
    spec,
    command: spec.command,
    describe: spec.describe,
    builder: (argv) => {
      const positioned = spec.positionals?.(argv) ?? argv
      const given = environmentOf(environmentOptions(spec.options), process.env)
      return positioned
        .options(spec.options)
        .config(given)
        .epilog(spec.epilog ?? '')
    },
    handler: async (args) => {
      const globals = args as unknown as GlobalOptions
      const terminal = new Terminal({ json: globals.json, quiet: globals.quiet })
      const context: Context = {
        terminal,
        directories: directoriesOf(process.env),
        configFile: globals.config,
        verbose: globals.verbose ?? 0,
        unlock: unlockOf(globals),
        signal: interruption(),
      }
      try {
        await spec.run(args as unknown as ArgumentsCamelCase<InferredOptionTypes<O>>, context)
        terminal.clear()
      } catch (error) {
        process.exitCode = report(error, context)
      }
    },
  }
}

/** Those of the flags, and of the global ones, that variables may give. */
export function environmentOptions(options: Record<string, Options>): Record<string, Options> {
  const all = { ...globalOptions, ...options }
  return Object.fromEntries(Object.entries(all).filter(([flag]) => fromEnvironment.has(flag)))
}

/** Says what went wrong; returns the exit code. */
export function report(error: unknown, { terminal, verbose, signal }: Context): number {
  const trouble = error instanceof Trouble
  const code = trouble ? error.code : 'failed'
  announceError(code, messageOf(error))
  if (signal.aborted && !trouble) {
    terminal.failure('interrupted', 'interrupted')
    return exitCodes.interrupted
  }
  terminal.failure(code, messageOf(error))
  if (!trouble || verbose > 1) process.stderr.write(`${visibleLines(stackOf(error))}\n`)
  return exitCodes[code]
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Aborts at the first SIGINT or SIGTERM; the second one ends the process as if nobody listened. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort(new Trouble('interrupted', 'interrupted')))
  }
  return controller.signal
}
