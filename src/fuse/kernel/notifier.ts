import type { Log } from '../../runtime/log.ts'
import type { Name } from '../../terms/name.ts'
import type { NodeId } from '../../vfs/file-system.ts'
import type { FuseDevice } from './device.ts'
import { Notify, replyHeaderBytes } from './protocol.ts'

/** Attributes only, no pages. */
const noPages = -1n

interface Notice {
  readonly message: Uint8Array
  /** Called when the kernel has dealt with it. */
  readonly sent?: () => void
}

/**
 * Tells the kernel what it has cached wrongly. Such a message may have to wait in the kernel for a lock that a request to us holds, so
 * it is written in another thread, one after the other, and nobody waits for it here.
 */
export class Notifier {
  readonly #device: FuseDevice
  readonly #log: Log
  /** In order; the one being written stays in it. */
  readonly #queue = new Set<Notice>()
  readonly #idle = Promise.withResolvers<void>()
  #isEnded = false

  constructor(device: FuseDevice, log: Log) {
    this.#device = device
    this.#log = log
  }

  /** Attributes, and with an offset also pages from there (length 0: to the end). */
  invalidateNode(node: NodeId, offset?: number, length = 0): void {
    const message = nodeMessage(node, offset, length)
    this.#enqueue({ message })
  }

  /** Makes the kernel hand over its dirty pages of a file. Resolves when it has. */
  writeBack(node: NodeId): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#enqueue({ message: nodeMessage(node, 0, 0), sent: resolve })
    return promise
  }

  /**
   * Drops the name, and with it the inode behind it if nobody has it open. (Only expiring the name would keep the inode, and with the
   * writeback cache the kernel never takes a new size for a file that it knows.)
   */
  invalidateEntry(parent: NodeId, name: Name): void {
    const message = messageOf(Notify.invalidateEntry, 16 + name.length + 1)
    message.writeBigUInt64LE(BigInt(parent), replyHeaderBytes)
    message.writeUInt32LE(name.length, replyHeaderBytes + 8)
    message.write(name, replyHeaderBytes + 16, 'latin1')
    this.#enqueue({ message })
  }

  /** Drops what waits. Resolves when nothing is being written: then the descriptor may be closed. */
  end(): Promise<void> {
    this.#isEnded = true
    for (const { sent } of this.#queue) sent?.()
    if (this.#queue.size === 0) this.#idle.resolve()
    return this.#idle.promise
  }

  #enqueue(notice: Notice): void {
    if (this.#isEnded) return notice.sent?.()
    this.#queue.add(notice)
    if (this.#queue.size === 1) this.#write(notice)
  }

  #write(notice: Notice): void {
    this.#device.notify(notice.message, (error) => {
      // ENOENT: the kernel does not know it, so nothing is wrong.
      if (error && error.code !== 'ENOENT' && !this.#isEnded) {
        this.#log.warn('the kernel refused a notification', { code: error.code })
      }
      this.#queue.delete(notice)
      notice.sent?.()
      this.#next()
    })
  }

  #next(): void {
    if (this.#isEnded) return this.#idle.resolve()
    const [next] = this.#queue
    if (next) this.#write(next)
  }
}

function nodeMessage(node: NodeId, offset: number | undefined, length: number): Uint8Array {
  const message = messageOf(Notify.invalidateInode, 24)
  message.writeBigUInt64LE(BigInt(node), replyHeaderBytes)
  message.writeBigInt64LE(offset === undefined ? noPages : BigInt(offset), replyHeaderBytes + 8)
  message.writeBigInt64LE(BigInt(length), replyHeaderBytes + 16)
  return message
}

function messageOf(code: number, bytes: number): Buffer {
  const message = Buffer.alloc(replyHeaderBytes + bytes)
  message.writeUInt32LE(message.length, 0)
  message.writeInt32LE(code, 4)
  return message
}
