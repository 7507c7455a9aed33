import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import { exitCodes } from '../terms/trouble.ts'
import { globalOptions } from './command.ts'
import { commands } from './commands/index.ts'
import { withoutHelperCall } from './mount-helper-call.ts'
import { version } from '../daemon/version.ts'

const names = commands.flatMap(({ command = [] }) => command).map((text) => text.split(' ')[0]!)
const parser = yargs(withoutHelperCall(hideBin(process.argv), new Set(names)))
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
  .wrap(Math.min(100, yargs().terminalWidth()))
  .epilog(
    'A DRIVE is a name in the configuration or a manifest’s object id. walrusfs COMMAND --help says more.',
  )
  .fail((message, error, { parsed }) => {
    if (error) throw error
    void parsed
    process.stderr.write(`walrusfs: ${message}\n`)
    process.exit(exitCodes.usage)
  })

await parser.parseAsync()
