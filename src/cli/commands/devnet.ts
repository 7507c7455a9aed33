import { join } from 'node:path'
import type { Argv } from 'yargs'
import { DevnetClient } from '../../devnet/devnet-client.ts'
import { moments } from '../../devnet/alarm.ts'
import type { DevnetStatus, NodeStatus } from '../../devnet/devnet-status.ts'
import { runInBackground } from '../background.ts'
import { command } from '../command.ts'
import { devnetFault } from './devnet-fault.ts'
import { devnetFaucet } from './devnet-faucet.ts'
import { counted } from '../../daemon/quantity.ts'

const start = command({
  command: 'start',
  describe: 'Start the local network (or go on with the one that is there)',
  options: {
    nodes: { type: 'number', describe: 'Storage nodes of a new network', default: undefined },
    shards: { type: 'number', describe: 'Shards of a new network, all nodes together' },
    foreground: { type: 'boolean', default: false, describe: 'Stay here until SIGINT or SIGTERM' },
  },
  run: async (args, context) => {
    const size = {
      ...(args.nodes === undefined ? {} : { nodes: args.nodes }),
      ...(args.shards === undefined ? {} : { shards: args.shards }),
    }
    if (args.foreground) {
      const { runDevnet } = await import('../run-devnet.ts')
      return runDevnet(size, context)
    }
    const { directories, terminal, signal } = context
    const sizeFlags = Object.entries(size).flatMap(([flag, value]) => [`--${flag}`, String(value)])
    const log = join(directories.devnet, 'devnet.log')
    await runInBackground(['devnet', 'start', '--foreground', ...sizeFlags], log, terminal, signal)
    const status = await DevnetClient.open(directories.devnet).status(signal)
    terminal.result(status, () => statusLines(status))
  },
})

const stop = command({
  command: 'stop',
  describe: 'Stop the local network; its blobs and objects stay on disk',
  options: {},
  run: async (_, { directories, terminal, signal }) => {
    await DevnetClient.open(directories.devnet).stop(signal)
    terminal.result({ stopped: true }, () => ['the devnet has stopped'])
  },
})

const status = command({
  command: 'status',
  describe: 'Addresses, ids, nodes and blobs of the local network',
  options: {},
  run: async (_, { directories, terminal, signal }) => {
    const now = await DevnetClient.open(directories.devnet).status(signal)
    terminal.result(now, () => statusLines(now))
  },
})

const epoch = command({
  command: 'epoch [count]',
  describe: 'End the current Walrus epoch, or several',
  positionals: (argv: Argv) =>
    argv.positional('count', { type: 'number', default: 1, describe: 'How many' }),
  options: {
    count: { type: 'number', default: 1, hidden: true },
    moving: { type: 'boolean', default: false, describe: 'The shards change hands' },
    at: { choices: moments, describe: 'One epoch, as somebody next asks for this' },
    skip: { type: 'number', default: 0, describe: 'With --at: so many are let through first' },
  },
  run: async ({ count, moving, at, skip }, { directories, signal, terminal }) => {
    const client = DevnetClient.open(directories.devnet)
    const now = at
      ? await client.epochAt({ at, skip }, moving, signal)
      : await client.advanceEpoch(count, signal, moving)
    terminal.result({ epoch: now }, () => [`epoch ${now}`])
  },
})

/** `walrusfs devnet`: a Sui full node and Walrus storage nodes on loopback. */
export const devnet = command({
  command: 'devnet <action>',
  describe: 'The local network: a Sui full node and Walrus storage nodes on loopback',
  positionals: (argv) =>
    argv
      .command([start, stop, status, epoch, devnetFault, devnetFaucet])
      .demandCommand(1, 'Say what to do with the devnet.'),
  options: {},
  run: async () => {},
})

function statusLines(now: DevnetStatus): string[] {
  const row = (key: string, value: string | number) => `${key.padEnd(16)} ${value}`
  return [
    row('full node', now.suiUrl),
    row('system object', now.systemObjectId),
    row('staking object', now.stakingPoolId),
    row('epoch', now.epoch),
    row('blobs', now.blobIds.length),
    ...now.nodes.map((node, i) => row(`node ${i}`, nodeText(node))),
    ...now.suiFaults.map((fault) => row('full node fault', fault.kind)),
  ]
}

function nodeText({ name, url, shards, state, faults, blobs }: NodeStatus): string {
  const troubles = faults.map((fault) => fault.kind).join(', ')
  return `${name} ${url}, ${counted(shards, 'shard')}, ${counted(blobs, 'blob')}, ${state}${troubles ? ` (${troubles})` : ''}`
}
