import { SystemCallError } from '../fuse/libc.ts'
import { handOverDirtyPages } from '../fuse/mount/hand-over.ts'
import { GroupCommit } from '../runtime/group-commit.ts'
import { abortable } from '../store/abortable.ts'
import { FsError } from '../terms/errno.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Inode } from '../tree/inode.ts'
import { bytesText } from './quantity.ts'

/** What programs wrote into a mount and the kernel still gathers in its pages. */
export class KernelPages {
  /** One at a time: each holds a thread of the pool, which answering the kernel needs, too. */
  readonly #handOver: GroupCommit
  #isGone = false
  /** Bytes by file. */
  readonly #refused = new Map<Inode, number>()
  #why: unknown
  /** syncfs(2) will say so, too, once, and needs no other reason then. */
  #isExpected = false

  constructor(mountPoint: string, ended: Promise<void>) {
    this.#handOver = new GroupCommit(() => this.#ask(mountPoint))
    void ended.then(() => (this.#isGone = true))
  }

  /** Pages that came late and could not be taken. The program learns of it at its next fsync or close. */
  readonly refused = (file: Inode, bytes: number, why: unknown): void => {
    this.#refused.set(file, (this.#refused.get(file) ?? 0) + bytes)
    this.#why = why
    this.#isExpected = true
  }

  /**
   * Has the kernel hand over all that was written before; resolves with what kept it from that, if anything did. Throws the
   * signal's reason.
   */
  async gather(signal: AbortSignal): Promise<Trouble | undefined> {
    signal.throwIfAborted()
    if (this.#isGone) return undefined
    try {
      await abortable(this.#handOver.run(), signal)
      return undefined
    } catch (cause) {
      signal.throwIfAborted()
      return new Trouble(
        'undrained',
        `the kernel did not hand over what programs wrote (${textOf(cause)}), so some of it may be in memory only: fsync the files, or unmount with umount(8) as root`,
        { cause },
      )
    }
  }

  async #ask(mountPoint: string): Promise<void> {
    try {
      await handOverDirtyPages(mountPoint)
    } catch (error) {
      if (!(error instanceof SystemCallError && this.#isExpected)) throw error
    }
    this.#isExpected = false
  }

  /** For `status`. What was removed since does not count. */
  get problem(): string | undefined {
    let sum = 0
    for (const [file, bytes] of this.#refused) sum += file.nlink > 0 ? bytes : 0
    if (sum === 0) return undefined
    return `${bytesText(sum)} that programs wrote could not be taken (${textOf(this.#why)})`
  }

  /** What was refused since it was last told. */
  takeRefused(): Trouble | undefined {
    const { problem } = this
    this.#refused.clear()
    if (problem === undefined) return undefined
    const isFull = this.#why instanceof FsError && this.#why.code === 'ENOSPC'
    return new Trouble(
      isFull ? 'disk-full' : 'failed',
      `${problem}; everything else is stored: make room and write them again`,
      { cause: this.#why },
    )
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
