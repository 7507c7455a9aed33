import { constants } from 'node:os'
import type { Log } from '../../runtime/log.ts'
import { Errno } from '../../terms/errno.ts'
import type { Answer, Caller, FileSystem } from '../../vfs/file-system.ts'
import { errnoOf } from '../errno-of.ts'
import type { FuseDevice } from './device.ts'
import type { Negotiated } from './negotiation.ts'
import type { Notifier } from './notifier.ts'
import { Passthrough } from './passthrough.ts'
import { PendingCalls } from './pending-calls.ts'
import type { PendingCall } from './pending-calls.ts'
import { AbsentForNow } from '../../vfs/virtual-node.ts'
import { Opcode } from './protocol.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'
import { WritableHandles } from './writable-handles.ts'

/** Writes an answer into a reply. Bytes that it returns are sent after it. */
export type Encode<T> = (reply: Reply, value: T) => Uint8Array | void

/** What to do with an answer that came after its caller was killed. */
export type Late<T> = (value: T) => void

/** Nothing needs doing when this answer comes late. */
export const nothingLate = (): void => {}

const empty = (): void => {}

/**
 * What the handlers of requests work with: the request being answered, the file system to ask, and ways to answer, at once or
 * when a promise has settled. Each request is answered exactly once, whatever the file system does.
 */
export class Exchange {
  readonly request: Request
  readonly reply: Reply
  readonly fileSystem: FileSystem
  readonly notifier: Notifier
  readonly writable = new WritableHandles()
  readonly passthrough: Passthrough
  readonly #pending = new PendingCalls((call, errno) => this.#abandon(call, errno))
  readonly #device: FuseDevice
  readonly #log: Log
  /** Lent to calls that may become promises; a new one is made only when one does. */
  #controller = new AbortController()
  #isSignalLent = false
  #negotiated: Negotiated | undefined

  constructor(
    request: Request,
    reply: Reply,
    fileSystem: FileSystem,
    device: FuseDevice,
    notifier: Notifier,
    log: Log,
  ) {
    this.request = request
    this.reply = reply
    this.fileSystem = fileSystem
    this.notifier = notifier
    this.#device = device
    this.#log = log
    this.passthrough = new Passthrough(device, fileSystem, log)
  }

  /** Undefined before INIT. */
  get negotiated(): Negotiated | undefined {
    return this.#negotiated
  }

  set negotiated(negotiated: Negotiated) {
    this.#negotiated = negotiated
  }

  /** Aborts when the caller of this request is interrupted. */
  get signal(): AbortSignal {
    this.#isSignalLent = true
    return this.#controller.signal
  }

  /** The caller, with the umask that stands in a word of the request if the kernel left it to us. */
  caller(umaskWord?: number): Caller {
    const tells = umaskWord !== undefined && this.#negotiated?.tellsUmask === true
    return this.request.caller(tells ? this.request.word(umaskWord) : undefined)
  }

  /** Runs the handler of one request. */
  serve(handler: (exchange: Exchange) => void): void {
    this.#isSignalLent = false
    try {
      handler(this)
    } catch (error) {
      this.#begin()
      this.#fail(this.request.opcode, error)
    }
  }

  /** Runs the handler of a message that wants no reply. */
  note(handler: (exchange: Exchange) => void): void {
    try {
      handler(this)
    } catch (error) {
      this.#errnoOf(this.request.opcode, error)
    }
  }

  /** Answers with what the file system has said, now or later. `late`: see {@link Late}; without it the caller waits. */
  answer<T>(result: Answer<T>, encode: Encode<T>, late?: Late<T>): void {
    if (result instanceof Promise) this.#defer(result, encode, late)
    else {
      this.#begin()
      this.#send(encode(this.reply, result))
    }
  }

  /** Answers with nothing but success. */
  done(result: Answer<void>, late?: Late<void>): void {
    this.answer(result, empty, late)
  }

  /** Answers with the first `length` bytes that lie in the reply's room. */
  took(length: number): void {
    this.#begin()
    this.reply.took(length)
    this.#send()
  }

  /** Answers with a positive errno. */
  refuse(number: number): void {
    this.#begin()
    this.reply.fail(number)
    this.#send()
  }

  /** A call that nobody asked for: its failure is only logged. */
  unheard(result: Answer<unknown>): void {
    const { opcode } = this.request
    if (result instanceof Promise) result.catch((error: unknown) => this.#errnoOf(opcode, error))
  }

  /** FUSE_INTERRUPT: the caller of that request got a signal. */
  interrupt(unique: number): void {
    this.#pending.interrupt(unique)
  }

  /** No request will come any more, and no answer is wanted. */
  end(): void {
    this.#pending.end()
    this.passthrough.end()
  }

  #begin(): void {
    this.reply.begin(this.request.word(2), this.request.word(3))
  }

  #send(tail?: Uint8Array | void): void {
    this.fileSystem.settle()
    const number = this.#device.send(this.reply, tail ?? undefined)
    if (number === 0) return
    this.#log.error('the kernel refused a reply', { errno: number, bytes: this.reply.length })
    this.reply.fail(Errno.EIO)
    this.#device.send(this.reply)
  }

  #fail(opcode: number, error: unknown): void {
    const number = this.#errnoOf(opcode, error)
    const isAbsent = number === Errno.ENOENT && opcode === Opcode.lookup
    if (isAbsent && !(error instanceof AbsentForNow)) this.reply.absentEntry()
    else this.reply.fail(number)
    this.#send()
  }

  /** What was given up by its caller is EINTR. */
  #errnoOf(opcode: number, error: unknown): number {
    if ((error as Error | undefined)?.name === 'AbortError') return constants.errno.EINTR
    return errnoOf(error, this.#log, { opcode })
  }

  #defer<T>(result: Promise<T>, encode: Encode<T>, late: Late<T> | undefined): void {
    const { request } = this
    const call: PendingCall = {
      low: request.word(2),
      high: request.word(3),
      opcode: request.opcode,
      pid: request.pid,
      controller: this.#lend(),
      canAbandon: late !== undefined,
      sinceMs: performance.now(),
      isAnswered: false,
    }
    this.#pending.add(call)
    result.then(
      (value) => {
        if (this.#settle(call)) this.#encode(call, value, encode)
        else this.#lateValue(call, value, late)
      },
      (error: unknown) => {
        if (this.#settle(call)) this.#fail(call.opcode, error)
      },
    )
  }

  /** The abort controller whose signal this request's call was given. */
  #lend(): AbortController | undefined {
    if (!this.#isSignalLent) return undefined
    const lent = this.#controller
    this.#controller = new AbortController()
    return lent
  }

  /** Begins the reply of a call that was pending; false if its caller got one already. */
  #settle(call: PendingCall): boolean {
    this.#pending.remove(call)
    if (call.isAnswered) return false
    call.isAnswered = true
    this.reply.begin(call.low, call.high)
    return true
  }

  #encode<T>(call: PendingCall, value: T, encode: Encode<T>): void {
    try {
      this.#send(encode(this.reply, value))
    } catch (error) {
      this.reply.begin(call.low, call.high)
      this.#fail(call.opcode, error)
    }
  }

  #lateValue<T>(call: PendingCall, value: T, late: Late<T> | undefined): void {
    try {
      late?.(value)
    } catch (error) {
      this.#errnoOf(call.opcode, error)
    }
  }

  /** The caller need not wait any longer. */
  #abandon(call: PendingCall, errno: number): void {
    call.isAnswered = true
    this.reply.begin(call.low, call.high)
    this.reply.fail(errno)
    this.#send()
  }
}
