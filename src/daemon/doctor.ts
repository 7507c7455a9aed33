import { existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { doctorFuse, type Finding } from '../fuse/doctor.ts'
import { passthroughFinding } from '../fuse/passthrough-finding.ts'
import { latestCheckpointMs } from '../store/chain/latest-checkpoint.ts'
import { openSuiAccount, type SuiAccount } from '../store/chain/sui-account.ts'
import { silentLog } from '../runtime/log.ts'
import { Trouble } from '../terms/trouble.ts'
import { ConfigFile } from './config.ts'
import type { Config } from './config-schema.ts'
import type { Directories } from './directories.ts'
import { FullNodeLag, lagText, type Lag } from './full-node-lag.ts'
import { Keystore } from './keystore.ts'
import { networkOf } from './networks.ts'
import { bytesText } from './quantity.ts'

export type { Finding } from '../fuse/doctor.ts'

/** Less free disk than this will be felt soon. */
const comfortableBytes = 2 * 2 ** 30

/** What this machine lacks for walrusfs, and how to get it. Changes nothing. */
export async function examine(
  directories: Directories,
  configFile: string | undefined,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const config = readConfig(directories, configFile)
  return [
    nodeVersion(),
    ...(await doctorFuse()),
    ...(process.platform === 'linux' ? [passthroughFinding(directories.cache)] : []),
    config.finding,
    ...keysOf(config.value, directories),
    freeSpace('state', directories.state),
    freeSpace('cache', directories.cache),
    ...(await networks(config.value, signal)),
  ]
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isFine = major > 22 || (major === 22 && minor >= 18)
  return {
    what: 'Node.js',
    isFine,
    isNeeded: true,
    detail: process.version,
    remedy: isFine ? undefined : 'install Node.js 22.18 or later',
  }
}

function readConfig(
  { config }: Directories,
  file: string | undefined,
): { readonly finding: Finding; readonly value: Config } {
  const path = file ?? join(config, 'config.yaml')
  const about = { what: 'configuration', isNeeded: true }
  try {
    const { value } = ConfigFile.open(config, file)
    const drives = Object.keys(value.drives).length
    const detail = existsSync(path)
      ? `${path}: ${drives} ${drives === 1 ? 'drive' : 'drives'}`
      : `${path} is not there yet`
    return { value, finding: { ...about, isFine: true, detail, remedy: undefined } }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    const value = { networks: {}, drives: {}, profiles: {}, mount: {} }
    return {
      value,
      finding: { ...about, isFine: false, detail: error.message, remedy: `mend ${path}` },
    }
  }
}

function keysOf({ drives }: Config, { config }: Directories): Finding[] {
  const keys = new Keystore(config)
  return Object.entries(drives).flatMap(([name, { key }]) => {
    if (key === undefined) return []
    const path = keys.pathOf(key)
    const about = { what: `key of ${name}`, isNeeded: false, detail: path }
    if (!existsSync(path)) {
      return [
        {
          ...about,
          isFine: false,
          remedy: 'copy it from where the drive was made, or mount with --read-only',
        },
      ]
    }
    const isFine = (statSync(path).mode & 0o077) === 0
    return [{ ...about, isFine, remedy: isFine ? undefined : `chmod 600 ${path}` }]
  })
}

function freeSpace(what: string, directory: string): Finding {
  let there = directory
  while (!existsSync(there)) there = dirname(there)
  const { bavail, bsize } = statfsSync(there)
  const isFine = bavail * bsize >= comfortableBytes
  return {
    what: `disk for ${what}`,
    isFine,
    isNeeded: false,
    detail: `${bytesText(bavail * bsize)} free for ${directory}`,
    remedy: isFine ? undefined : 'make room: with a full disk, writes get "no space left"',
  }
}

async function networks(config: Config, signal: AbortSignal): Promise<Finding[]> {
  const used = [...new Set(Object.values(config.drives).map((drive) => drive.network))]
  return Promise.all(used.map((name) => reachable(name, config, signal)))
}

/** By one look: that a node stands still is not seen so, that it is far behind is. */
async function lagNow({ client }: SuiAccount, signal: AbortSignal): Promise<Lag | undefined> {
  const judge = new FullNodeLag()
  const latestMs = await latestCheckpointMs(client, signal).catch(() => undefined)
  if (latestMs !== undefined) judge.shown(latestMs, Date.now())
  return judge.lag
}

async function reachable(name: string, config: Config, signal: AbortSignal): Promise<Finding> {
  const about = { what: `network ${name}`, isNeeded: false }
  try {
    const network = networkOf(name, config)
    const account = openSuiAccount({ network, signer: undefined, log: silentLog, timeoutMs: 5000 })
    try {
      const { epoch } = await account.client.core
        .getCurrentSystemState({ signal })
        .then((answer) => answer.systemState)
      const detail = `${network.suiUrl} answers (Sui epoch ${epoch})`
      const lag = await lagNow(account, signal)
      const fine = { ...about, isFine: true, detail, remedy: undefined }
      if (!lag) return fine
      const remedy = 'wait, use another full node, or set the clock of this machine'
      return { ...fine, isFine: false, detail: lagText(lag, name), remedy }
    } finally {
      await account.close()
    }
  } catch (error) {
    const remedy =
      name === 'devnet'
        ? 'walrusfs devnet start'
        : 'check the connection and networks in the configuration'
    return {
      ...about,
      isFine: false,
      detail: error instanceof Error ? error.message : String(error),
      remedy,
    }
  }
}
