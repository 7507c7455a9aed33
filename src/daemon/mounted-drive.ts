import type { ControlHandler } from '../control/server.ts'
import { ControlServer } from '../control/server.ts'
import { prometheusText } from '../control/metrics.ts'
import type { ControlProgress, ControlRequest } from '../control/protocol.ts'
import type { RenewalReport } from '../control/renewal-status.ts'
import type { DriveStatus } from '../control/status.ts'
import { chooseDriver, type DriverName } from '../fuse/choose-driver.ts'
import type { Driver, Mounted } from '../fuse/driver.ts'
import { systemClock } from '../runtime/clock.ts'
import { FsError } from '../terms/errno.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Invalidations } from '../vfs/invalidations.ts'
import { PosixFileSystem } from '../vfs/posix-file-system.ts'
import { statusDirectory } from '../vfs/status-directory.ts'
import { AccountWatch } from './account-watch.ts'
import { removeDaemonFile, socketPathOf, writeDaemonFile } from './daemon-file.ts'
import { driveStatus, type MountFacts } from './drive-status.ts'
import { flushKernel } from './kernel-pages.ts'
import { mountTrouble, seenAt } from './mount-point.ts'
import { openDrive, type Drive, type DriveRequest } from './open-drive.ts'
import { renewNow } from './renewal-report.ts'
import { runDirectoryOf } from './run-directory.ts'
import { StaleCaches } from './stale-caches.ts'
import { Throttle } from './throttle.ts'

/** A drive and where to mount it. */
export interface MountRequest extends DriveRequest {
  /** Absolute, or `/dev/fd/N`. */
  readonly mountPoint: string
  readonly driver: DriverName
  readonly allowOther: boolean
  /** Further options of -o for the kernel or fusermount3. */
  readonly extra: readonly string[]
}

const progressEveryMs = 200
/** A lazy unmount waits no longer for pages that the kernel holds. */
const flushLimitMs = 30_000
/** Nor does the taking over of others' changes: the pages may wait for room that only a commit makes. */
const gatherLimitMs = 5_000

/** A drive that is mounted: the daemon. */
export class MountedDrive {
  /** Resolves when the mount is gone, whoever unmounted it. */
  readonly unmounted: Promise<void>
  readonly #drive: Drive
  readonly #mounted: Mounted
  readonly #facts: MountFacts
  readonly #account: AccountWatch
  readonly #runDirectory: string
  #control: ControlServer | undefined
  #closing: Promise<boolean> | undefined
  #lazy = new AbortController()

  private constructor(
    drive: Drive,
    mounted: Mounted,
    facts: MountFacts,
    account: AccountWatch,
    run: string,
  ) {
    this.#drive = drive
    this.#mounted = mounted
    this.#facts = facts
    this.#account = account
    this.#runDirectory = run
    this.unmounted = mounted.ended
  }

  /** Opens the drive and mounts it; it answers when this resolves. Throws Trouble, with everything ended again. */
  static async open(request: MountRequest, signal: AbortSignal): Promise<MountedDrive> {
    const drive = await openDrive(request, signal)
    try {
      return await MountedDrive.#mount(drive, request)
    } catch (error) {
      await drive.close()
      throw error
    }
  }

  static async #mount(drive: Drive, request: MountRequest): Promise<MountedDrive> {
    const driver = chooseDriver(request.driver)
    const state: { daemon?: MountedDrive } = {}
    const statusText = () => `${JSON.stringify(state.daemon?.status(), undefined, 2)}\n`
    const stale = new StaleCaches()
    const fileSystem = fileSystemOf(drive, request, statusText, stale.tell)
    const mounted = await mountWith(driver, fileSystem, request)
    stale.mounted = mounted
    drive.onRebased = (result) => stale.tell(fileSystem.invalidated(result))
    const mountPoint = seenAt(request.mountPoint)
    drive.gather = () => flushKernel(mountPoint, AbortSignal.timeout(gatherLimitMs))
    const facts = {
      mountPoint,
      driver: driver.name,
      driverDetails: mounted.description,
      startedMs: systemClock.now(),
    }
    const account = new AccountWatch(drive, (signal) => endEpochOf(drive, signal), systemClock)
    const daemon = new MountedDrive(drive, mounted, facts, account, runDirectoryOf(drive))
    state.daemon = daemon
    await daemon.#serve()
    return daemon
  }

  status(): DriveStatus {
    return driveStatus(this.#drive, this.#facts, this.#account.view, systemClock.now())
  }

  /** Everything written before is committed when it resolves. */
  async sync(progress: (progress: ControlProgress) => void, signal: AbortSignal): Promise<string> {
    const { writable, state } = this.#drive
    if (!writable) return String(state.sequence)
    const timer = setInterval(() => progress(this.#progress()), progressEveryMs)
    try {
      await flushKernel(this.#facts.mountPoint, signal)
      await this.#drive.content.sync()
      return String(await writable.writeBack.sync(signal))
    } finally {
      clearInterval(timer)
    }
  }

  /**
   * Unmounts, stores what is only here (not with `lazy`, and no longer once `lazily` was called), ends. Whether everything
   * is committed. Throws Trouble `mount-point` when files are open; everything goes on then.
   */
  async close(options: {
    readonly lazy: boolean
    readonly detach?: boolean
    readonly progress?: (progress: ControlProgress) => void
  }): Promise<boolean> {
    if (options.lazy) this.#lazy.abort(new Error('no drain'))
    this.#closing ??= this.#close(
      options.lazy || options.detach === true,
      options.progress ?? (() => {}),
    )
    try {
      return await this.#closing
    } catch (error) {
      this.#closing = undefined
      throw error
    }
  }

  async #close(detach: boolean, progress: (progress: ControlProgress) => void): Promise<boolean> {
    const drain = () => this.sync(progress, this.#lazy.signal).catch(() => undefined)
    await drain()
    if (detach) await flushKernel(this.#facts.mountPoint, AbortSignal.timeout(flushLimitMs))
    await this.#unmount(detach)
    await drain()
    const drained = !this.#drive.worktree.dirty
    this.#mounted.abort()
    await this.#account.stop()
    await this.#drive.close()
    removeDaemonFile(this.#runDirectory)
    return drained
  }

  /** Ends the control socket; after `close`, so that its answer is still sent. */
  async closeControl(): Promise<void> {
    await this.#control?.close()
  }

  async #unmount(detach: boolean): Promise<void> {
    try {
      await this.#mounted.unmount(detach)
    } catch (error) {
      if (!(error instanceof FsError) || error.code !== 'EBUSY') throw error
      throw new Trouble(
        'mount-point',
        `${this.#facts.mountPoint} is in use: files or directories of it are open (fuser -vm ${this.#facts.mountPoint} says whose); it stays mounted`,
        { cause: error },
      )
    }
  }

  async #serve(): Promise<void> {
    const { drive } = this.#drive.request
    const socket = socketPathOf(this.#runDirectory, process.env)
    this.#control = await ControlServer.open(socket, this.#handler(), this.#drive.request.log)
    const { mountPoint } = this.#facts
    writeDaemonFile(this.#runDirectory, { pid: process.pid, drive: drive.name, mountPoint, socket })
    this.#account.start()
    this.#drive.writable?.renewer.start()
  }

  #handler(): ControlHandler {
    return {
      status: () => this.status(),
      metrics: () => ({ text: prometheusText(this.status()) }),
      sync: async (_, progress, signal) => ({ sequence: await this.sync(progress, signal) }),
      renew: (request, _, signal) => this.#renew(request, signal),
      unmount: async ({ lazy }, progress) => ({ drained: await this.close({ lazy, progress }) }),
    }
  }

  async #renew(
    request: Extract<ControlRequest, { op: 'renew' }>,
    signal: AbortSignal,
  ): Promise<RenewalReport> {
    const { writable, request: opened } = this.#drive
    if (!writable)
      throw new Trouble('read-only', `${opened.drive.name} is mounted read-only: it has no key`)
    const budget = request.budget === undefined ? undefined : BigInt(request.budget)
    return renewNow(writable.renewer, { ...request, budget }, signal)
  }

  #progress(): ControlProgress {
    const { writeback } = this.status()
    const { step = 'waiting', done, total, why } = writeback
    return { step, done, total, why }
  }
}

/** The blobs themselves know best, then what the manifest says. */
async function endEpochOf(
  { writable, manifest }: Drive,
  signal: AbortSignal,
): Promise<number | undefined> {
  const known = writable?.renewer.view.outlook?.endEpoch ?? writable?.endEpoch()
  return known ?? (await manifest.load(signal)).root?.endEpoch
}

function fileSystemOf(
  drive: Drive,
  request: MountRequest,
  statusText: () => string,
  onStale: (stale: Invalidations) => void,
): PosixFileSystem {
  const { worktree, content, writable } = drive
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const remote = request.settings.durability === 'remote' && writable
  const never = new AbortController().signal
  return new PosixFileSystem(
    { worktree, content, clock: systemClock },
    {
      readOnly: () => request.readOnly,
      virtual: statusDirectory(systemClock, owner, statusText),
      onStale,
      ...(remote ? { commit: async () => void (await remote.writeBack.sync(never)) } : {}),
      ...(writable
        ? { throttle: new Throttle(writable.dirtyBytes, request.settings.dirtyLimitBytes).wait }
        : {}),
    },
  )
}

async function mountWith(
  driver: Driver,
  fileSystem: PosixFileSystem,
  request: MountRequest,
): Promise<Mounted> {
  const { mountPoint, readOnly, allowOther, extra, log, drive } = request
  for (const limitation of driver.limitations)
    request.warn(`the ${driver.name} driver: ${limitation}`)
  // With the writeback cache the kernel believes its own sizes, not those that others commit.
  const writebackCache = !readOnly
  const source = `walrusfs:${drive.name}`
  const options = { mountPoint, readOnly, allowOther, extra, log, source, writebackCache }
  try {
    return await driver.mount(fileSystem, options)
  } catch (error) {
    throw mountTrouble(error, mountPoint)
  }
}
