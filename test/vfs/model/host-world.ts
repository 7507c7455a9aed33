import * as fs from 'node:fs'
import { join } from 'node:path'
import { directoriesOf, slots } from './operation.ts'
import type { OpenHow, Operation, Path } from './operation.ts'
import { contentOf } from './world.ts'
import type { Seen, View, World } from './world.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR, O_TRUNC } = fs.constants
const flagsOf: Record<OpenHow, number> = {
  old: O_RDWR,
  make: O_RDWR | O_CREAT,
  new: O_RDWR | O_CREAT | O_EXCL,
  empty: O_RDWR | O_CREAT | O_TRUNC,
  append: O_RDWR | O_CREAT | O_APPEND,
}

/** A directory of this machine. */
export class HostWorld implements World {
  readonly #top: string
  readonly #open = new Map<number, number>()

  constructor(top: string) {
    this.#top = top
  }

  async run(operation: Operation): Promise<string> {
    if (directoriesOf(operation).some((path) => this.#isSymlink(path))) return 'skipped'
    try {
      return this.#carryOut(operation) ? 'ok' : 'skipped'
    } catch (error) {
      return (error as NodeJS.ErrnoException).code!
    }
  }

  async view(): Promise<View> {
    const paths: Record<string, Seen> = {}
    this.#look([], paths)
    const open = slots.map((slot) => {
      const fd = this.#open.get(slot)
      return fd === undefined ? undefined : seenOf(fs.fstatSync(fd), () => readAll(fd))
    })
    return { paths, open }
  }

  close(): void {
    for (const fd of this.#open.values()) fs.closeSync(fd)
    this.#open.clear()
  }

  #carryOut(operation: Operation): boolean {
    if ('slot' in operation && operation.type !== 'open') return this.#withSlot(operation)
    if (!('path' in operation)) return false
    const path = this.#at(operation.path)
    switch (operation.type) {
      case 'open':
        return this.#openSlot(operation.slot, path, operation.how)
      case 'mkdir':
        fs.mkdirSync(path, operation.mode)
        return true
      case 'rmdir':
        fs.rmdirSync(path)
        return true
      case 'unlink':
        fs.unlinkSync(path)
        return true
      case 'rename':
        fs.renameSync(path, this.#at(operation.to))
        return true
      case 'link':
        fs.linkSync(path, this.#at(operation.to))
        return true
      case 'symlink':
        fs.symlinkSync(operation.target, path)
        return true
      case 'chmod':
        if (fs.lstatSync(path).isSymbolicLink()) return false
        fs.chmodSync(path, operation.mode)
        return true
      case 'chown':
        fs.lchownSync(path, operation.uid, operation.gid)
        return true
      case 'utimes':
        fs.lutimesSync(path, operation.sec, operation.sec)
        return fs.lstatSync(path).mtimeMs === operation.sec * 1000
      case 'rename2':
      case 'setxattr':
      case 'removexattr':
        return false
    }
  }

  #withSlot(operation: Extract<Operation, { slot: number }>): boolean {
    const fd = this.#open.get(operation.slot)
    if (fd === undefined) return false
    switch (operation.type) {
      case 'close':
        fs.closeSync(fd)
        return this.#open.delete(operation.slot)
      case 'write':
        fs.writeSync(fd, operation.text, operation.at)
        return true
      case 'truncate':
        fs.ftruncateSync(fd, operation.size)
        return true
      case 'open':
      case 'allocate':
      case 'copy':
        return false
    }
  }

  #openSlot(slot: number, path: string, how: OpenHow): boolean {
    const fd = fs.openSync(path, flagsOf[how] | O_NOFOLLOW, 0o666)
    const before = this.#open.get(slot)
    if (before !== undefined) fs.closeSync(before)
    this.#open.set(slot, fd)
    return true
  }

  #look(path: Path, paths: Record<string, Seen>): void {
    const at = this.#at(path)
    const stat = fs.lstatSync(at)
    const content = () =>
      stat.isSymbolicLink() ? fs.readlinkSync(at, { encoding: 'buffer' }) : fs.readFileSync(at)
    paths[path.join('/')] = seenOf(stat, stat.isDirectory() ? () => new Uint8Array() : content)
    if (!stat.isDirectory()) return
    for (const name of fs.readdirSync(at)) this.#look([...path, name], paths)
  }

  #isSymlink(path: Path): boolean {
    try {
      return fs.lstatSync(this.#at(path)).isSymbolicLink()
    } catch {
      return false
    }
  }

  #at(path: Path): string {
    return join(this.#top, ...path)
  }
}

function seenOf(stat: fs.Stats, content: () => Uint8Array): Seen {
  const { mode, nlink, uid, gid } = stat
  return { mode, nlink, uid, gid, content: contentOf(content()) }
}

function readAll(fd: number): Uint8Array {
  const bytes = Buffer.alloc(fs.fstatSync(fd).size)
  fs.readSync(fd, bytes, 0, bytes.length, 0)
  return bytes
}
