import { statSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from '../../src/control/client.ts'
import type { DriveStatus } from '../../src/control/status.ts'
import { daemonFiles } from '../../src/daemon/daemon-file.ts'
import type { Ending, Machine } from '../e2e/machine.ts'
import { Side } from '../writers/side.ts'
import type { SideName } from './load-messages.ts'
import { diskBytes, processReading, statusReading, type Reading } from './reading.ts'

const drive = 'demo'
/** A daemon that does not say how it is for so long is stuck. */
const statusLimitMs = 60_000

/** A mount whose daemon is looked at. */
export class WatchedSide {
  readonly name: SideName
  readonly side: Side
  #life = 0

  private constructor(name: SideName, side: Side) {
    this.name = name
    this.side = side
  }

  static async of(
    name: SideName,
    origin: Machine,
    ends: Ending,
    flags: readonly string[],
  ): Promise<WatchedSide> {
    return new WatchedSide(name, await Side.of(origin, ends, flags))
  }

  get mount(): string {
    return this.side.mount
  }

  get log(): string {
    return join(this.#state, 'daemon.log')
  }

  /** Throws Trouble `not-running`, and an abort when there is no answer. */
  status(): Promise<DriveStatus> {
    const { socket } = this.#daemon
    return ask(socket, { op: 'status' }, () => {}, AbortSignal.timeout(statusLimitMs))
  }

  /** What its daemon takes now. Throws when there is none. */
  async read(sinceMs: number, isResting: boolean): Promise<Reading> {
    const { pid } = this.#daemon
    const askedMs = Date.now()
    const status = await this.status()
    return {
      atMs: Date.now() - sinceMs,
      side: this.name,
      life: this.#life,
      ...processReading(pid),
      ...statusReading(status),
      journal: diskBytes(join(this.#state, 'journal')),
      staging: diskBytes(join(this.#state, 'staging')) + diskBytes(join(this.#state, 'packs')),
      cacheDisk: diskBytes(join(this.side.machine.home, 'cache')),
      log: statSync(this.log).size,
      statusMs: Date.now() - askedMs,
      isResting,
    }
  }

  /** The next life, where the daemon has died. */
  async revive(): Promise<void> {
    await this.side.start()
    this.#life++
  }

  /** Unmounted, without a cache, and mounted again. */
  async remountCold(): Promise<void> {
    await this.unmount()
    this.side.machine.forgetCache()
    await this.revive()
  }

  unmount(): Promise<string> {
    return this.side.machine.ok('umount', this.mount)
  }

  get #state(): string {
    return join(this.side.machine.home, 'state', drive)
  }

  get #daemon() {
    const found = daemonFiles(join(this.side.machine.home, 'state'))
    const daemon = found.findLast(({ mountPoint }) => mountPoint === this.mount)
    if (!daemon) throw new Error(`no daemon serves ${this.mount}`)
    return daemon
  }
}
