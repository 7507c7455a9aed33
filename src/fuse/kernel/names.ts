import type { Name } from '../../terms/name.ts'
import type { Node, NodeId, Opened } from '../../vfs/file-system.ts'
import { nothingLate } from './exchange.ts'
import type { Encode, Exchange, Late } from './exchange.ts'
import type { Reply } from './reply.ts'

/** Requests about names: how they are found, made, moved and removed. */

const putEntry = (reply: Reply, node: Node): void => reply.entry(node)
const putFound = (reply: Reply, node: Node | undefined): void =>
  node === undefined ? reply.absentEntry() : reply.entry(node)

export function lookup(exchange: Exchange): void {
  const { fileSystem, request, signal } = exchange
  const found = fileSystem.lookup(request.node, request.lastName(0), exchange.caller(), signal)
  exchange.answer(found, putFound, (node) => node && fileSystem.forget(node.id, 1))
}

/** No reply. */
export function forget({ fileSystem, request }: Exchange): void {
  fileSystem.forget(request.node, request.u64(10))
}

/** No reply. fuse_batch_forget_in, then pairs of node and count. */
export function batchForget({ fileSystem, request }: Exchange): void {
  const end = 12 + request.word(10) * 4
  for (let at = 12; at < end; at += 4) fileSystem.forget(request.u64(at), request.u64(at + 2))
}

export function mknod(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node: parent } = request
  const name = request.lastName(16)
  const [mode, rdev] = [request.word(10), request.word(11)]
  const made = fileSystem.mknod(parent, name, mode, rdev, exchange.caller(12))
  exchange.answer(made, putEntry, lateNode(exchange, parent, name))
}

export function mkdir(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node: parent } = request
  const name = request.lastName(8)
  const made = fileSystem.mkdir(parent, name, request.word(10), exchange.caller(11))
  exchange.answer(made, putEntry, lateNode(exchange, parent, name))
}

export function symlink(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node: parent } = request
  const name = request.firstName(0)
  const made = fileSystem.symlink(parent, name, request.secondString(0), exchange.caller())
  exchange.answer(made, putEntry, lateNode(exchange, parent, name))
}

/** The request's node is the new parent. */
export function link(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node: parent } = request
  const name = request.lastName(8)
  const linked = fileSystem.link(request.u64(10), parent, name, exchange.caller())
  exchange.answer(linked, putEntry, lateNode(exchange, parent, name))
}

export function unlink(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node: parent } = request
  const name = request.lastName(0)
  const removed = fileSystem.unlink(parent, name, exchange.caller())
  exchange.done(removed, lateName(exchange, parent, name))
}

export function rmdir(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node: parent } = request
  const name = request.lastName(0)
  const removed = fileSystem.rmdir(parent, name, exchange.caller())
  exchange.done(removed, lateName(exchange, parent, name))
}

/** FUSE_RENAME: fuse_rename_in */
export function rename(exchange: Exchange): void {
  move(exchange, 8, 0)
}

/** FUSE_RENAME2: fuse_rename2_in, with flags. */
export function rename2(exchange: Exchange): void {
  move(exchange, 16, exchange.request.word(12))
}

/** fuse_create_in. The file is opened, too. */
export function create(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const { node: parent } = request
  const name = request.lastName(16)
  const [flags, mode] = [openFlags(exchange), request.word(11)]
  const made = fileSystem.create(parent, name, mode, flags, exchange.caller(12))
  exchange.answer(made, putCreated(exchange, flags), (late) => {
    dropCreated(exchange, late)
    exchange.notifier.invalidateEntry(parent, name)
  })
}

/** As {@link create}, without a name. */
export function tmpfile(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  const [flags, mode] = [openFlags(exchange), request.word(11)]
  const made = fileSystem.tmpfile(request.node, mode, flags, exchange.caller(12))
  exchange.answer(made, putCreated(exchange, flags), (late) => dropCreated(exchange, late))
}

export function readlink(exchange: Exchange): void {
  const { fileSystem, request } = exchange
  exchange.answer(fileSystem.readlink(request.node), putBytes, nothingLate)
}

/** The flags of open(2) in the first word. With the writeback cache the kernel also reads through files opened for writing only. */
export function openFlags({ request, negotiated }: Exchange): number {
  const flags = request.word(10)
  const O_WRONLY = 1
  const O_RDWR = 2
  const isWriteOnly = (flags & 3) === O_WRONLY
  return isWriteOnly && negotiated?.writebackCache ? (flags & ~3) | O_RDWR : flags
}

const putBytes = (reply: Reply, bytes: Uint8Array): void => reply.bytes(bytes)

interface Created {
  readonly node: Node
  readonly opened: Opened
}

function putCreated({ writable, passthrough }: Exchange, flags: number): Encode<Created> {
  return (reply, { node, opened }) => {
    writable.opened(node.id, opened.handle, flags)
    reply.created(node, opened, passthrough.opened(node.id, opened))
  }
}

function dropCreated(exchange: Exchange, { node, opened }: Created): void {
  const { fileSystem } = exchange
  opened.whole?.release()
  exchange.unheard(fileSystem.release(node.id, opened.handle, undefined))
  fileSystem.forget(node.id, 1)
}

function move(exchange: Exchange, argumentBytes: number, flags: number): void {
  const { fileSystem, request } = exchange
  const { node: parent } = request
  const newParent = request.u64(10)
  const name = request.firstName(argumentBytes)
  const newName = request.secondName(argumentBytes)
  const moved = fileSystem.rename(parent, name, newParent, newName, flags, exchange.caller())
  exchange.done(moved, () => {
    exchange.notifier.invalidateEntry(parent, name)
    exchange.notifier.invalidateEntry(newParent, newName)
  })
}

/** The kernel was told that it failed: it must not believe that for long. */
function lateName({ notifier }: Exchange, parent: NodeId, name: Name): Late<void> {
  return () => notifier.invalidateEntry(parent, name)
}

function lateNode({ fileSystem, notifier }: Exchange, parent: NodeId, name: Name): Late<Node> {
  return (node) => {
    fileSystem.forget(node.id, 1)
    notifier.invalidateEntry(parent, name)
  }
}
