import { closeSync, writev, writevSync } from 'node:fs'
import { constants } from 'node:os'
import { errno, libc } from '../libc.ts'
import { Memory } from '../libc.ts'
import { DeviceCall } from './protocol.ts'
import type { Reply } from './reply.ts'

const { EAGAIN, EINTR, EIO, ENODEV, ENOENT, ECONNABORTED } = constants.errno
/** fcntl(2), open(2); the same on x86-64 and arm64 */
const F_GETFL = 3
const F_SETFL = 4
const O_NONBLOCK = 0o4000

/** What came of a read of the device. */
export const Received = { request: 1, nothing: 0, ended: -1 } as const
export type Received = (typeof Received)[keyof typeof Received]

/** An open /dev/fuse, read and written without ever blocking this thread. */
export class FuseDevice {
  readonly fd: number
  readonly #libc = libc()
  /** Of an ioctl. */
  readonly #argument = new Memory(16)

  /** Takes over the descriptor. */
  constructor(fd: number) {
    this.fd = fd
    const flags = this.#libc.fcntl(fd, F_GETFL, 0)
    if (flags < 0 || this.#libc.fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
      throw new Error(`descriptor ${fd} is not open (errno ${errno()})`)
    }
  }

  /** Reads the next request, if there is one. */
  receive(into: Memory): Received {
    for (;;) {
      if (this.#libc.read(this.fd, into.address, into.bytes.length) > 0) return Received.request
      const number = errno()
      if (number === EAGAIN) return Received.nothing
      if (isEnd(number)) return Received.ended
      // The request was taken back, or a signal came: the next one, then.
      if (number !== ENOENT && number !== EINTR)
        throw new Error(`reading /dev/fuse: errno ${number}`)
    }
  }

  /**
   * Sends a reply, with bytes after it that are not in its buffer. Returns the errno of a reply that the kernel did not
   * like, else 0: a reply to a request that is gone (ENOENT) is normal.
   */
  send(reply: Reply, tail?: Uint8Array): number {
    reply.finish(tail?.length ?? 0)
    return tail ? this.#sendTwo(reply, tail) : this.#sendOne(reply)
  }

  /** Writes a notification from another thread: the kernel may want locks for it that a request to us holds. */
  notify(message: Uint8Array, done: (error: NodeJS.ErrnoException | null) => void): void {
    writev(this.fd, [message], done)
  }

  /** Tells the kernel of a file to read from: its number, or a negative errno. */
  openBacking(descriptor: number): number {
    const map = this.#argument.bytes.fill(0)
    map.writeInt32LE(descriptor, 0)
    const number = this.#libc.ioctl(this.fd, DeviceCall.backingOpen, this.#argument.address)
    return number < 0 ? -errno() : number
  }

  closeBacking(number: number): void {
    this.#argument.bytes.fill(0).writeInt32LE(number, 0)
    this.#libc.ioctl(this.fd, DeviceCall.backingClose, this.#argument.address)
  }

  close(): void {
    closeSync(this.fd)
  }

  #sendOne(reply: Reply): number {
    const { fd } = this
    if (this.#libc.write(fd, reply.memory.address, reply.length) >= 0) return 0
    return isNormal(errno()) ? 0 : errno()
  }

  #sendTwo(reply: Reply, tail: Uint8Array): number {
    try {
      writevSync(this.fd, [reply.memory.bytes.subarray(0, reply.length), tail])
      return 0
    } catch (error) {
      const number = Math.abs((error as NodeJS.ErrnoException).errno ?? EIO)
      return isNormal(number) ? 0 : number
    }
  }
}

/** The mount is gone, or its connection was cut. */
export function isEnd(number: number): boolean {
  return number === ENODEV || number === ECONNABORTED
}

function isNormal(number: number): boolean {
  return number === ENOENT || isEnd(number)
}
