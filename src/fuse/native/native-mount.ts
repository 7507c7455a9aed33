import { stat } from 'node:fs/promises'
import type { Mounted } from '../driver.ts'
import { abortConnection } from '../mount/connection.ts'
import { mountAt } from '../mount/mount-table.ts'
import { unmountPath } from '../mount/unmount.ts'

/** How often it is checked whether the mount still stands: the library does not say. */
const watchMs = 500

/** A mount served by libfuse 2. It cannot tell the kernel what has changed: the kernel asks again after its timeouts. */
export class NativeMount implements Mounted {
  readonly description = 'fuse-native 2.2.6, libfuse 2, 128 KiB requests'
  readonly passthroughRefused = 'the fuse-native driver cannot'
  readonly ended: Promise<void>
  readonly #path: string
  readonly #device: Promise<string | undefined>
  readonly #timer: NodeJS.Timeout
  readonly #release: () => void
  readonly #end = Promise.withResolvers<void>()
  #isEnded = false

  /** `release`: lets the event loop end. */
  constructor(path: string, release: () => void) {
    this.#path = path
    this.#device = deviceAt(path)
    this.#release = release
    this.ended = this.#end.promise
    this.#timer = setInterval(() => void this.#look(), watchMs)
  }

  invalidateNode(): void {}

  invalidateEntry(): void {}

  async unmount(lazy: boolean): Promise<void> {
    if (this.#isEnded) return
    await unmountPath(this.#path, lazy)
    await this.#look()
    if (!lazy) await this.ended
  }

  abort(): void {
    if (!this.#isEnded) abortConnection(this.#path)
  }

  async #look(): Promise<void> {
    const device = await deviceAt(this.#path)
    if (this.#isEnded || (device !== undefined && device === (await this.#device))) return
    this.#isEnded = true
    clearInterval(this.#timer)
    this.#release()
    this.#end.resolve()
  }
}

/** What names the mount at a path; undefined where nothing answers. */
async function deviceAt(path: string): Promise<string | undefined> {
  if (process.platform === 'linux') return mountAt(path)?.device
  return await stat(path).then(
    ({ dev }) => String(dev),
    () => undefined,
  )
}
