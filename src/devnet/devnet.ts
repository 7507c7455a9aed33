import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { FileLock } from '../runtime/file-lock.ts'
import { Lifecycle } from '../runtime/lifecycle.ts'
import type { Log } from '../runtime/log.ts'
import { Trouble } from '../terms/trouble.ts'
import { devnetFileName } from './control-protocol.ts'
import type { Devnet } from './devnet-api.ts'
import { sizeWarning, type DevnetOptions } from './devnet-options.ts'
import { openParts, type DevnetParts } from './devnet-parts.ts'
import { LocalDevnet } from './local-devnet.ts'
import {
  openNetworkFile,
  withOtherPorts,
  writeNetworkFile,
  type NetworkFile,
} from './network-file.ts'

export type { Devnet } from './devnet-api.ts'
export type { DevnetOptions, NetworkChoice } from './devnet-options.ts'

interface Opened {
  readonly network: NetworkFile
  readonly parts: DevnetParts
}

const portTries = 5

/**
 * Starts the network of a directory, a new one where there is none. Throws Trouble: `usage` and `config` for choices
 * that cannot be, `locked` when it runs already, `damaged` and `format` when its files cannot be used.
 */
export async function startDevnet(given: DevnetOptions): Promise<Devnet> {
  const options = { ...given, directory: resolve(given.directory) }
  mkdirSync(options.directory, { recursive: true, mode: 0o700 })
  const lifecycle = new Lifecycle()
  const close = () => stopParts(lifecycle, options.log)
  try {
    await lifecycle.start('lock', async () => {
      const lock = takeLock(options.directory)
      return [lock, async () => lock.release()] as const
    })
    const file = join(options.directory, devnetFileName)
    await lifecycle.start('devnet file', async () => [
      file,
      async () => rmSync(file, { force: true }),
    ])
    const { network, parts } = await lifecycle.start('network', () => openNetwork(options))
    return await LocalDevnet.open(options, network, parts, lifecycle, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function openNetwork(
  options: DevnetOptions,
): Promise<readonly [Opened, () => Promise<void>]> {
  let network = await openNetworkFile(options.directory, options)
  const warning = sizeWarning(network.nodes)
  if (warning) options.log.warn(warning)
  for (let tries = 1; ; tries++) {
    const lifecycle = new Lifecycle()
    const close = () => stopParts(lifecycle, options.log)
    try {
      const parts = await openParts(options, network, lifecycle)
      network = withSystem(options.directory, network, parts.chain.systemObjectId)
      return [{ network, parts }, close]
    } catch (error) {
      await close()
      const port = takenPort(error)
      if (port === undefined) throw error
      if (tries === portTries || !mayMove(network, options, port))
        throw portTaken(network, port, error)
      network = await withOtherPorts(network, options)
      writeNetworkFile(options.directory, network)
    }
  }
}

function takeLock(directory: string): FileLock {
  const lock = FileLock.take(join(directory, 'lock'))
  if (!('heldBy' in lock)) return lock
  throw new Trouble(
    'locked',
    `a devnet runs in ${directory} already (process ${lock.heldBy}); it can be ended with: walrusfs devnet stop`,
  )
}

/** Notes the system object at the first start; later the chain must be the one that the nodes have stored for. */
function withSystem(directory: string, network: NetworkFile, systemObjectId: string): NetworkFile {
  if (network.systemObjectId === systemObjectId) return network
  if (network.systemObjectId === undefined) {
    const completed = { ...network, systemObjectId }
    writeNetworkFile(directory, completed)
    return completed
  }
  throw new Trouble(
    'damaged',
    `the chain in ${directory} is not the one that its storage nodes belong to: ` +
      'put the directory chain back, or make a new devnet in another directory',
  )
}

function takenPort(error: unknown): number | undefined {
  const { code, port } = error as NodeJS.ErrnoException & { readonly port?: number }
  return code === 'EADDRINUSE' ? port : undefined
}

/** Ports that nobody chose and nobody has been told can still be others. */
function mayMove(network: NetworkFile, options: DevnetOptions, port: number): boolean {
  if (network.systemObjectId !== undefined) return false
  return port === network.suiPort ? options.suiPort === undefined : options.basePort === undefined
}

function portTaken(network: NetworkFile, port: number, cause: unknown): Trouble {
  const at = network.nodePorts.indexOf(port)
  const who = at < 0 ? 'the full node' : `node-${at}`
  return new Trouble(
    'config',
    `port ${port} of ${who} is taken by another program: end that program and start the devnet again`,
    { cause },
  )
}

async function stopParts(lifecycle: Lifecycle, log: Log): Promise<void> {
  await lifecycle.stop((name, error) => {
    log.error('a part of the devnet did not end well', { name, why: String(error) })
  })
}
