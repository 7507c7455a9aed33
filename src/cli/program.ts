import yargs, { type Argv } from 'yargs'
import { hideBin } from 'yargs/helpers'
import { directoriesOf } from '../daemon/directories.ts'
import { version } from '../daemon/version.ts'
import { Trouble } from '../terms/trouble.ts'
import { globalOptions, unlockOf, interruption, report, type Context } from './command.ts'
import { commands } from './commands/index.ts'
import { environmentOf } from './environment.ts'
import { withoutHelperCall } from './mount-helper-call.ts'
import { Terminal } from './terminal.ts'

/** Where nothing says how wide the reader's lines are. */
const usualWidth = 80

const names = commands.flatMap(({ command = [] }) => command).map((text) => text.split(' ')[0]!)
const args = withoutHelperCall(hideBin(process.argv), new Set(names))

function parserOf(): Argv {
  const width = Number(process.env['COLUMNS']) || yargs().terminalWidth() || usualWidth
  return yargs([...args])
    .scriptName('walrusfs')
    .usage('$0 <command>\n\nMounts Walrus, the decentralized blob store on Sui, as a drive.')
    .options(globalOptions)
    .command([...commands])
    .demandCommand(1, 'Say what to do: walrusfs --help lists the commands.')
    .strict()
    .recommendCommands()
    .help()
    .alias('help', 'h')
    .version(version)
    .wrap(Math.min(100, width))
    .epilog(
      'A DRIVE is a name in the configuration or a manifest’s object id. walrusfs COMMAND --help says more.',
    )
    .fail((message, error) => {
      // Its types do not say that it is absent where the arguments are what is wrong.
      throw (
        (error as Error | undefined) ?? new Trouble('usage', message.replaceAll(/\s*\n\s*/g, ' '))
      )
    })
}

/** What fails before a command runs is said as what fails later. */
function contextOf(json: boolean): Context {
  return {
    terminal: new Terminal({ json, quiet: false }),
    directories: directoriesOf(process.env),
    configFile: undefined,
    verbose: 0,
    unlock: unlockOf({}),
    signal: interruption(),
  }
}

/** As far as it can be told of arguments that were not understood. */
function wantsJson(): boolean {
  if (args.includes('--json')) return true
  try {
    return environmentOf({ json: globalOptions.json }, process.env)['json'] === true
  } catch {
    return false
  }
}

try {
  await parserOf().parseAsync()
} catch (error) {
  process.exitCode = report(error, contextOf(wantsJson()))
}
