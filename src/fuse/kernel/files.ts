import { FsError } from '../../terms/errno.ts'
import type { Opened } from '../../vfs/file-system.ts'
import { nothingLate } from './exchange.ts'
import type { Encode, Exchange } from './exchange.ts'
import { openFlags } from './names.ts'
import { fsyncDataOnly, releaseFlockUnlock, writeCached } from './protocol.ts'
import type { Reply } from './reply.ts'

/** Requests about open files. Their handle stands in the first two words. */

/** Up to here bytes are copied behind the reply's header; more are sent from where they lie. */
const copiedBytes = 32768

const putCount = (reply: Reply, count: number): void => reply.count(count)
const putPosition = (reply: Reply, position: number): void => reply.position(position)

export function open(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node } = request
  const flags = openFlags(exchange)
  const put: Encode<Opened> = (to, opened) => {
    exchange.writable.opened(node, opened.handle, flags)
    to.opened(opened, exchange.passthrough.opened(node, opened))
  }
  exchange.answer(fileSystem.open(node, flags, exchange.caller()), put, ({ handle, whole }) => {
    whole?.release()
    exchange.unheard(fileSystem.release(node, handle, undefined))
  })
}

export function read(exchange: Exchange): void {
  const { fileSystem, reply, request, signal } = exchange
  const length = request.word(14)
  const offset = request.u64(12)
  const answer = fileSystem.read(request.node, request.u64(10), offset, reply.room(length), signal)
  if (typeof answer === 'number') exchange.took(atMost(length, answer))
  else if (answer instanceof Promise) exchange.answer(answer, bytesUpTo(length), nothingLate)
  else {
    atMost(length, answer.length)
    exchange.answer(answer, putBytes)
  }
}

export function write(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node } = request
  const bytes = request.written(request.word(14))
  const isCached = (request.word(15) & writeCached) !== 0
  const [handle, offset] = [request.u64(10), request.position(12)]
  const written = fileSystem.write(node, handle, offset, bytes, isCached, exchange.caller())
  exchange.answer(written, putCount, nothingLate)
}

export function flush(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node } = request
  exchange.done(fileSystem.flush(node, request.u64(10), request.bigU64(14)), nothingLate)
}

export function release(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const flockOwner = request.word(13) & releaseFlockUnlock ? request.bigU64(14) : undefined
  const handle = request.u64(10)
  exchange.writable.released(handle)
  exchange.passthrough.released(request.node)
  exchange.done(fileSystem.release(request.node, handle, flockOwner))
}

export function fsync(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const isDataOnly = (request.word(12) & fsyncDataOnly) !== 0
  exchange.done(fileSystem.fsync(request.node, request.u64(10), isDataOnly), nothingLate)
}

export function fallocate(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node } = request
  const [handle, offset, length] = [request.u64(10), request.position(12), request.position(14)]
  const mode = request.word(16)
  const caller = exchange.caller()
  const changed = fileSystem.fallocate(node, handle, mode, offset, length, caller)
  exchange.done(changed, () => exchange.notifier.invalidateNode(node, 0))
}

/**
 * Only SEEK_DATA and SEEK_HOLE come here. Unlike for other requests, the kernel does not hand over its dirty pages of the file first, so what
 * was just written would look like a hole: it is made to.
 */
export function lseek(exchange: Exchange): void {
  const { fileSystem, request, notifier } = exchange
  const { node } = request
  const [handle, offset, whence] = [request.u64(10), request.u64(12), request.word(14)]
  const seek = () =>
    exchange.passthrough.seek(node, offset, whence) ??
    fileSystem.lseek(node, handle, offset, whence)
  const mayBeDirty = exchange.negotiated?.writebackCache === true && exchange.writable.has(node)
  const found = mayBeDirty ? notifier.writeBack(node).then(seek) : seek()
  exchange.answer(found, putPosition, nothingLate)
}

/** The count comes back in 32 bits. */
export function copyFileRange(exchange: Exchange): void {
  copy(exchange, putCount)
}

export function copyFileRange64(exchange: Exchange): void {
  copy(exchange, putPosition)
}

function copy(exchange: Exchange, encode: Encode<number>): void {
  const { fileSystem, request } = exchange
  const target = request.u64(14)
  const copied = fileSystem.copyFileRange(
    request.node,
    request.u64(10),
    request.position(12),
    target,
    request.u64(16),
    request.position(18),
    request.position(20),
    exchange.caller(),
  )
  exchange.answer(copied, encode, () => exchange.notifier.invalidateNode(target, 0))
}

function putBytes(reply: Reply, bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > copiedBytes) return bytes
  reply.bytes(bytes)
  return undefined
}

function bytesUpTo(length: number): Encode<Uint8Array> {
  return (reply, bytes) => {
    atMost(length, bytes.length)
    return putBytes(reply, bytes)
  }
}

/** The kernel would refuse a longer reply. */
function atMost(length: number, count: number): number {
  if (count > length) throw new FsError('EIO', `${count} bytes for a read of ${length}`)
  return count
}
