import { ask } from '../../control/client.ts'
import type { CommitEstimate } from '../../control/commit-estimate.ts'
import { estimateText } from '../../daemon/estimate-text.ts'
import { Trouble } from '../../terms/trouble.ts'
import { askYes, canAsk } from '../ask-yes.ts'
import { command, type Context } from '../command.ts'
import { findDaemon } from '../find-daemon.ts'

/** `walrusfs sync`. */
export const sync = command({
  command: 'sync [mount]',
  describe: 'Return when everything written before is stored on Walrus and committed on chain',
  epilog: `At a terminal it says first what that costs, and asks where it is more than --warn-cost of mount says. Elsewhere it never asks: what is
expensive is a warning on standard error. Above --month-budget nothing is stored and the exit code is 29.`,
  positionals: (argv) =>
    argv.positional('mount', { type: 'string', describe: 'Mount point or name of a drive' }),
  options: {
    mount: { type: 'string', hidden: true },
    yes: { type: 'boolean', alias: 'y', default: false, describe: 'Whatever it costs: do not ask' },
    'over-budget': {
      type: 'boolean',
      default: false,
      describe: 'Store what waits now although it costs more than --month-budget leaves',
    },
  },
  run: async (args, context) => {
    const { terminal, directories, signal } = context
    const daemon = findDaemon(directories, args.mount)
    const estimate = await estimateOf(daemon.socket, signal)
    if (estimate) await consent(estimate, args.yes, context)
    const request = { op: 'sync', overBudget: args.overBudget } as const
    const done = await ask(daemon.socket, request, (step) => terminal.progress(step), signal)
    terminal.result(done, () => [`committed: sequence ${done.sequence}`])
  },
})

/** Undefined where nobody tells: it is no reason not to store. */
async function estimateOf(
  socket: string,
  signal: AbortSignal,
): Promise<CommitEstimate | undefined> {
  try {
    return (await ask(socket, { op: 'estimate' }, () => {}, signal)).estimate
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** Says what it costs. Throws Trouble where somebody does not want that. */
async function consent(
  estimate: CommitEstimate,
  isAgreed: boolean,
  { terminal, signal, verbose }: Context,
): Promise<void> {
  const text = estimateText(estimate)
  const isTold = canAsk() && !terminal.json
  if (!estimate.expensive) {
    if (isTold || verbose > 0) terminal.note(text)
    return
  }
  terminal.warn(text)
  if (isAgreed || !isTold || (await askYes('Store it now?', signal))) return
  throw new Trouble(
    'undrained',
    'nothing was stored for now: it goes on waiting here, and is stored as --writeback-delay says',
  )
}
