import type { HandleId, LockRange, NodeId } from '../../src/vfs/file-system.ts'
import type { Drive } from './drive.ts'

type LockType = LockRange['type']

/** Somebody who waits for a lock. */
export interface Waiting {
  /** What has become of it by now: `waiting`, `granted`, or the code of its error. */
  state(): Promise<string>
  interrupt(): void
}

/** Locks of one open file. The process of each owner has the owner's number. */
export class Locker {
  readonly id: NodeId
  readonly handle: HandleId
  readonly #drive: Drive
  readonly #flock: boolean

  constructor(drive: Drive, id: NodeId, handle: HandleId, flock: boolean) {
    this.#drive = drive
    this.id = id
    this.handle = handle
    this.#flock = flock
  }

  static async on(drive: Drive, name: string, flock = false): Promise<Locker> {
    const { id, handle } = await drive.create(name)
    return new Locker(drive, id, handle, flock)
  }

  /** The same file, opened once more. */
  async again(): Promise<Locker> {
    return new Locker(this.#drive, this.id, await this.#drive.open(this.id), this.#flock)
  }

  take(owner: bigint, type: LockType, start = 0, end = Number.MAX_SAFE_INTEGER): void {
    const never = new AbortController().signal
    this.#set(owner, type, start, end, false, never)
  }

  test(owner: bigint, type: LockType, start: number, end: number): LockRange | undefined {
    const lock = { type, start, end, pid: Number(owner) }
    return this.#drive.posix.getlk(this.id, this.handle, owner, lock)
  }

  wait(
    owner: bigint,
    type: LockType,
    start = 0,
    end = Number.MAX_SAFE_INTEGER,
    signal?: AbortSignal,
  ): Waiting {
    const controller = new AbortController()
    let state = 'waiting'
    const asked = async () => this.#set(owner, type, start, end, true, signal ?? controller.signal)
    void asked().then(
      () => (state = 'granted'),
      (error: { code: string }) => (state = error.code),
    )
    return {
      state: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        return state
      },
      interrupt: () => controller.abort(),
    }
  }

  async close(flockOwner?: bigint): Promise<void> {
    await this.#drive.fs.release(this.id, this.handle, flockOwner)
  }

  #set(
    owner: bigint,
    type: LockType,
    start: number,
    end: number,
    wait: boolean,
    signal: AbortSignal,
  ): void | Promise<void> {
    const lock = { type, start, end, pid: Number(owner) }
    return this.#drive.fs.setlk(this.id, this.handle, owner, lock, wait, this.#flock, signal)
  }
}
