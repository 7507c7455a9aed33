import type { ControlHandler } from '../control/server.ts'
import { ControlServer } from '../control/server.ts'
import { prometheusText } from '../control/metrics.ts'
import type { ControlProgress, ControlResults } from '../control/protocol.ts'
import type { DriveStatus } from '../control/status.ts'
import { chooseDriver } from '../fuse/choose-driver.ts'
import type { Mounted } from '../fuse/driver.ts'
import { systemClock } from '../runtime/clock.ts'
import { FsError } from '../terms/errno.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Scrubber } from '../verification/scrubber.ts'
import { AccountWatch } from './account-watch.ts'
import { limitBandwidth } from './bandwidth-limit.ts'
import { commitEstimate } from './commit-estimate.ts'
import { Dashboard } from './dashboard.ts'
import { removeDaemonFile, socketPathOf, writeDaemonFile } from './daemon-file.ts'
import { dashboardSource } from './drive-dashboard.ts'
import { scrubberOf } from './drive-scrubber.ts'
import { driveStatus, type MountFacts } from './drive-status.ts'
import { KernelPages } from './kernel-pages.ts'
import { fileSystemOf, mountWith } from './mount-file-system.ts'
import { seenAt } from './mount-point.ts'
import type { MountRequest } from './mount-request.ts'
import { CacheKeeper } from './pins/cache-requests.ts'
import { openDrive, type Drive } from './open-drive.ts'
import { runDirectoryOf } from './run-directory.ts'
import { goOffline, untilOffline } from './offline.ts'
import { StaleCaches } from './stale-caches.ts'
import { storageRequests } from './storage-requests.ts'

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
  readonly #pages: KernelPages
  readonly #runDirectory: string
  readonly #scrubber: Scrubber
  readonly #keeper: CacheKeeper
  readonly #dashboard: Dashboard
  #control: ControlServer | undefined
  #closing: Promise<boolean> | undefined
  #lazy = new AbortController()

  private constructor(
    drive: Drive,
    mounted: Mounted,
    facts: MountFacts,
    account: AccountWatch,
    pages: KernelPages,
  ) {
    this.#drive = drive
    this.#mounted = mounted
    this.#facts = facts
    this.#account = account
    this.#pages = pages
    this.#scrubber = scrubberOf(drive)
    this.#keeper = new CacheKeeper(drive)
    this.#runDirectory = runDirectoryOf(drive)
    const source = dashboardSource(drive, () => this.status())
    this.#dashboard = new Dashboard(source, this.#runDirectory, drive.request.log)
    this.unmounted = mounted.ended
  }

  /** Opens the drive and mounts it; it answers when this resolves. Throws Trouble, with everything ended again. */
  static async open(request: MountRequest, signal: AbortSignal): Promise<MountedDrive> {
    const drive = await openDrive(request, signal)
    try {
      // A past state has a name of its own by now.
      return await MountedDrive.#mount(drive, { ...request, drive: drive.request.drive })
    } catch (error) {
      await drive.close()
      throw error
    }
  }

  static async #mount(drive: Drive, request: MountRequest): Promise<MountedDrive> {
    const driver = chooseDriver(request.driver)
    const state: { daemon?: MountedDrive; pages?: KernelPages } = {}
    const fileSystem = fileSystemOf(drive, request, {
      statusText: () => `${JSON.stringify(state.daemon?.status(), undefined, 2)}\n`,
      onStale: (what) => stale.tell(what),
      writeTime: driver.writeTime,
      onRefused: (...what) => state.pages?.refused(...what),
    })
    const stale = new StaleCaches()
    const mounted = await mountWith(driver, fileSystem, drive.whole, request)
    stale.mounted = mounted
    drive.onRebased = (result) => stale.tell(fileSystem.invalidated(result))
    const mountPoint = seenAt(request.mountPoint)
    const pages = new KernelPages(mountPoint, mounted.ended)
    state.pages = pages
    drive.gather = async () => {
      const kept = await pages.gather(AbortSignal.timeout(gatherLimitMs)).catch(asError)
      if (kept) request.log.warn('a merge goes on without all pages', { why: kept.message })
    }
    const facts = {
      mountPoint,
      driver: driver.name,
      driverDetails: mounted.description,
      startedMs: systemClock.now(),
    }
    const account = new AccountWatch(drive, (signal) => endEpochOf(drive, signal), systemClock)
    const daemon = new MountedDrive(drive, mounted, facts, account, pages)
    state.daemon = daemon
    try {
      await daemon.#serve()
    } catch (error) {
      await mounted.unmount(true).catch(() => {})
      mounted.abort()
      throw error
    }
    return daemon
  }

  get name(): string {
    return this.#drive.request.drive.name
  }

  status(): DriveStatus {
    const scrub = this.#scrubber.view
    const view = {
      ...this.#account.view,
      refused: this.#pages.problem,
      scrub,
      pins: this.#keeper.status,
    }
    return driveStatus(this.#drive, this.#facts, view, systemClock.now())
  }

  /** Everything written before is committed when it resolves. Throws Trouble when some of it was not to be had. */
  async sync(
    progress: (progress: ControlProgress) => void,
    signal: AbortSignal,
    overBudget = false,
  ): Promise<string> {
    const { writable, state, connection, worktree } = this.#drive
    if (!writable) return String(state.sequence)
    const { switch: door } = connection
    const timer = setInterval(() => progress(this.#progress()), progressEveryMs)
    try {
      const kept = await this.#pages.gather(signal)
      await this.#drive.content.sync()
      const sequence = await untilOffline(door, worktree, signal, (either) =>
        writable.writeBack.sync(either, overBudget),
      )
      const missing = this.#pages.takeRefused() ?? kept
      if (missing) throw missing
      return String(sequence)
    } finally {
      clearInterval(timer)
    }
  }

  /**
   * Unmounts, stores what is only here (not with `lazy`, and no longer once `lazily` was called), ends. Whether everything
   * is committed. Throws Trouble when files are open or something written was not to be had; everything goes on then. With
   * `detach` the mount goes all the same.
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
    if (this.#drive.connection.switch.isOffline) this.#lazy.abort(new Error('no drain offline'))
    const before = await this.#drain(progress)
    if (before !== undefined && !detach) throw before
    // What was missing once does not excuse from asking for the rest.
    const lazily = this.#lazy.signal.aborted ? await this.#gatherInTime() : undefined
    await this.#unmount(detach)
    const after = await this.#drain(progress)
    const missing = before ?? lazily ?? after
    if (missing !== undefined)
      this.#drive.request.log.error('not everything is stored', { why: missing.message })
    const drained = missing === undefined && !this.#drive.worktree.dirty
    this.#mounted.abort()
    await this.#dashboard.close()
    await this.#account.stop()
    await this.#scrubber.stop()
    await this.#keeper.stop()
    await this.#drive.close()
    removeDaemonFile(this.#runDirectory)
    return drained
  }

  /** For somebody who would not wait for the network. */
  async #gatherInTime(): Promise<Error | undefined> {
    if (!this.#drive.writable) return undefined
    const kept = await this.#pages.gather(AbortSignal.timeout(flushLimitMs)).catch(asError)
    return this.#pages.takeRefused() ?? kept
  }

  /** Stores everything; what kept that from happening, but for somebody who would not wait. */
  async #drain(progress: (progress: ControlProgress) => void): Promise<Error | undefined> {
    try {
      await this.sync(progress, this.#lazy.signal)
    } catch (error) {
      if (!this.#lazy.signal.aborted) return asError(error)
    }
    return undefined
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
    this.#scrubber.start()
    this.#keeper.start()
    this.#drive.writable?.renewer.start()
  }

  #handler(): ControlHandler {
    return {
      status: () => this.status(),
      metrics: () => ({ text: prometheusText(this.status()) }),
      dashboard: () => this.#dashboard.place(),
      sync: async ({ overBudget }, progress, signal) => {
        return { sequence: await this.sync(progress, signal, overBudget) }
      },
      estimate: (_, __, signal) => this.#estimate(signal),
      offline: (wish) => goOffline(this.#drive, wish.on),
      bwlimit: ({ limit }) => limitBandwidth(this.#drive, limit),
      ...this.#keeper.handler(this.#facts.mountPoint),
      ...storageRequests(this.#drive, (progress, signal) => this.sync(progress, signal)),
      unmount: async ({ lazy }, progress) => ({ drained: await this.close({ lazy, progress }) }),
    }
  }

  async #estimate(signal: AbortSignal): Promise<ControlResults['estimate']> {
    if (!this.#drive.writable) return { estimate: undefined }
    await this.#pages.gather(signal)
    await this.#account.look(signal)
    const { market } = this.#account.view
    return { estimate: market && commitEstimate(this.#drive, market) }
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

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
