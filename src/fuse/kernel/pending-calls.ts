import { Errno } from '../../terms/errno.ts'
import { hasFatalSignal } from './fatal-signal.ts'
import { Opcode } from './protocol.ts'

/** A request that the file system will answer later. */
export interface PendingCall {
  /** The two words of its unique number. */
  readonly low: number
  readonly high: number
  readonly opcode: number
  readonly pid: number
  readonly controller: AbortController | undefined
  /** The caller may be let go before the file system has answered. */
  readonly canAbandon: boolean
  /** On the clock of performance.now(). */
  readonly sinceMs: number
  isAnswered: boolean
}

/** How often an interrupted call is looked at again. */
const watchMs = 200
/**
 * The longest that a call which only reads may take. The file system has shorter deadlines of its own; this is for what it has missed: a page
 * that waits for its bytes is locked in the kernel, and whoever wants it then cannot even be killed.
 */
const deadlineMs = 600_000
const deadlineLookMs = 10_000
const reading = new Set<number>([
  Opcode.lookup,
  Opcode.getattr,
  Opcode.readlink,
  Opcode.open,
  Opcode.read,
  Opcode.statfs,
  Opcode.getxattr,
  Opcode.listxattr,
  Opcode.opendir,
  Opcode.readdir,
  Opcode.readdirplus,
  Opcode.access,
  Opcode.lseek,
])

/**
 * Requests that wait for the file system, and what a signal does to them. The kernel tells of the first signal only, be it a
 * harmless one; network file systems (nfs(5), "intr") and programs agree that only a wait for a lock should end with EINTR then,
 * and everything else only when the process is being killed. So an interrupted call is watched until that is so.
 */
export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>()
  readonly #watched = new Set<PendingCall>()
  readonly #abandon: (call: PendingCall, errno: number) => void
  readonly #deadlineTimer: NodeJS.Timeout
  #timer: NodeJS.Timeout | undefined

  /** `abandon`: answers a call before the file system does. */
  constructor(abandon: (call: PendingCall, errno: number) => void) {
    this.#abandon = abandon
    this.#deadlineTimer = setInterval(() => this.endOverdue(performance.now()), deadlineLookMs)
    this.#deadlineTimer.unref()
  }

  add(call: PendingCall): void {
    this.#calls.set(keyOf(call), call)
  }

  remove(call: PendingCall): void {
    this.#calls.delete(keyOf(call))
    if (this.#watched.delete(call) && this.#watched.size === 0) this.#stopWatching()
  }

  /** The caller of the request with this unique number got a signal. One that is not pending was answered already. */
  interrupt(unique: number): void {
    const call = this.#calls.get(unique)
    if (call === undefined || call.isAnswered) return
    if (call.opcode === Opcode.setlkw) call.controller?.abort()
    else if (!this.#endIfKilled(call)) this.#watch(call)
  }

  /** Answers calls that only read and have taken too long. */
  endOverdue(nowMs: number): void {
    for (const call of this.#calls.values()) {
      const isOverdue = nowMs - call.sinceMs > deadlineMs && reading.has(call.opcode)
      if (!isOverdue || call.isAnswered || !call.canAbandon) continue
      this.#abandon(call, Errno.ETIMEDOUT)
      call.controller?.abort()
    }
  }

  /** Tells all calls that nobody waits for them. */
  end(): void {
    clearInterval(this.#deadlineTimer)
    this.#stopWatching()
    this.#watched.clear()
    for (const call of this.#calls.values()) {
      call.isAnswered = true
      call.controller?.abort()
    }
  }

  #endIfKilled(call: PendingCall): boolean {
    if (!hasFatalSignal(call.pid)) return false
    if (call.canAbandon) this.#abandon(call, Errno.EINTR)
    call.controller?.abort()
    return true
  }

  #watch(call: PendingCall): void {
    this.#watched.add(call)
    this.#timer ??= setInterval(() => this.#look(), watchMs)
  }

  #look(): void {
    for (const call of this.#watched) if (this.#endIfKilled(call)) this.#watched.delete(call)
    if (this.#watched.size === 0) this.#stopWatching()
  }

  #stopWatching(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

function keyOf(call: PendingCall): number {
  return call.low + call.high * 4294967296
}
