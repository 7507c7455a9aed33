import { FsError } from '../../terms/errno.ts'
import type { Attributes } from '../../tree/attributes.ts'
import type { Log } from '../../runtime/log.ts'
import type { Answer, FileSystem, NodeId, Opened, WholeFile } from '../../vfs/file-system.ts'
import type { FuseDevice } from './device.ts'

const SEEK_DATA = 3

/** A node that the kernel reads from a file of its own. */
interface Passed {
  /** The kernel's number of that file. */
  readonly backing: number
  readonly whole: WholeFile
  handles: number
}

/**
 * Which nodes the kernel reads by itself (FOPEN_PASSTHROUGH). It allows a node either handles that go through its page cache or handles
 * that pass through, all of these to one file (fs/fuse/iomode.c), and refuses any other open with EIO. So the first handle of a
 * node decides for those that come while it is open. Handles are counted until their RELEASE, which is later than the kernel does.
 */
export class Passthrough {
  /** Agreed with the kernel at INIT: handles are counted from then on. */
  isAgreed = false
  /** Files may be given to the kernel. */
  isOn = false
  readonly #device: Pick<FuseDevice, 'openBacking' | 'closeBacking'>
  readonly #fileSystem: Pick<FileSystem, 'getattr'>
  readonly #log: Log
  readonly #ordinary = new Map<NodeId, number>()
  readonly #passed = new Map<NodeId, Passed>()

  constructor(
    device: Pick<FuseDevice, 'openBacking' | 'closeBacking'>,
    fileSystem: Pick<FileSystem, 'getattr'>,
    log: Log,
  ) {
    this.#device = device
    this.#fileSystem = fileSystem
    this.#log = log
  }

  /** A handle is given to the kernel: the number of the file that it is to read, or 0. */
  opened(node: NodeId, { whole }: Opened): number {
    const passed = this.#passed.get(node)
    if (passed !== undefined) {
      whole?.release()
      passed.handles++
      return passed.backing
    }
    const backing = whole === undefined ? 0 : this.#pass(node, whole)
    if (backing === 0 && this.isAgreed) {
      this.#ordinary.set(node, (this.#ordinary.get(node) ?? 0) + 1)
    }
    return backing
  }

  /** A handle is gone. */
  released(node: NodeId): void {
    const passed = this.#passed.get(node)
    if (passed === undefined) return this.#releasedOrdinary(node)
    if (--passed.handles > 0) return
    this.#passed.delete(node)
    this.#device.closeBacking(passed.backing)
    passed.whole.release()
  }

  has(node: NodeId): boolean {
    return this.#passed.has(node)
  }

  /** Attributes of such a node: where the file has changed elsewhere, who has it open goes on in what was there when he opened it. */
  shown(node: NodeId, now: Answer<Attributes>): Answer<Attributes> {
    const passed = this.#passed.get(node)
    if (passed === undefined) return now
    if (now instanceof Promise) return now.then((late) => asOpened(late, passed.whole))
    return asOpened(now, passed.whole)
  }

  /** Where data or a hole begins in a file that has changed since it was opened; undefined where the file system knows. */
  seek(node: NodeId, offset: number, whence: number): number | undefined {
    const passed = this.#passed.get(node)
    if (passed === undefined) return undefined
    const now = this.#fileSystem.getattr(node, undefined)
    const { size, mtimeSec, mtimeNsec } = passed.whole
    const isSame =
      !(now instanceof Promise) &&
      now.size === size &&
      now.mtimeSec === mtimeSec &&
      now.mtimeNsec === mtimeNsec
    if (isSame) return undefined
    if (offset >= size) throw new FsError('ENXIO', 'beyond the end of the file')
    return whence === SEEK_DATA ? offset : size
  }

  /** The connection is gone, and the kernel's own hold on the files with it. */
  end(): void {
    this.isOn = false
    for (const { whole } of this.#passed.values()) whole.release()
    this.#passed.clear()
    this.#ordinary.clear()
  }

  #pass(node: NodeId, whole: WholeFile): number {
    const backing =
      this.isOn && !this.#ordinary.has(node) ? this.#device.openBacking(whole.descriptor) : 0
    if (backing > 0) {
      this.#passed.set(node, { backing, whole, handles: 1 })
      return backing
    }
    whole.release()
    if (backing < 0) this.#log.warn('a file could not be passed through', { errno: -backing })
    return 0
  }

  #releasedOrdinary(node: NodeId): void {
    const count = this.#ordinary.get(node)
    if (count === undefined) return
    if (count === 1) this.#ordinary.delete(node)
    else this.#ordinary.set(node, count - 1)
  }
}

function asOpened(now: Attributes, whole: WholeFile): Attributes {
  const { ino, mode, nlink, uid, gid, rdev, atimeSec, atimeNsec, ctimeSec, ctimeNsec } = now
  const { size, blocks, mtimeSec, mtimeNsec } = whole
  const live = { ino, mode, nlink, uid, gid, rdev, atimeSec, atimeNsec, ctimeSec, ctimeNsec }
  return { ...live, size, blocks, mtimeSec, mtimeNsec }
}
