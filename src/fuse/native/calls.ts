import { FsError } from '../../terms/errno.ts'
import { nameFromText, nameToText } from '../../terms/name.ts'
import type { Attributes } from '../../tree/attributes.ts'
import type {
  FileSystem,
  Node,
  NodeId,
  Opened,
  SetAttributes,
  StatFs,
} from '../../vfs/file-system.ts'
import { OpenFiles } from './open-files.ts'
import { owner, PathWalk } from './path-walk.ts'

const O_RDWR = 2
/** chown(2): leave it as it is. */
const unchanged = 0xffffffff

/** The calls of libfuse 2 (struct fuse_operations), by path, on a file system that speaks inodes. */
export class NativeCalls {
  readonly #fileSystem: FileSystem
  readonly #paths: PathWalk
  readonly #files: OpenFiles

  constructor(fileSystem: FileSystem) {
    this.#fileSystem = fileSystem
    this.#paths = new PathWalk(fileSystem)
    this.#files = new OpenFiles(fileSystem)
  }

  /** Before each reply: see {@link FileSystem.settle}. */
  settle(): void {
    this.#fileSystem.settle()
  }

  statfs(path: string): Promise<StatFs> {
    return this.#paths.using(path, (node) => this.#fileSystem.statfs(node))
  }

  getattr(path: string): Promise<Attributes> {
    return this.#paths.using(path, (node) => this.#fileSystem.getattr(node, undefined))
  }

  async fgetattr(path: string, fd: number): Promise<Attributes> {
    const open = this.#files.get(fd)
    if (!open) return await this.getattr(path)
    return await this.#fileSystem.getattr(open.node, open.handle)
  }

  chmod(path: string, mode: number): Promise<void> {
    return this.#set(path, { mode })
  }

  chown(path: string, uid: number, gid: number): Promise<void> {
    return this.#set(path, {
      ...(uid !== unchanged && { uid }),
      ...(gid !== unchanged && { gid }),
    })
  }

  truncate(path: string, size: number): Promise<void> {
    return this.#set(path, { size })
  }

  async ftruncate(path: string, fd: number, size: number): Promise<void> {
    const open = this.#files.get(fd)
    if (!open) return await this.truncate(path, size)
    await this.#fileSystem.setattr(open.node, { size, handle: open.handle }, owner)
  }

  /** Milliseconds since 1970. */
  utimens(path: string, atimeMs: number, mtimeMs: number): Promise<void> {
    return this.#set(path, { atime: timeOf(atimeMs), mtime: timeOf(mtimeMs) })
  }

  readlink(path: string): Promise<string> {
    return this.#paths.using(path, async (node) =>
      Buffer.from(await this.#fileSystem.readlink(node)).toString('utf8'),
    )
  }

  mknod(path: string, mode: number, device: number): Promise<void> {
    return this.#make(path, (parent, name) =>
      this.#fileSystem.mknod(parent, name, mode, device, owner),
    )
  }

  mkdir(path: string, mode: number): Promise<void> {
    return this.#make(path, (parent, name) => this.#fileSystem.mkdir(parent, name, mode, owner))
  }

  symlink(target: string, path: string): Promise<void> {
    const bytes = Buffer.from(target, 'utf8')
    return this.#make(path, (parent, name) => this.#fileSystem.symlink(parent, name, bytes, owner))
  }

  link(from: string, to: string): Promise<void> {
    return this.#paths.using(from, (node) =>
      this.#make(to, (parent, name) => this.#fileSystem.link(node, parent, name, owner)),
    )
  }

  async unlink(path: string): Promise<void> {
    if (this.#paths.unhide(path)) return
    await this.#paths.usingParent(path, (parent, name) =>
      this.#fileSystem.unlink(parent, name, owner),
    )
  }

  async rmdir(path: string): Promise<void> {
    await this.#paths.usingParent(path, (parent, name) =>
      this.#fileSystem.rmdir(parent, name, owner),
    )
  }

  async rename(from: string, to: string): Promise<void> {
    if (this.#paths.isHiding(to)) return await this.#paths.hide(from, to)
    await this.#paths.usingParent(from, (parent, name) =>
      this.#paths.usingParent(to, (newParent, newName) =>
        this.#fileSystem.rename(parent, name, newParent, newName, 0, owner),
      ),
    )
  }

  async open(path: string, flags: number): Promise<number> {
    const found = await this.#paths.find(path)
    try {
      const { handle } = await this.#fileSystem.open(found.node, flags, owner)
      return this.#files.add(found, handle)
    } catch (error) {
      found.giveBack()
      throw error
    }
  }

  create(path: string, mode: number): Promise<number> {
    return this.#paths.usingParent(path, async (parent, name) => {
      const made = await this.#fileSystem.create(parent, name, mode, O_RDWR, owner)
      return this.#files.add(this.#found(made.node), made.opened.handle)
    })
  }

  /** Copies the bytes that were read into `into`, unless nobody waits for them any more. */
  async read(
    fd: number,
    into: Uint8Array,
    offset: number,
    isWanted: () => boolean,
  ): Promise<number> {
    const { node, handle } = this.#files.expect(fd)
    const room = new Uint8Array(into.length)
    const answer = await this.#fileSystem.read(node, handle, offset, room)
    const bytes = typeof answer === 'number' ? room.subarray(0, answer) : answer
    if (isWanted()) into.set(bytes)
    return bytes.length
  }

  async write(fd: number, bytes: Uint8Array, offset: number): Promise<number> {
    const { node, handle } = this.#files.expect(fd)
    return await this.#fileSystem.write(node, handle, offset, bytes, false, owner)
  }

  async flush(fd: number): Promise<void> {
    const { node, handle } = this.#files.expect(fd)
    await this.#fileSystem.flush(node, handle, 0n)
  }

  async fsync(dataOnly: boolean, fd: number): Promise<void> {
    const { node, handle } = this.#files.expect(fd)
    await this.#fileSystem.fsync(node, handle, dataOnly)
  }

  async release(fd: number): Promise<void> {
    await this.#files.release(fd)
  }

  async opendir(path: string, flags: number): Promise<number> {
    const found = await this.#paths.find(path)
    try {
      const { handle } = await this.#fileSystem.opendir(found.node, flags, owner)
      return this.#files.add(found, handle)
    } catch (error) {
      found.giveBack()
      throw error
    }
  }

  async releasedir(fd: number): Promise<void> {
    await this.#files.releaseDirectory(fd)
  }

  async fsyncdir(dataOnly: boolean, fd: number): Promise<void> {
    const { node, handle } = this.#files.expect(fd)
    await this.#fileSystem.fsyncdir(node, handle, dataOnly)
  }

  /** All names: the library keeps no position. */
  readdir(path: string): Promise<string[]> {
    return this.#paths.using(path, async (node) => {
      const opened: Opened = await this.#fileSystem.opendir(node, 0, owner)
      try {
        return await this.#list(node, opened)
      } finally {
        await this.#fileSystem.releasedir(node, opened.handle)
      }
    })
  }

  async setxattr(path: string, name: string, value: Uint8Array, flags: number): Promise<void> {
    const own = Uint8Array.from(value)
    await this.#paths.using(path, (node) =>
      this.#fileSystem.setxattr(node, nameFromText(name), own, flags, owner),
    )
  }

  getxattr(path: string, name: string): Promise<Uint8Array> {
    return this.#paths.using(path, async (node) => {
      const value = await this.#fileSystem.getxattr(node, nameFromText(name), owner)
      if (value === undefined) throw new FsError('ENODATA', 'no such attribute')
      return value
    })
  }

  listxattr(path: string): Promise<Uint8Array> {
    return this.#paths.using(path, async (node) => {
      const names = await this.#fileSystem.listxattr(node, owner)
      return Buffer.from(names.map((name) => `${name}\0`).join(''), 'latin1')
    })
  }

  async removexattr(path: string, name: string): Promise<void> {
    await this.#paths.using(path, (node) =>
      this.#fileSystem.removexattr(node, nameFromText(name), owner),
    )
  }

  async #set(path: string, set: SetAttributes): Promise<void> {
    await this.#paths.using(path, (node) => this.#fileSystem.setattr(node, set, owner))
  }

  async #make(
    path: string,
    make: (...at: Parameters<Parameters<PathWalk['usingParent']>[1]>) => Node | Promise<Node>,
  ): Promise<void> {
    const made = await this.#paths.usingParent(path, make)
    this.#fileSystem.forget(made.id, 1)
  }

  #found(node: Node) {
    return { node: node.id, giveBack: () => this.#fileSystem.forget(node.id, 1) }
  }

  async #list(node: NodeId, { handle }: Opened): Promise<string[]> {
    const names: string[] = []
    await this.#fileSystem.readdir(node, handle, 0, false, (name) => {
      names.push(nameToText(name))
      return true
    })
    return names
  }
}

function timeOf(ms: number) {
  const sec = Math.floor(ms / 1000)
  return { sec, nsec: (ms - sec * 1000) * 1e6 }
}
