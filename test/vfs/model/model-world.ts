import { directoriesOf, slots } from './operation.ts'
import type { OpenHow, Operation, Path } from './operation.ts'
import { contentOf } from './world.ts'
import type { Seen, View, World } from './world.ts'

const type = { directory: 0o040000, file: 0o100000, symlink: 0o120000 }
const block = 4096

/** An inode in as few words as possible. */
interface Thing {
  kind: 'directory' | 'file' | 'symlink'
  mode: number
  uid: number
  gid: number
  links: number
  bytes: Buffer
  readonly names: Map<string, Thing>
  readonly xattrs: Map<string, string>
}

type AttributeOperation = Extract<
  Operation,
  { type: 'chmod' | 'chown' | 'utimes' | 'setxattr' | 'removexattr' }
>

class Refusal extends Error {}

function refuse(code: string): never {
  throw new Refusal(code)
}

/** What a file system does, written down as plainly as can be: whole files as buffers, directories as maps. */
export class ModelWorld implements World {
  readonly #top = thing('directory', 0o755)
  readonly #open = new Map<number, { readonly of: Thing; readonly append: boolean }>()
  readonly #umask: number

  constructor(umask: number) {
    this.#umask = umask
  }

  async run(operation: Operation): Promise<string> {
    if (directoriesOf(operation).some((path) => this.#isSymlink(path))) return 'skipped'
    try {
      return this.#carryOut(operation) === false ? 'skipped' : 'ok'
    } catch (error) {
      if (error instanceof Refusal) return error.message
      throw error
    }
  }

  async view(): Promise<View> {
    const paths: Record<string, Seen> = {}
    const look = (at: Thing, path: Path) => {
      paths[path.join('/')] = seen(at)
      for (const [name, child] of at.names) look(child, [...path, name])
    }
    look(this.#top, [])
    const open = slots.map((slot) => this.#open.get(slot)?.of)
    return { paths, open: open.map((at) => at && seen(at)) }
  }

  #carryOut(operation: Operation): boolean | void {
    switch (operation.type) {
      case 'open':
        return this.#openSlot(operation.path, operation.slot, operation.how)
      case 'close':
        return this.#open.delete(operation.slot)
      case 'write':
      case 'truncate':
      case 'allocate':
        return this.#change(operation)
      case 'copy':
        return this.#copy(operation)
      case 'mkdir':
        return this.#make(operation.path, 'directory', operation.mode & 0o1777 & ~this.#umask)
      case 'symlink':
        return this.#make(operation.path, 'symlink', 0o777, operation.target)
      case 'rmdir':
      case 'unlink':
        return this.#remove(operation.path, operation.type === 'rmdir')
      case 'rename':
        return this.#rename(operation.path, operation.to, 0)
      case 'rename2':
        return this.#rename(operation.path, operation.to, operation.flags)
      case 'link':
        return this.#link(operation.path, operation.to)
      case 'chmod':
      case 'chown':
      case 'utimes':
      case 'setxattr':
      case 'removexattr':
        return this.#changeAttributes(this.#find(operation.path), operation)
    }
  }

  #isSymlink(path: Path): boolean {
    let at: Thing | undefined = this.#top
    for (const name of path) at = at?.names.get(name)
    return at?.kind === 'symlink'
  }

  #walk(path: Path): Thing {
    let at = this.#top
    for (const name of path) {
      at = at.names.get(name) ?? refuse(at.kind === 'directory' ? 'ENOENT' : 'ENOTDIR')
      if (at.kind !== 'directory') refuse('ENOTDIR')
    }
    return at
  }

  #find(path: Path): Thing {
    return this.#walk(path.slice(0, -1)).names.get(path.at(-1)!) ?? refuse('ENOENT')
  }

  #make(path: Path, kind: Thing['kind'], mode: number, target = ''): void {
    const parent = this.#walk(path.slice(0, -1))
    const name = path.at(-1)!
    if (parent.names.has(name)) refuse('EEXIST')
    const made = thing(kind, mode, target)
    if (parent.mode & 0o2000) {
      made.gid = parent.gid
      if (kind === 'directory') made.mode |= 0o2000
    }
    parent.names.set(name, made)
    if (kind === 'directory') parent.links++
  }

  #openSlot(path: Path, slot: number, how: OpenHow): void {
    const there = this.#walk(path.slice(0, -1)).names.get(path.at(-1)!)
    if (there === undefined && how === 'old') refuse('ENOENT')
    if (there !== undefined && how === 'new') refuse('EEXIST')
    if (there?.kind === 'directory') refuse('EISDIR')
    if (there?.kind === 'symlink') refuse('ELOOP')
    if (there === undefined) this.#make(path, 'file', 0o666 & ~this.#umask)
    const of = this.#find(path)
    if (how === 'empty') of.bytes = Buffer.alloc(0)
    this.#open.set(slot, { of, append: how === 'append' })
  }

  #change(operation: Extract<Operation, { type: 'write' | 'truncate' | 'allocate' }>): boolean {
    const opened = this.#open.get(operation.slot)
    if (opened === undefined) return false
    const { of } = opened
    if (operation.type === 'write') {
      put(of, opened.append ? of.bytes.length : operation.at, Buffer.from(operation.text))
    } else if (operation.type === 'truncate') resize(of, operation.size)
    else allocate(of, operation.mode, operation.at, operation.length)
    return true
  }

  #copy(operation: Extract<Operation, { type: 'copy' }>): boolean {
    const from = this.#open.get(operation.from)?.of
    const to = this.#open.get(operation.slot)?.of
    if (from === undefined || to === undefined) return false
    const { fromAt, at, length } = operation
    const bytes = Buffer.from(from.bytes.subarray(fromAt, fromAt + length))
    if (bytes.length === 0) return true
    if (from === to && Math.abs(fromAt - at) < bytes.length) refuse('EINVAL')
    if (from.links === 0 && to.links !== 0) refuse('EOPNOTSUPP')
    put(to, at, bytes)
    return true
  }

  #remove(path: Path, directory: boolean): void {
    const parent = this.#walk(path.slice(0, -1))
    const at = this.#find(path)
    if (directory && at.kind !== 'directory') refuse('ENOTDIR')
    if (!directory && at.kind === 'directory') refuse('EISDIR')
    if (at.names.size > 0) refuse('ENOTEMPTY')
    parent.names.delete(path.at(-1)!)
    lose(parent, at)
  }

  #link(path: Path, to: Path): void {
    const at = this.#find(path)
    const parent = this.#walk(to.slice(0, -1))
    if (parent.names.has(to.at(-1)!)) refuse('EEXIST')
    if (at.kind === 'directory') refuse('EPERM')
    parent.names.set(to.at(-1)!, at)
    at.links++
  }

  #rename(path: Path, to: Path, flags: number): void {
    const [from, into] = [this.#walk(path.slice(0, -1)), this.#walk(to.slice(0, -1))]
    const at = this.#find(path)
    const target = into.names.get(to.at(-1)!)
    if (flags === 2) return exchange(from, path, into, to)
    if (at === target && flags === 0) return
    if (contains(at, into)) refuse('EINVAL')
    if (target !== undefined) {
      if (flags === 1) refuse('EEXIST')
      if (contains(target, from)) refuse('ENOTEMPTY')
      if (target.kind === 'directory' && at.kind !== 'directory') refuse('EISDIR')
      if (target.kind !== 'directory' && at.kind === 'directory') refuse('ENOTDIR')
      if (target.names.size > 0) refuse('ENOTEMPTY')
      lose(into, target)
    }
    from.names.delete(path.at(-1)!)
    into.names.set(to.at(-1)!, at)
    if (at.kind === 'directory') moveLink(from, into)
  }

  #changeAttributes(at: Thing, operation: AttributeOperation): boolean {
    switch (operation.type) {
      case 'chmod':
        if (at.kind === 'symlink') return false
        at.mode = operation.mode
        return true
      case 'chown':
        Object.assign(at, { uid: operation.uid, gid: operation.gid })
        if (at.kind === 'file') at.mode &= at.mode & 0o010 ? ~0o6000 : ~0o4000
        return true
      case 'setxattr':
        if (at.kind === 'symlink' && operation.name.startsWith('user.')) refuse('EPERM')
        at.xattrs.set(operation.name, operation.value)
        return true
      case 'removexattr':
        if (at.kind === 'symlink' && operation.name.startsWith('user.')) refuse('EPERM')
        return at.xattrs.delete(operation.name) || refuse('ENODATA')
      case 'utimes':
        return true
    }
  }
}

function thing(kind: Thing['kind'], mode: number, target = ''): Thing {
  const links = kind === 'directory' ? 2 : 1
  const bytes = Buffer.from(target)
  return { kind, mode, uid: 0, gid: 0, links, bytes, names: new Map(), xattrs: new Map() }
}

function seen({ kind, mode, links, uid, gid, bytes, xattrs }: Thing): Seen {
  const attributes = { mode: type[kind] | mode, nlink: links, uid, gid }
  const sorted = [...xattrs].sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...attributes, content: contentOf(bytes), xattrs: Object.fromEntries(sorted) }
}

function resize(of: Thing, size: number): void {
  const bytes = Buffer.alloc(size)
  of.bytes.copy(bytes)
  of.bytes = bytes
}

function put(of: Thing, at: number, bytes: Buffer): void {
  if (bytes.length === 0) return
  if (at + bytes.length > of.bytes.length) resize(of, at + bytes.length)
  bytes.copy(of.bytes, at)
}

function allocate(of: Thing, mode: number, at: number, length: number): void {
  if (length === 0) refuse('EINVAL')
  const end = at + length
  if (mode & 0x28 && (at % block || length % block)) refuse('EINVAL')
  if (mode === 0x08) {
    if (end >= of.bytes.length) refuse('EINVAL')
    of.bytes = Buffer.concat([of.bytes.subarray(0, at), of.bytes.subarray(end)])
  } else if (mode === 0x20) {
    if (at >= of.bytes.length) refuse('EINVAL')
    of.bytes = Buffer.concat([
      of.bytes.subarray(0, at),
      Buffer.alloc(length),
      of.bytes.subarray(at),
    ])
  } else {
    if (mode & 0x12) of.bytes.fill(0, Math.min(at, of.bytes.length), Math.min(end, of.bytes.length))
    if (!(mode & 1) && end > of.bytes.length) resize(of, end)
  }
}

function exchange(from: Thing, path: Path, into: Thing, to: Path): void {
  const at = from.names.get(path.at(-1)!)!
  const target = into.names.get(to.at(-1)!) ?? refuse('ENOENT')
  if (at === target) return
  if (contains(at, into) || contains(target, from)) refuse('EINVAL')
  from.names.set(path.at(-1)!, target)
  into.names.set(to.at(-1)!, at)
  if (at.kind === 'directory') moveLink(from, into)
  if (target.kind === 'directory') moveLink(into, from)
}

/** Whether `below` is `above` or lies in it, when that is a directory. */
function contains(above: Thing, below: Thing): boolean {
  return above === below || [...above.names.values()].some((child) => contains(child, below))
}

function lose(parent: Thing, at: Thing): void {
  at.links = at.kind === 'directory' ? 0 : at.links - 1
  if (at.kind === 'directory') parent.links--
}

function moveLink(from: Thing, into: Thing): void {
  from.links--
  into.links++
}
