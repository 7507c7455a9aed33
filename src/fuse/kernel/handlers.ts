import { Errno } from '../../terms/errno.ts'
import { access, getattr, setattr, statfs, statx } from './attributes.ts'
import { fsyncdir, opendir, readdir, readdirplus, releasedir } from './directories.ts'
import type { Exchange } from './exchange.ts'
import * as files from './files.ts'
import { getlk, setlk, setlkw } from './locks.ts'
import * as names from './names.ts'
import { Opcode } from './protocol.ts'
import { getxattr, listxattr, removexattr, setxattr } from './xattrs.ts'

/** Answers one kind of request. */
export type Handler = (exchange: Exchange) => void

/** By opcode. What is missing is refused with ENOSYS, and the kernel does not ask again (or has another way). */
export const handlers: readonly (Handler | undefined)[] = table([
  [Opcode.lookup, names.lookup],
  [Opcode.getattr, getattr],
  [Opcode.setattr, setattr],
  [Opcode.readlink, names.readlink],
  [Opcode.symlink, names.symlink],
  [Opcode.mknod, names.mknod],
  [Opcode.mkdir, names.mkdir],
  [Opcode.unlink, names.unlink],
  [Opcode.rmdir, names.rmdir],
  [Opcode.rename, names.rename],
  [Opcode.rename2, names.rename2],
  [Opcode.link, names.link],
  [Opcode.create, names.create],
  [Opcode.tmpfile, names.tmpfile],
  [Opcode.open, files.open],
  [Opcode.read, files.read],
  [Opcode.write, files.write],
  [Opcode.flush, files.flush],
  [Opcode.release, files.release],
  [Opcode.fsync, files.fsync],
  [Opcode.fallocate, files.fallocate],
  [Opcode.lseek, files.lseek],
  [Opcode.copyFileRange, files.copyFileRange],
  [Opcode.copyFileRange64, files.copyFileRange64],
  [Opcode.opendir, opendir],
  [Opcode.readdir, readdir],
  [Opcode.readdirplus, readdirplus],
  [Opcode.releasedir, releasedir],
  [Opcode.fsyncdir, fsyncdir],
  [Opcode.access, access],
  [Opcode.statfs, statfs],
  [Opcode.statx, statx],
  [Opcode.setxattr, setxattr],
  [Opcode.getxattr, getxattr],
  [Opcode.listxattr, listxattr],
  [Opcode.removexattr, removexattr],
  [Opcode.getlk, getlk],
  [Opcode.setlk, setlk],
  [Opcode.setlkw, setlkw],
  [Opcode.destroy, (exchange) => exchange.done(undefined)],
  [Opcode.ioctl, (exchange) => exchange.refuse(Errno.ENOTTY)],
])

/** Messages that get no reply. */
export const notes: readonly (Handler | undefined)[] = table([
  [Opcode.forget, names.forget],
  [Opcode.batchForget, names.batchForget],
  [Opcode.interrupt, (exchange) => exchange.interrupt(exchange.request.u64(10))],
  [Opcode.notifyReply, () => {}],
])

function table(
  entries: readonly (readonly [opcode: number, handler: Handler])[],
): readonly (Handler | undefined)[] {
  const byOpcode: (Handler | undefined)[] = Array.from({ length: 64 }, () => undefined)
  for (const [opcode, handler] of entries) byOpcode[opcode] = handler
  return byOpcode
}
