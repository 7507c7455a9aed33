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
  isAnswered: boolean
}

/** How often an interrupted call is looked at again. */
const watchMs = 200

/**
 * Requests that wait for the file system, and what a signal does to them. The kernel tells of the first signal only, be it a
 * harmless one; network file systems (nfs(5), "intr") and programs agree that only a wait for a lock should end with EINTR then,
 * and everything else only when the process is being killed. So an interrupted call is watched until that is so.
 */
export class PendingCalls {
  readonly #calls = new Map<number, PendingCall>()
  readonly #watched = new Set<PendingCall>()
  readonly #abandon: (call: PendingCall) => void
  #timer: NodeJS.Timeout | undefined

  /** `abandon`: answers a call whose caller was killed. */
  constructor(abandon: (call: PendingCall) => void) {
    this.#abandon = abandon
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

  /** Tells all calls that nobody waits for them. */
  end(): void {
    this.#stopWatching()
    this.#watched.clear()
    for (const call of this.#calls.values()) {
      call.isAnswered = true
      call.controller?.abort()
    }
  }

  #endIfKilled(call: PendingCall): boolean {
    if (!hasFatalSignal(call.pid)) return false
    if (call.canAbandon) this.#abandon(call)
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
