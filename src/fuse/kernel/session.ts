import type { Log } from '../../runtime/log.ts'
import { Errno } from '../../terms/errno.ts'
import type { FileSystem } from '../../vfs/file-system.ts'
import { FuseDevice, isEnd, Received } from './device.ts'
import { Exchange } from './exchange.ts'
import { handlers, notes } from './handlers.ts'
import { negotiate } from './negotiation.ts'
import type { Negotiated, Wishes } from './negotiation.ts'
import { Notifier } from './notifier.ts'
import { whyNotBacked } from './passthrough-probe.ts'
import { Opcode, OpenReplyFlag } from './protocol.ts'
import { readOnEventLoop } from './readable.ts'
import type { Reading } from './readable.ts'
import { Reply } from './reply.ts'
import { Request } from './request.ts'
import type { Timeouts } from './structs.ts'

/** The longest time that requests are served before timers, sockets and promises get their turn. */
const turnMs = 2
/** How many requests are served between two looks at the clock. */
const requestsPerLook = 8
/** After so many turns that found no second request only each so-manieth turn looks for one: a lone program waits for each answer. */
const fruitlessTurns = 8

/**
 * Serves one connection to the kernel, in this thread: the event loop brings the first request of a turn, what else has come is
 * read after it without blocking, and each is answered in place.
 */
export class Session {
  /** Settles when the kernel has sent INIT and got its answer, or will not. */
  readonly negotiated: Promise<Negotiated>
  /** Resolves when no request will come any more. */
  readonly ended: Promise<void>
  readonly notifier: Notifier
  readonly #device: FuseDevice
  readonly #request: Request
  readonly #reply: Reply
  readonly #exchange: Exchange
  readonly #wishes: Wishes
  readonly #log: Log
  readonly #init = Promise.withResolvers<Negotiated>()
  readonly #end = Promise.withResolvers<void>()
  #reading: Reading | undefined
  #isEnded = false
  /** Turns since one had a second request. */
  #lonely = 0

  /** Takes over the descriptor of /dev/fuse, and begins. */
  constructor(fd: number, fileSystem: FileSystem, wishes: Wishes, timeouts: Timeouts, log: Log) {
    this.#device = new FuseDevice(fd)
    this.#request = new Request(wishes.maxWriteBytes)
    this.#reply = new Reply(wishes.maxWriteBytes, timeouts)
    // All that a close has to tell is which POSIX locks end with it. Those on such a mount are read locks, which keep nobody waiting.
    if (wishes.readOnly) this.#reply.fileFlags = OpenReplyFlag.noFlush
    this.notifier = new Notifier(this.#device, log)
    this.#exchange = new Exchange(
      this.#request,
      this.#reply,
      fileSystem,
      this.#device,
      this.notifier,
      log,
    )
    this.#wishes = wishes
    this.#log = log
    this.negotiated = this.#init.promise
    this.negotiated.catch(() => {})
    this.ended = this.#end.promise
    this.#listen()
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Lets the kernel read whole files that lie in a directory by itself; else says why it cannot. After INIT. */
  passThrough(directory: string): string | undefined {
    const refused = this.#exchange.negotiated?.passthrough
      ? whyNotBacked(this.#device, directory)
      : 'the kernel has none (Linux 6.9 and later, CONFIG_FUSE_PASSTHROUGH)'
    this.#exchange.passthrough.isOn = refused === undefined
    return refused
  }

  /** Ends the connection: whoever still uses the mount gets ENOTCONN. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#reading?.stop()
    this.#exchange.end()
    this.#init.reject(new Error('the mount ended before the kernel had begun to use it'))
    void this.notifier.end().then(() => {
      this.#device.close()
      this.#end.resolve()
    })
  }

  #listen(): void {
    this.#reading = readOnEventLoop(
      this.#device.fd,
      this.#request.memory.bytes,
      () => this.#turn(),
      (error) => this.#failed(error),
    )
  }

  /** A first request lies in the buffer. */
  #turn(): void {
    const lonely = this.#lonely++
    if (lonely > fruitlessTurns && lonely % fruitlessTurns !== 0) return this.#serve()
    const end = performance.now() + turnMs
    this.#serve()
    for (let served = 1; !this.#isEnded; served++) {
      if (served % requestsPerLook === 0 && performance.now() > end) return
      const received = this.#device.receive(this.#request.memory)
      if (received === Received.nothing) return
      if (received === Received.ended) return this.end()
      this.#lonely = 0
      this.#serve()
    }
  }

  #serve(): void {
    const { opcode } = this.#request
    const note = notes[opcode]
    if (note) return this.#exchange.note(note)
    if (opcode === Opcode.init) this.#exchange.serve(() => this.#initialize())
    else this.#exchange.serve(handlers[opcode] ?? refuse)
  }

  #initialize(): void {
    const negotiated = negotiate(this.#request, this.#reply, this.#wishes)
    if (negotiated === undefined) {
      this.#exchange.refuse(71 /* EPROTO */)
      this.#init.reject(new Error('the kernel is older than Linux 5.4 (FUSE 7.31)'))
      return
    }
    this.#exchange.negotiated = negotiated
    this.#exchange.passthrough.isAgreed = negotiated.passthrough
    this.#exchange.took(64)
    this.#init.resolve(negotiated)
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#isEnded) return
    const number = Math.abs(error.errno ?? Errno.EIO)
    if (isEnd(number)) return this.end()
    // A request that was taken back while it was read, or a signal.
    if (number !== Errno.ENOENT && number !== Errno.EINTR) {
      this.#log.error('cannot read /dev/fuse', { errno: number })
      return this.end()
    }
    this.#listen()
  }
}

function refuse(exchange: Exchange): void {
  exchange.refuse(Errno.ENOSYS)
}
