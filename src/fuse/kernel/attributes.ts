import { Errno } from '../../terms/errno.ts'
import type { Attributes } from '../../tree/attributes.ts'
import type { SetAttributes, StatFs } from '../../vfs/file-system.ts'
import { nothingLate } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { getattrHandle, SetattrValid } from './protocol.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'

/** Requests about what stat and statfs show. */

const putAttributes = (reply: Reply, attributes: Attributes): void => reply.attributes(attributes)
const putStatFs = (reply: Reply, stat: StatFs): void => reply.statfs(stat)

export function getattr(exchange: Exchange): void {
  const { fileSystem, request, passthrough } = exchange
  const { node } = request
  const handle = request.word(10) & getattrHandle ? request.u64(12) : undefined
  const answer = passthrough.shown(node, fileSystem.getattr(node, handle))
  exchange.answer(answer, putAttributes, nothingLate)
}

export function setattr(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node } = request
  const changed = fileSystem.setattr(node, setAttributesOf(request), exchange.caller())
  exchange.answer(changed, putAttributes, () => exchange.notifier.invalidateNode(node))
}

export function access(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const allowed = fileSystem.access(request.node, request.word(10), exchange.caller())
  exchange.done(allowed, nothingLate)
}

export function statfs(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  exchange.answer(fileSystem.statfs(request.node), putStatFs, nothingLate)
}

/** STATX would add the time of birth, which no drive keeps: the kernel goes on with GETATTR. */
export function statx(exchange: Exchange): void {
  exchange.refuse(Errno.ENOSYS)
}

/** fuse_setattr_in */
export function setAttributesOf(request: Request): SetAttributes {
  const valid = request.word(10)
  const has = (bit: number) => (valid & bit) !== 0
  return {
    ...(has(SetattrValid.mode) && { mode: request.word(27) }),
    ...(has(SetattrValid.uid) && { uid: request.word(29) }),
    ...(has(SetattrValid.gid) && { gid: request.word(30) }),
    ...(has(SetattrValid.size) && { size: request.position(14) }),
    ...(has(SetattrValid.atime) && {
      atime: has(SetattrValid.atimeNow) ? 'now' : request.time(18, 24),
    }),
    ...(has(SetattrValid.mtime) && {
      mtime: has(SetattrValid.mtimeNow) ? 'now' : request.time(20, 25),
    }),
    ...(has(SetattrValid.ctime) && { ctime: request.time(22, 26) }),
    ...(has(SetattrValid.handle) && { handle: request.u64(12) }),
    ...(has(SetattrValid.killPrivileges) && { killPrivileges: true }),
  }
}
