import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { prometheusText } from '../control/metrics.ts'
import { ControlServer, type ControlHandler } from '../control/server.ts'
import type { DriveStatus } from '../control/status.ts'
import { chooseDriver, type DriverName } from '../fuse/choose-driver.ts'
import type { Mounted } from '../fuse/driver.ts'
import { systemClock } from '../runtime/clock.ts'
import { FsError } from '../terms/errno.ts'
import { Trouble } from '../terms/trouble.ts'
import { PosixFileSystem } from '../vfs/posix-file-system.ts'
import { statusDirectory } from '../vfs/status-directory.ts'
import { socketPathOf, writeDaemonFile } from './daemon-file.ts'
import { Dashboard } from './dashboard.ts'
import type { MountFacts } from './drive-status.ts'
import { foreignDashboard } from './drive-dashboard.ts'
import { foreignStatus } from './foreign-status.ts'
import { mountWith } from './mount-file-system.ts'
import { seenAt } from './mount-point.ts'
import { openForeign, type Foreign, type ForeignRequest } from './open-foreign.ts'
import { StaleCaches } from './stale-caches.ts'

/** Something that others published, and where to mount it. */
export interface ForeignMountRequest extends ForeignRequest {
  /** Absolute, or `/dev/fd/N`. */
  readonly mountPoint: string
  readonly driver: DriverName
  readonly allowOther: boolean
  readonly extra: readonly string[]
}

/** The daemon of a blob, a quilt or a site. It leaves nothing behind but cached bytes. */
export class MountedForeign {
  /** Resolves when the mount is gone, whoever unmounted it. */
  readonly unmounted: Promise<void>
  readonly #foreign: Foreign
  readonly #mounted: Mounted
  readonly #facts: MountFacts
  readonly #runDirectory: string
  readonly #dashboard: Dashboard
  #control: ControlServer | undefined
  #closing: Promise<boolean> | undefined

  private constructor(foreign: Foreign, mounted: Mounted, facts: MountFacts) {
    const { directories, reference, log } = foreign.request
    this.#foreign = foreign
    this.#mounted = mounted
    this.#facts = facts
    this.#runDirectory = join(directories.state, `${reference.kind}.${process.pid}`)
    const source = foreignDashboard(() => this.status())
    this.#dashboard = new Dashboard(source, this.#runDirectory, log)
    this.unmounted = mounted.ended
  }

  /** Opens and mounts it; it answers when this resolves. Throws Trouble, with everything ended again. */
  static async open(request: ForeignMountRequest, signal: AbortSignal): Promise<MountedForeign> {
    const foreign = await openForeign(request, signal)
    try {
      return await MountedForeign.#mount(foreign, request)
    } catch (error) {
      await foreign.close()
      throw error
    }
  }

  static async #mount(foreign: Foreign, request: ForeignMountRequest): Promise<MountedForeign> {
    const driver = chooseDriver(request.driver)
    const state: { daemon?: MountedForeign } = {}
    const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
    const statusText = () => `${JSON.stringify(state.daemon?.status(), undefined, 2)}\n`
    const { worktree, content } = foreign
    const fileSystem = new PosixFileSystem(
      { worktree, content, clock: systemClock },
      { readOnly: () => true, virtual: statusDirectory(systemClock, owner, statusText) },
    )
    const wishes = { ...request, readOnly: true, drive: request.reference }
    const mounted = await mountWith(driver, fileSystem, undefined, wishes)
    const stale = new StaleCaches()
    stale.mounted = mounted
    foreign.onChanged = (result) => stale.tell(fileSystem.invalidated(result))
    const daemon = new MountedForeign(foreign, mounted, {
      mountPoint: seenAt(request.mountPoint),
      driver: driver.name,
      driverDetails: mounted.description,
      startedMs: systemClock.now(),
    })
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

  status(): DriveStatus {
    return foreignStatus(this.#foreign, this.#facts)
  }

  /** Unmounts and ends. Throws Trouble when files are open, and goes on; with `detach` the mount goes all the same. */
  async close(options: { readonly lazy: boolean; readonly detach?: boolean }): Promise<boolean> {
    this.#closing ??= this.#close(options.lazy || options.detach === true)
    try {
      return await this.#closing
    } catch (error) {
      this.#closing = undefined
      throw error
    }
  }

  async #close(detach: boolean): Promise<boolean> {
    try {
      await this.#mounted.unmount(detach)
    } catch (error) {
      if (!(error instanceof FsError) || error.code !== 'EBUSY') throw error
      const { mountPoint } = this.#facts
      throw new Trouble(
        'mount-point',
        `${mountPoint} is in use: files or directories of it are open (fuser -vm ${mountPoint} says whose); it stays mounted`,
        { cause: error },
      )
    }
    this.#mounted.abort()
    await this.#dashboard.close()
    await this.#foreign.close()
    return true
  }

  /** Ends the control socket; after `close`, so that its answer is still sent. */
  async closeControl(): Promise<void> {
    await this.#control?.close()
    rmSync(this.#runDirectory, { recursive: true, force: true })
  }

  /** What it is called. */
  get name(): string {
    return this.#foreign.request.reference.name
  }

  async #serve(): Promise<void> {
    mkdirSync(this.#runDirectory, { recursive: true, mode: 0o700 })
    const { reference, log } = this.#foreign.request
    const socket = socketPathOf(this.#runDirectory, process.env)
    this.#control = await ControlServer.open(socket, this.#handler(), log)
    const { mountPoint } = this.#facts
    const daemon = { pid: process.pid, drive: reference.name, mountPoint, socket }
    writeDaemonFile(this.#runDirectory, daemon)
  }

  #handler(): ControlHandler {
    const refuse = (): never => {
      const { name } = this.#foreign.request.reference
      throw new Trouble('read-only', `${name} is only looked at: whoever published it stores it`)
    }
    const refuseToKeep = (): never => {
      throw new Trouble(
        'usage',
        'warmup, pin, offline and bwlimit are for drives, not for what others published',
      )
    }
    return {
      status: () => this.status(),
      estimate: () => ({ estimate: undefined }),
      metrics: () => ({ text: prometheusText(this.status()) }),
      dashboard: () => this.#dashboard.place(),
      sync: () => ({ sequence: '0' }),
      unmount: async ({ lazy }) => ({ drained: await this.close({ lazy }) }),
      renew: refuse,
      gc: refuse,
      revive: refuse,
      restore: refuse,
      warmup: refuseToKeep,
      pin: refuseToKeep,
      unpin: refuseToKeep,
      offline: refuseToKeep,
      bwlimit: refuseToKeep,
    }
  }
}
