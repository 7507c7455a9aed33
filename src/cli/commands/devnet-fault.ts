import type { Argv } from 'yargs'
import { DevnetClient } from '../../devnet/devnet-client.ts'
import { nodeDoors } from '../../devnet/nodes/route.ts'
import type { NodeFault } from '../../devnet/nodes/node-fault.ts'
import { Trouble } from '../../terms/trouble.ts'
import { command } from '../command.ts'

const kinds = [
  'stop',
  'start',
  'slow',
  'corrupt',
  'forget',
  'drop',
  'error',
  'hang',
  'sui-down',
  'sui-slow',
  'sui-hang',
] as const
const more = ['sui-lose-answer', 'sui-stale', 'sui-up', 'clear'] as const

/** `walrusfs devnet fault`: what a test or a curious person does to the network. */
export const devnetFault = command({
  command: 'fault <kind> [node]',
  describe: 'Break something, or mend it',
  epilog: `stop, slow, corrupt, forget, drop, error, hang NODE: the storage node NODE (number or name) refuses connections, waits --ms before
each answer, serves wrong bytes, promises to store and does not, cuts the connection instead of answering, answers HTTP 500, never answers.
start NODE: it is well again. --on aims it at a part of the node's API: corrupt --on metadata lies in metadata, --on confirmations signs with another key.
sui-down, sui-slow, sui-hang, sui-lose-answer, sui-stale: the same for the full node; sui-up mends it.
clear: everything is well again.`,
  positionals: (argv: Argv) =>
    argv
      .positional('kind', { choices: [...kinds, ...more], describe: 'What happens' })
      .positional('node', { type: 'string', describe: 'Which storage node' }),
  options: {
    kind: { choices: [...kinds, ...more], hidden: true, demandOption: true },
    node: { type: 'string', hidden: true },
    ms: { type: 'number', default: 1000, describe: 'Delay of slow and sui-slow, milliseconds' },
    times: { type: 'number', describe: 'Only so many answers are spoiled' },
    on: { choices: nodeDoors, array: true, describe: 'Only these calls of the storage node' },
  },
  run: async ({ kind, node, ms, times, on }, { directories, signal, terminal }) => {
    const devnet = DevnetClient.open(directories.devnet)
    const wanted = () => {
      if (node !== undefined) return node
      throw new Trouble('usage', `say which node: walrusfs devnet fault ${kind} NODE`)
    }
    const scope = { ...(times !== undefined && { times }), ...(on?.length && { on }) }
    const set = (fault: NodeFault) => devnet.fault(wanted(), fault, signal)
    switch (kind) {
      case 'stop':
        await set({ kind })
        break
      case 'slow':
        await set({ kind, delayMs: ms, ...scope })
        break
      case 'corrupt':
      case 'forget':
      case 'drop':
      case 'error':
      case 'hang':
        await set({ kind, ...scope })
        break
      case 'start':
        await devnet.mend({ node: wanted() }, signal)
        break
      case 'sui-down':
        await devnet.suiFault({ kind: 'down' }, signal)
        break
      case 'sui-hang':
        await devnet.suiFault({ kind: 'hang' }, signal)
        break
      case 'sui-slow':
        await devnet.suiFault({ kind: 'slow', delayMs: ms }, signal)
        break
      case 'sui-lose-answer':
        await devnet.suiFault({ kind: 'lose-answer', times: times ?? 1 }, signal)
        break
      case 'sui-stale':
        await devnet.suiFault({ kind: 'stale' }, signal)
        break
      case 'sui-up':
        await devnet.suiFault(undefined, signal)
        break
      case 'clear':
        await devnet.mend({}, signal)
        await devnet.suiFault(undefined, signal)
    }
    const status = await devnet.status(signal)
    terminal.result(status.nodes, () =>
      status.nodes.map(
        ({ name, state, faults }) =>
          `${name}: ${[state, ...faults.map((f) => f.kind).filter((kind) => kind !== 'stop')].join(', ')}`,
      ),
    )
  },
})
