import type { Opened } from '../../vfs/file-system.ts'
import { DirectoryList } from './directory-list.ts'
import { nothingLate } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { fsyncDataOnly } from './protocol.ts'
import type { Reply } from './reply.ts'

/** Requests about open directories. Their handle stands in the first two words. */

const putOpened = (reply: Reply, opened: Opened): void => reply.openedDirectory(opened)

export function opendir(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node } = request
  const opened = fileSystem.opendir(node, request.word(10), exchange.caller())
  exchange.answer(opened, putOpened, ({ handle }) =>
    exchange.unheard(fileSystem.releasedir(node, handle)),
  )
}

export function readdir(exchange: Exchange): void {
  list(exchange, false)
}

export function readdirplus(exchange: Exchange): void {
  list(exchange, true)
}

export function releasedir(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  exchange.done(fileSystem.releasedir(request.node, request.u64(10)))
}

export function fsyncdir(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const isDataOnly = (request.word(12) & fsyncDataOnly) !== 0
  exchange.done(fileSystem.fsyncdir(request.node, request.u64(10), isDataOnly), nothingLate)
}

/** fuse_read_in: the offset is the cookie of the last entry that the kernel has. */
function list(exchange: Exchange, plus: boolean): void {
  const { fileSystem, reply, request } = exchange
  const entries = new DirectoryList(reply, request.word(14), plus)
  const { node } = request
  const listed = fileSystem.readdir(node, request.u64(10), request.u64(12), plus, entries.sink)
  if (!(listed instanceof Promise)) return exchange.took(entries.length)
  entries.moveAway()
  exchange.answer(
    listed,
    (to) => entries.copyTo(to),
    () => entries.forget((id) => fileSystem.forget(id, 1)),
  )
}
