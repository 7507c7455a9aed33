import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createDrive } from '../daemon/create-drive.ts'
import { directoriesOf } from '../daemon/directories.ts'
import { Keystore } from '../daemon/keystore.ts'
import { checkApart, mountPointOf } from '../daemon/mount-point.ts'
import { MountedDrive } from '../daemon/mounted-drive.ts'
import { runMount } from '../daemon/run-mount.ts'
import { DevnetClient } from '../devnet/devnet-client.ts'
import { isOfDeadMount } from '../fuse/mount/mount-point.ts'
import { collectLessOften, keepLargeBuffers } from '../runtime/allocator.ts'
import { Trouble } from '../terms/trouble.ts'
import { runInBackground } from './background.ts'
import { interruption, report, unlockOf, type Context } from './command.ts'
import { recoveryLines } from './commands/create.ts'
import { writebackText } from './commands/status.ts'
import { driveRequest, openConfig } from './drive-options.ts'
import { logOf } from './log-of.ts'
import { Terminal } from './terminal.ts'
import { fundFromDevnet, learnDevnet } from './use-devnet.ts'

/** `npm start`: a local network, a drive on it, mounted; until SIGINT or SIGTERM. */
const name = 'demo'
const context: Context = {
  terminal: new Terminal({ json: false, quiet: false }),
  directories: directoriesOf(process.env),
  configFile: undefined,
  verbose: 0,
  unlock: unlockOf({}),
  signal: interruption(),
}
try {
  await start(resolve(process.env['WALRUSFS_DRIVE'] ?? 'drive'))
} catch (error) {
  process.exitCode = report(error, context)
}

async function start(directory: string): Promise<void> {
  keepLargeBuffers()
  collectLessOften()
  const startedDevnet = await ensureDevnet()
  try {
    await ensureDrive()
    makeDirectory(directory)
    await serve(mountPointOf(directory), startedDevnet)
  } finally {
    if (startedDevnet) await stopDevnet()
  }
}

/** A dead mount that stands there is left to the mount, which takes it away. */
function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (error) {
    if (!isOfDeadMount((error as NodeJS.ErrnoException).code)) throw error
  }
}

/** Whether it was started here, and is to be stopped here. */
async function ensureDevnet(): Promise<boolean> {
  const { directories, terminal, signal } = context
  try {
    await DevnetClient.open(directories.devnet).status(signal)
    return false
  } catch (error) {
    if (!(error instanceof Trouble) || error.code !== 'not-running') throw error
  }
  terminal.note('starting the local network: a Sui full node and four Walrus storage nodes')
  const log = join(directories.devnet, 'devnet.log')
  await runInBackground(['devnet', 'start', '--foreground'], log, terminal, signal)
  return true
}

async function stopDevnet(): Promise<void> {
  const never = new AbortController().signal
  await DevnetClient.open(context.directories.devnet)
    .stop(never)
    .catch((error: unknown) => context.terminal.warn(`the devnet did not stop: ${String(error)}`))
}

async function ensureDrive(): Promise<void> {
  const { directories, signal, terminal } = context
  const config = openConfig(context)
  await learnDevnet(config, context)
  if (config.value.drives[name]) return
  terminal.note(`making the drive ${name}, sealed: what leaves this machine is encrypted`)
  const keys = new Keystore(directories.config)
  const fund = fundFromDevnet(context)
  const request = {
    name,
    network: 'devnet',
    key: name,
    config,
    keys,
    log: logOf(context),
    fund,
    seal: { wallet: true, passphrase: undefined, keyFile: undefined },
  }
  const { recoveryKey } = await createDrive(request, signal)
  terminal.result(undefined, () => recoveryLines(recoveryKey!))
}

async function serve(mountPoint: string, startedDevnet: boolean): Promise<void> {
  const { signal, terminal, directories } = context
  checkApart(mountPoint, directories)
  const request = driveRequest(name, {}, false, context)
  const mount = {
    ...request,
    mountPoint,
    driver: 'auto',
    allowOther: false,
    accessTimes: 'none',
    extra: [],
  } as const
  const daemon = await MountedDrive.open(mount, signal)
  terminal.result(undefined, () => welcome(mountPoint, daemon, startedDevnet))
  const live = process.stderr.isTTY ? setInterval(() => showLive(daemon), 500) : undefined
  const again = new Promise<void>((resolveAgain) => {
    signal.addEventListener('abort', () => {
      terminal.note(
        'storing what is only here, then unmounting (once more: leave it for the next start)',
      )
      for (const one of ['SIGINT', 'SIGTERM'] as const) process.once(one, () => resolveAgain())
    })
  })
  const drained = await runMount(daemon, signal, again, request.log)
  clearInterval(live)
  terminal.clear()
  if (!drained) {
    throw new Trouble(
      'undrained',
      'some changes are only on this machine; the next start goes on with them',
    )
  }
}

function welcome(mountPoint: string, daemon: MountedDrive, startedDevnet: boolean): string[] {
  const { sequence, usedInodes } = daemon.status()
  const command = 'npm run -s walrusfs --'
  return [
    `The drive ${name} is mounted on ${mountPoint} (sequence ${sequence}, ${usedInodes === 1 ? 'empty' : `${usedInodes} files and directories`}).`,
    `  use it    cp -a ANYTHING ${mountPoint}/`,
    `  see       ${command} status ${mountPoint}`,
    `  store     ${command} sync ${mountPoint}`,
    `  network   ${command} devnet status`,
    startedDevnet
      ? 'Ctrl-C stores everything, unmounts, and stops the network; the next start goes on with it.'
      : `Ctrl-C stores everything and unmounts; the network ran before and runs on (${command} devnet stop).`,
  ]
}

function showLive(daemon: MountedDrive): void {
  const { sequence, writeback, problems } = daemon.status()
  const problem = problems[0] ? `  ! ${problems[0]}` : ''
  context.terminal.live(
    `sequence ${sequence}  only here: ${writebackText(writeback, Date.now())}${problem}`,
  )
}
