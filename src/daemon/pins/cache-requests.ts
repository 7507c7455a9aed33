import { join } from 'node:path'
import type { PinReport, PinStatus } from '../../control/pin-report.ts'
import type { ControlProgress } from '../../control/protocol.ts'
import type { ControlHandler } from '../../control/server.ts'
import { systemClock } from '../../runtime/clock.ts'
import { Trouble } from '../../terms/trouble.ts'
import { inodeAt } from '../drive-files.ts'
import type { Drive } from '../open-drive.ts'
import { bytesText } from '../quantity.ts'
import { storedTrouble } from '../stored-trouble.ts'
import { PinFile } from './pin-file.ts'
import { letGo, type Pin } from './pin-place.ts'
import { PinList } from './pin-list.ts'
import { Pinner } from './pinner.ts'
import { wantedBy } from './wanted.ts'
import { warmUp } from './warm-up.ts'

const progressEveryMs = 200

/** What a mounted drive answers to requests that concern its cache, and what keeps its pins. */
export class CacheKeeper {
  readonly #drive: Drive
  readonly #list: PinList
  readonly #pinner: Pinner

  constructor(drive: Drive) {
    const { directories, stateName, drive: reference } = drive.request
    this.#drive = drive
    const file = join(directories.state, stateName ?? reference.name, 'pins.json')
    this.#list = new PinList(drive, new PinFile(file, reference.manifest))
    this.#pinner = new Pinner(drive, this.#list, systemClock)
  }

  /** Undefined where nothing is pinned. */
  get status(): PinStatus | undefined {
    return this.#list.pins.length > 0 || this.#list.trouble ? this.#pinner.status : undefined
  }

  /** A past state stays as it is: nothing of it is pinned. */
  start(): void {
    if (this.#isPast) return
    const { worktree } = this.#drive
    const before = worktree.onChange
    worktree.onChange = (change) => {
      before(change)
      this.#list.changes++
    }
    this.#list.refresh()
    this.#pinner.start()
  }

  async stop(): Promise<void> {
    await this.#pinner.stop()
  }

  /** `mountPoint` is what reports name. */
  handler(mountPoint: string): Pick<ControlHandler, 'warmup' | 'pin' | 'unpin'> {
    const { name } = this.#drive.request.drive
    const told = async <T>(work: Promise<T>): Promise<T> =>
      work.catch((error: unknown) => {
        throw storedTrouble(error, name)
      })
    return {
      warmup: ({ paths }, progress, signal) => told(warmUp(this.#drive, paths, progress, signal)),
      pin: ({ paths, wait }, progress, signal) =>
        told(this.#pin(paths, wait, mountPoint, progress, signal)),
      unpin: ({ paths }) => {
        this.#list.refresh()
        this.#list.set(this.#list.without(paths))
        return this.#report(mountPoint)
      },
    }
  }

  async #pin(
    paths: readonly string[],
    wait: boolean,
    mountPoint: string,
    progress: (progress: ControlProgress) => void,
    signal: AbortSignal,
  ): Promise<PinReport> {
    this.#list.refresh()
    if (paths.length > 0) {
      if (this.#isPast) throw new Trouble('usage', 'a past state is not pinned: pin the drive')
      for (const path of paths) await inodeAt(this.#drive, path)
      await this.#checkRoom(paths, signal)
      this.#list.set(this.#list.with(paths))
    }
    if (wait) await this.#wait(progress, signal)
    return this.#report(mountPoint)
  }

  async #checkRoom(paths: readonly string[], signal: AbortSignal): Promise<void> {
    const pins = this.#list.with(paths).map(({ path }): Pin => ({ path, inode: undefined }))
    const bytes = await this.#bytesOf(pins, signal)
    const { otherBytes } = this.#drive.cache.pinned
    const { limitBytes } = this.#pinner
    if (bytes + otherBytes <= limitBytes) return
    const others = otherBytes > 0 ? `, beside ${bytesText(otherBytes)} of other drives` : ''
    throw new Trouble(
      'disk-full',
      `with that, ${bytesText(bytes)} would be pinned${others}, and pins may take ${bytesText(limitBytes)} (90 % of the cache); nothing was pinned: unpin something, or mount with a larger --cache-size`,
    )
  }

  async #bytesOf(pins: readonly Pin[], signal: AbortSignal): Promise<number> {
    try {
      return (await wantedBy(this.#drive, pins, signal)).bytes
    } finally {
      for (const pin of pins) letGo(this.#drive, pin)
    }
  }

  async #wait(progress: (progress: ControlProgress) => void, signal: AbortSignal): Promise<void> {
    const timer = setInterval(() => {
      const { bytes, presentBytes, why } = this.#pinner.status
      progress({ step: 'pin', done: presentBytes, total: bytes, why })
    }, progressEveryMs)
    try {
      await this.#pinner.again(signal)
    } finally {
      clearInterval(timer)
    }
  }

  #report(mountPoint: string): PinReport {
    const drive = this.#drive.request.drive.name
    return { drive, mountPoint, ...this.#pinner.status, pins: this.#pinner.views }
  }

  get #isPast(): boolean {
    return this.#drive.request.drive.at !== undefined || this.#drive.present !== undefined
  }
}
