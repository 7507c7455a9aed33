import { nameFromText } from '../../src/terms/name.ts'
import { FileType, type Inode } from '../../src/tree/inode.ts'
import { make } from './files.ts'
import type { Sitting } from './desk.ts'

/** What a path leads to: a directory, or a file with its bytes. */
export type Entry = 'directory' | Buffer

let now = 1_000_000

function time() {
  return { sec: ++now, nsec: 7 }
}

/** What a machine has made below a directory of its own, and the steps that make it there. */
export class PathModel {
  readonly top: string
  entries = new Map<string, Entry>()

  constructor(top: string) {
    this.top = top
  }

  get directories(): string[] {
    return [this.top, ...this.#paths((entry) => entry === 'directory')]
  }

  get files(): string[] {
    return this.#paths((entry) => entry !== 'directory')
  }

  has(path: string): boolean {
    return path === this.top || this.entries.has(path)
  }

  isEmpty(path: string): boolean {
    return !this.#below(path).length
  }

  async makeDirectory(at: Sitting, path: string): Promise<void> {
    const { parent, name } = await placeOf(at, path)
    make(at, name, 0o040755, parent)
    this.entries.set(path, 'directory')
  }

  async write(at: Sitting, path: string, bytes: Buffer): Promise<void> {
    const { parent, name } = await placeOf(at, path)
    const known = await lookup(at, path)
    if (known) await at.worktree.extents(known)
    const inode = known ?? make(at, name, 0o100644, parent)
    at.worktree.apply({ type: 'attributes', ino: inode.ino, size: 0, time: time() })
    writeAt(at, inode, 0, bytes)
    this.entries.set(path, bytes)
  }

  async patch(at: Sitting, path: string, offset: number, bytes: Buffer): Promise<void> {
    const inode = (await lookup(at, path))!
    await at.worktree.extents(inode)
    writeAt(at, inode, offset, bytes)
    const before = this.entries.get(path) as Buffer
    const after = Buffer.alloc(Math.max(before.length, offset + bytes.length))
    before.copy(after)
    bytes.copy(after, offset)
    this.entries.set(path, after)
  }

  async remove(at: Sitting, path: string): Promise<void> {
    const { parent, name } = await placeOf(at, path)
    at.worktree.apply({ type: 'unlink', parent, name: nameFromText(name), time: time() })
    this.entries.delete(path)
  }

  /** To where nothing is, and not below itself. */
  async move(at: Sitting, from: string, to: string): Promise<void> {
    const [old, next] = [await placeOf(at, from), await placeOf(at, to)]
    at.worktree.apply({
      type: 'rename',
      parent: old.parent,
      name: nameFromText(old.name),
      newParent: next.parent,
      newName: nameFromText(next.name),
      exchange: false,
      time: time(),
    })
    for (const path of [from, ...this.#below(from)]) {
      this.entries.set(to + path.slice(from.length), this.entries.get(path)!)
      this.entries.delete(path)
    }
  }

  #below(path: string): string[] {
    return [...this.entries.keys()].filter((other) => other.startsWith(`${path}/`))
  }

  #paths(want: (entry: Entry) => boolean): string[] {
    return [...this.entries].flatMap(([path, entry]) => (want(entry) ? [path] : []))
  }
}

/** All that is on a drive, by path. */
export async function entriesOf(at: Sitting): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>()
  await gather(at, at.worktree.root, '', found)
  return new Map([...found].sort(([one], [other]) => (one < other ? -1 : 1)))
}

async function gather(at: Sitting, directory: Inode, path: string, found: Map<string, Entry>) {
  for (const { name, inode } of (await at.worktree.entries(directory)).after(0)) {
    const own = path === '' ? name : `${path}/${name}`
    if ((inode.mode & FileType.mask) !== FileType.directory)
      found.set(own, await bytesOf(at, inode))
    else {
      found.set(own, 'directory')
      await gather(at, inode, own, found)
    }
  }
}

async function bytesOf({ worktree, content }: Sitting, inode: Inode): Promise<Buffer> {
  await worktree.extents(inode)
  const into = Buffer.alloc(inode.size)
  const got = content.read(inode, 0, into)
  return typeof got === 'number' ? into.subarray(0, got) : Buffer.from(await got)
}

/** A path's place; what is there is loaded. */
async function placeOf(at: Sitting, path: string): Promise<{ parent: number; name: string }> {
  const cut = path.lastIndexOf('/')
  const parent = cut < 0 ? at.worktree.root : (await lookup(at, path.slice(0, cut)))!
  await at.worktree.lookup(parent, nameFromText(path.slice(cut + 1)))
  return { parent: parent.ino, name: path.slice(cut + 1) }
}

async function lookup({ worktree }: Sitting, path: string): Promise<Inode | undefined> {
  let inode: Inode | undefined = worktree.root
  for (const name of path.split('/'))
    inode = inode && (await worktree.lookup(inode, nameFromText(name)))
  return inode
}

function writeAt({ worktree, content }: Sitting, inode: Inode, at: number, bytes: Buffer): void {
  for (const { offset, slice } of content.write(inode, at, bytes))
    worktree.apply({ type: 'write', ino: inode.ino, offset, slice, time: time() })
}
