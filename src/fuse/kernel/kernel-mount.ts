import type { Log } from '../../runtime/log.ts'
import { FsError } from '../../terms/errno.ts'
import type { Name } from '../../terms/name.ts'
import type { NodeId } from '../../vfs/file-system.ts'
import type { Mounted } from '../driver.ts'
import { mountAt } from '../mount/mount-table.ts'
import { unmountPath } from '../mount/unmount.ts'
import type { Session } from './session.ts'

/** A mount served by a {@link Session}. */
export class KernelMount implements Mounted {
  readonly ended: Promise<void>
  /** The mount's device, `0:42`; undefined where the mount point is not known. */
  readonly device: string | undefined
  description = ''
  passthroughRefused: string | undefined
  readonly #session: Session
  readonly #path: string | undefined
  readonly #log: Log

  /** `path`: as the mount table has it. */
  constructor(session: Session, path: string | undefined, log: Log) {
    this.#session = session
    this.#path = path
    this.#log = log
    this.ended = session.ended
    this.device = path === undefined ? undefined : mountAt(path)?.device
  }

  invalidateNode(node: NodeId, offset?: number, length?: number): void {
    this.#session.notifier.invalidateNode(node, offset, length)
  }

  invalidateEntry(parent: NodeId, name: Name): void {
    this.#session.notifier.invalidateEntry(parent, name)
  }

  async unmount(lazy: boolean): Promise<void> {
    if (this.#session.isEnded) return
    if (this.#path === undefined) return this.#leave()
    const there = mountAt(this.#path)
    if (there === undefined) return
    if (there.device !== this.device) {
      throw new FsError('EBUSY', `something else is mounted over ${this.#path}`)
    }
    await unmountPath(this.#path, lazy)
    if (!lazy) await this.ended
  }

  abort(): void {
    this.#session.end()
  }

  /** mount.fuse3 mounted it, as root: only root can take it out of the table. */
  #leave(): void {
    this.#log.warn('the mount stays in the table, dead, until root unmounts it')
    this.#session.end()
  }
}
