import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Trouble } from '../terms/trouble.ts'
import { networkSize, type NetworkChoice } from './devnet-options.ts'
import { freePorts } from './free-ports.ts'

/** A network as it was made, in `network.json` of its directory (0600: the node keys come from the seed). */
export interface NetworkFile {
  readonly version: 1
  /** Hex, 32 bytes. */
  readonly seed: string
  readonly nodes: number
  readonly shards: number
  readonly suiPort: number
  readonly nodePorts: readonly number[]
  /** FROST per MiB, as decimal texts. */
  readonly prices: { readonly storage: string; readonly write: string }
  readonly epochDurationMs: number
  readonly maxEpochsAhead: number
  /** Known after the first start: tells that chain and nodes belong together. */
  readonly systemObjectId?: string
}

const fileName = 'network.json'
const twoWeeksMs = 14 * 86_400_000

/** Reads the network of a directory, or chooses a new one and writes it down. */
export async function openNetworkFile(
  directory: string,
  choice: NetworkChoice,
): Promise<NetworkFile> {
  const path = join(directory, fileName)
  if (existsSync(path)) return continued(path, choice)
  const network = await newNetwork(choice)
  writeNetworkFile(directory, network)
  return network
}

/** Replaces the file as a whole, durably. */
export function writeNetworkFile(directory: string, network: NetworkFile): void {
  const path = join(directory, fileName)
  const temporary = `${path}.new`
  const file = openSync(temporary, 'w', 0o600)
  try {
    writeSync(file, `${JSON.stringify(network, undefined, 2)}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
  const parent = openSync(dirname(path), 'r')
  fsyncSync(parent)
  closeSync(parent)
}

/** The network with other ports, those that were chosen by a person excepted. */
export async function withOtherPorts(
  network: NetworkFile,
  choice: NetworkChoice,
): Promise<NetworkFile> {
  return { ...network, ...(await portsOf(choice, network.nodes)) }
}

async function newNetwork(choice: NetworkChoice): Promise<NetworkFile> {
  const { nodes, shards } = networkSize(choice)
  const { storage, write } = choice.prices ?? { storage: 100n, write: 50n }
  return {
    version: 1,
    seed: randomBytes(32).toString('hex'),
    nodes,
    shards,
    ...(await portsOf(choice, nodes)),
    prices: { storage: String(storage), write: String(write) },
    epochDurationMs: choice.epochDurationMs ?? twoWeeksMs,
    maxEpochsAhead: choice.maxEpochsAhead ?? 53,
  }
}

async function portsOf(
  choice: NetworkChoice,
  nodes: number,
): Promise<Pick<NetworkFile, 'suiPort' | 'nodePorts'>> {
  const { suiPort, basePort } = choice
  const chosen =
    basePort === undefined ? undefined : Array.from({ length: nodes }, (_, at) => basePort + at)
  for (const port of [suiPort ?? 1, ...(chosen ?? [])]) {
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      throw new Trouble('usage', `a port is a number from 1 to 65535, not ${port}`)
    }
  }
  const free = await freePorts(nodes + 1, new Set([suiPort ?? 0, ...(chosen ?? [])]))
  return { suiPort: suiPort ?? free[0]!, nodePorts: chosen ?? free.slice(1) }
}

function continued(path: string, choice: NetworkChoice): NetworkFile {
  const network = parse(path)
  const { storage, write } = network.prices
  type Value = string | number | undefined
  const compare: readonly (readonly [string, Value, Value])[] = [
    ['nodes', choice.nodes, network.nodes],
    ['shards', choice.shards, network.shards],
    ['suiPort', choice.suiPort, network.suiPort],
    ['basePort', choice.basePort, network.nodePorts[0]],
    ['storage price', choice.prices && String(choice.prices.storage), storage],
    ['write price', choice.prices && String(choice.prices.write), write],
    ['epochDurationMs', choice.epochDurationMs, network.epochDurationMs],
    ['maxEpochsAhead', choice.maxEpochsAhead, network.maxEpochsAhead],
  ]
  for (const [what, asked, is] of compare) {
    if (asked === undefined || asked === is) continue
    throw new Trouble(
      'config',
      `the devnet in ${dirname(path)} was made with ${what} ${is}, not ${asked}: ` +
        'start it without that choice, or make another one in another directory',
    )
  }
  return network
}

function parse(path: string): NetworkFile {
  let network: NetworkFile
  try {
    network = JSON.parse(readFileSync(path, 'utf8')) as NetworkFile
  } catch (cause) {
    throw new Trouble(
      'damaged',
      `${path} cannot be read; the network's data are untouched, put the file back from a copy`,
      { cause },
    )
  }
  if (network.version === 1) return network
  throw new Trouble('format', `${path} was written by another version of walrusfs; use that one`)
}
