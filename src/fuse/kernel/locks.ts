import type { LockRange } from '../../vfs/file-system.ts'
import type { Exchange } from './exchange.ts'
import { lockIsFlock } from './protocol.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'

/** Requests about locks: fuse_lk_in. */

/** F_RDLCK, F_WRLCK, F_UNLCK */
const types = ['read', 'write', 'unlock'] as const

const putLock = (reply: Reply, lock: LockRange | undefined): void => reply.lock(lock)

export function getlk(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const [handle, owner] = [request.u64(10), request.bigU64(12)]
  exchange.answer(fileSystem.getlk(request.node, handle, owner, rangeOf(request)), putLock)
}

export function setlk(exchange: Exchange): void {
  set(exchange, false)
}

export function setlkw(exchange: Exchange): void {
  set(exchange, true)
}

function set(exchange: Exchange, wait: boolean): void {
  const { fileSystem, request, signal } = exchange
  const [handle, owner] = [request.u64(10), request.bigU64(12)]
  const isFlock = (request.word(20) & lockIsFlock) !== 0
  const lock = rangeOf(request)
  exchange.done(fileSystem.setlk(request.node, handle, owner, lock, wait, isFlock, signal))
}

/** "To the end" is 2^63 - 1 in the protocol. */
function rangeOf(request: Request): LockRange {
  return {
    start: Math.min(request.u64(14), Number.MAX_SAFE_INTEGER),
    end: Math.min(request.u64(16), Number.MAX_SAFE_INTEGER),
    type: types[request.word(18)] ?? 'unlock',
    pid: request.word(19),
  }
}
