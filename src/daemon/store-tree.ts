import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type BigIntStats,
} from 'node:fs'
import { basename } from 'node:path'
import type { ControlProgress } from '../control/protocol.ts'
import { systemClock } from '../runtime/clock.ts'
import { nameFromBytes, nameFromText, type Name } from '../terms/name.ts'
import { Trouble } from '../terms/trouble.ts'
import type { Caller, FileSystem, Node, NodeId, SetAttributes } from '../vfs/file-system.ts'
import { PosixFileSystem } from '../vfs/posix-file-system.ts'
import type { Drive } from './open-drive.ts'

const root: NodeId = 1
const chunkBytes = 1 << 20
const writeOnly = 1

/** What a copy into a drive has done. */
export interface StoredTree {
  readonly files: number
  readonly bytes: number
  /** Local paths of what cannot be copied: sockets, devices, pipes. */
  readonly leftOut: readonly string[]
}

/**
 * Copies a local file or directory into a directory of a drive, with modes, owners, times, symlinks; makes the directory and
 * those above it. What is there under the same name is replaced, files only. The caller commits.
 */
export async function storeTree(
  drive: Drive,
  local: string,
  directory: string,
  progress: (progress: ControlProgress) => void,
  signal: AbortSignal,
): Promise<StoredTree> {
  const { worktree, content } = drive
  const fileSystem = new PosixFileSystem({ worktree, content, clock: systemClock })
  const storing = new Storing(fileSystem, progress, signal)
  const parent = await storing.directory(directory)
  await storing.store(Buffer.from(local), nameFromText(basename(local)), parent)
  return storing
}

class Storing implements StoredTree {
  files = 0
  bytes = 0
  readonly leftOut: string[] = []
  readonly #files: FileSystem
  readonly #progress: (progress: ControlProgress) => void
  readonly #signal: AbortSignal
  /** For all files: new memory of that size costs more than a small file. */
  readonly #chunk = Buffer.allocUnsafe(chunkBytes)
  readonly #caller: Caller = {
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
    pid: process.pid,
    umask: 0,
  }

  constructor(
    files: FileSystem,
    progress: (progress: ControlProgress) => void,
    signal: AbortSignal,
  ) {
    this.#files = files
    this.#progress = progress
    this.#signal = signal
  }

  /** The directory of a path, made where it is not there. */
  async directory(path: string): Promise<NodeId> {
    let node: NodeId = root
    for (const part of path.split('/').filter((name) => name !== '' && name !== '.')) {
      const name = nameFromText(part)
      node =
        (await this.#lookup(node, name))?.id ??
        (await this.#files.mkdir(node, name, 0o755, this.#caller)).id
    }
    return node
  }

  async store(local: Buffer, name: Name, parent: NodeId): Promise<void> {
    this.#signal.throwIfAborted()
    const stats = lstatSync(local, { bigint: true })
    if (stats.isDirectory()) return this.#storeDirectory(local, name, parent, stats)
    if (stats.isFile()) return this.#storeFile(local, name, parent, stats)
    if (!stats.isSymbolicLink()) {
      this.leftOut.push(local.toString())
      return
    }
    await this.#remove(parent, name)
    const target = readlinkSync(local, { encoding: 'buffer' })
    const { id } = await this.#files.symlink(parent, name, target, this.#caller)
    await this.#files.setattr(id, attributesOf(stats, false), this.#caller)
  }

  async #storeDirectory(
    local: Buffer,
    name: Name,
    parent: NodeId,
    stats: BigIntStats,
  ): Promise<void> {
    const known = await this.#lookup(parent, name)
    const { id } = known ?? (await this.#files.mkdir(parent, name, 0o700, this.#caller))
    for (const entry of readdirSync(local, { encoding: 'buffer' })) {
      await this.store(Buffer.concat([local, Buffer.from('/'), entry]), nameFromBytes(entry), id)
    }
    await this.#files.setattr(id, attributesOf(stats), this.#caller)
  }

  async #storeFile(local: Buffer, name: Name, parent: NodeId, stats: BigIntStats): Promise<void> {
    await this.#remove(parent, name)
    const { node, opened } = await this.#files.create(parent, name, 0o600, writeOnly, this.#caller)
    const fd = openSync(local, 'r')
    try {
      for (let at = 0, got; (got = readSync(fd, this.#chunk, 0, chunkBytes, at)) > 0; at += got) {
        await this.#files.write(
          node.id,
          opened.handle,
          at,
          this.#chunk.subarray(0, got),
          false,
          this.#caller,
        )
        this.bytes += got
        this.#progress({ step: 'put', done: this.bytes, total: 0 })
      }
    } finally {
      closeSync(fd)
    }
    await this.#files.setattr(node.id, attributesOf(stats), this.#caller)
    await this.#files.release(node.id, opened.handle, undefined)
    this.files++
  }

  async #remove(parent: NodeId, name: Name): Promise<void> {
    const node = await this.#lookup(parent, name)
    if (!node) return
    if ((node.attributes.mode & 0o170000) === 0o040000) {
      throw new Trouble(
        'exists',
        `a directory is in the way of ${Buffer.from(name, 'latin1').toString()}`,
      )
    }
    await this.#files.unlink(parent, name, this.#caller)
  }

  async #lookup(parent: NodeId, name: Name): Promise<Node | undefined> {
    return this.#files.lookup(parent, name, this.#caller)
  }
}

function attributesOf(stats: BigIntStats, mode = true): SetAttributes {
  return {
    ...(mode ? { mode: Number(stats.mode) & 0o7777 } : {}),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    atime: timeOf(stats.atimeNs),
    mtime: timeOf(stats.mtimeNs),
  }
}

function timeOf(ns: bigint): { sec: number; nsec: number } {
  const nsec = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  return { sec: Number((ns - nsec) / 1_000_000_000n), nsec: Number(nsec) }
}
