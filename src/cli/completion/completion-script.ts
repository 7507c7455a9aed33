import { entriesOf } from '../command-table.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { zshScript } from './zsh.ts'

const makers = { bash: bashScript, zsh: zshScript, fish: fishScript }

/** What makes a shell complete walrusfs, of the commands that there are. */
export async function completionScript(shell: keyof typeof makers): Promise<string> {
  // It has the command that asks for this among its own.
  const { commands } = await import('../commands/index.ts')
  return makers[shell]({ entries: entriesOf(commands) })
}
