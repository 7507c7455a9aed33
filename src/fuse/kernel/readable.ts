import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { errno, libc, Memory } from '../libc.ts'

const AF_UNIX = 1
const SOCK_STREAM = 1
const O_CLOEXEC = 0o2000000

/** Reading that can be stopped. */
export interface Reading {
  /** Stops for good, and closes the descriptor that {@link readOnEventLoop} has made. */
  stop(): void
}

/**
 * Lets the event loop itself read a character device, straight into `into`: no thread waits for it, and a request costs no
 * hop between threads. Node opens streams on sockets only, but libuv knows a socket by its descriptor's number; so this makes a
 * socket and puts the device in its place (dup3(2)) before the loop first looks at it. `fd` must not block.
 *
 * `onBytes` is called when one read has filled `into`, `onError` once, when a read fails: nothing more is read then.
 */
export function readOnEventLoop(
  fd: number,
  into: Buffer,
  onBytes: () => void,
  onError: (error: NodeJS.ErrnoException) => void,
): Reading {
  const place = socketNumber()
  const socket = new Socket({
    fd: place,
    readable: true,
    writable: false,
    onread: {
      buffer: into,
      callback: () => {
        onBytes()
        return true
      },
    },
  })
  socket.on('error', onError)
  if (libc().dup3(fd, place, O_CLOEXEC) < 0) {
    socket.destroy()
    throw new Error(`dup3: errno ${errno()}`)
  }
  return { stop: () => socket.destroy() }
}

function socketNumber(): number {
  const pair = new Memory(8)
  if (libc().socketpair(AF_UNIX, SOCK_STREAM, 0, pair.address) < 0) {
    throw new Error(`socketpair: errno ${errno()}`)
  }
  closeSync(pair.bytes.readInt32LE(4))
  return pair.bytes.readInt32LE(0)
}
