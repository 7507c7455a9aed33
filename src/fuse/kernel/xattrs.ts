import { Errno, FsError } from '../../terms/errno.ts'
import type { Name } from '../../terms/name.ts'
import { nothingLate } from './exchange.ts'
import type { Encode, Exchange } from './exchange.ts'
import { setxattrKillSetgid } from './protocol.ts'

/** Requests about extended attributes. */

/** A flag for the file system above those of setxattr(2): the caller may not keep setgid. */
const killSetgid = 0x100

export function setxattr(exchange: Exchange): void {
  const { fileSystem, request, negotiated } = exchange
  const argumentBytes = negotiated?.setxattrExtended ? 16 : 8
  const value = request.afterName(argumentBytes, request.word(10))
  const name = request.firstName(argumentBytes)
  const isKill = argumentBytes === 16 && (request.word(12) & setxattrKillSetgid) !== 0
  const flags = request.word(11) | (isKill ? killSetgid : 0)
  exchange.done(
    fileSystem.setxattr(request.node, name, value, flags, exchange.caller()),
    nothingLate,
  )
}

export function getxattr(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const value = fileSystem.getxattr(request.node, request.lastName(8), exchange.caller())
  const put = sized(request.word(10))
  exchange.answer(
    value,
    (reply, found) => (found ? put(reply, found) : reply.fail(Errno.ENODATA)),
    nothingLate,
  )
}

export function listxattr(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const put = sized(request.word(10))
  const names = fileSystem.listxattr(request.node, exchange.caller())
  exchange.answer(names, (reply, list) => put(reply, terminated(list)), nothingLate)
}

export function removexattr(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const removed = fileSystem.removexattr(request.node, request.lastName(0), exchange.caller())
  exchange.done(removed, nothingLate)
}

/** getxattr(2), listxattr(2): with a size of 0 the length is wanted, with too small a one the answer is ERANGE. */
function sized(size: number): Encode<Uint8Array> {
  return (reply, value) => {
    if (size === 0) reply.count(value.length)
    else if (value.length > size) throw new FsError('ERANGE')
    else reply.bytes(value)
  }
}

function terminated(names: readonly Name[]): Uint8Array {
  return Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1')
}
