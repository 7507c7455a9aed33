import fc from 'fast-check'
import { nameFromText } from '../../src/terms/name.ts'
import type { Name } from '../../src/terms/name.ts'
import type { Change } from '../../src/tree/change.ts'
import { FileType } from '../../src/tree/inode.ts'
import type { Inode } from '../../src/tree/inode.ts'
import type { Slice } from '../../src/tree/slice.ts'
import type { Timestamp } from '../../src/tree/time.ts'
import type { Worktree } from '../../src/tree/worktree/worktree.ts'
import type { ModelInode, ModelTree } from './model-tree.ts'

/** One random step; its numbers choose among what is there. */
export interface Step {
  readonly kind: (typeof kinds)[number]
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
}

const kinds = [
  'mkdir',
  'create',
  'create',
  'special',
  'symlink',
  'link',
  'unlink',
  'rename',
  'rename',
  'exchange',
  'chmod',
  'truncate',
  'write',
  'write',
  'punch',
  'clone',
  'shift',
  'xattr',
] as const

/** Random steps for `Player.play`. */
export const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...kinds),
  a: fc.nat(1000),
  b: fc.nat(1000),
  c: fc.nat(100),
  d: fc.nat(100),
})

/** The byte at an index of a slice. */
export function sliceByte(slice: Pick<Slice, 'id'>, index: number): number {
  return (slice.id * 131 + index * 7) & 255
}

/** Slices get numbers that no other player of the test process has given. */
let lastSlice = 0

/** Has the same steps write the same bytes again. For drives that have nothing to do with those of before. */
export function numberSlicesFrom(to: number): void {
  lastSlice = to
}

export function newSlice(length: number): Slice {
  lastSlice++
  return { id: lastSlice, segment: lastSlice >> 4, position: lastSlice * 4096, length }
}

/** Plays random steps on a worktree and on the model at once. */
export class Player {
  readonly #worktree: Worktree
  readonly #model: ModelTree
  #clock = -5

  constructor(worktree: Worktree, model: ModelTree) {
    this.#worktree = worktree
    this.#model = model
  }

  async play(step: Step): Promise<void> {
    const change = this.#choose(step)
    if (change) this.#worktree.apply(await change)
  }

  /** Loads the inode at a path. */
  async find(path: readonly Name[]): Promise<Inode> {
    let inode: Inode = this.#worktree.root
    for (const name of path) inode = (await this.#worktree.lookup(inode, name))!
    return inode
  }

  #time(): Timestamp {
    this.#clock++
    return { sec: this.#clock, nsec: (this.#clock * 7919) & 0xffff }
  }

  #choose(step: Step): Promise<Change> | undefined {
    switch (step.kind) {
      case 'mkdir':
        return this.#make(step, FileType.directory | 0o700)
      case 'create':
        return this.#make(step, FileType.regular | 0o644)
      case 'special':
        return this.#make(step, FileType.blockDevice | 0o600, undefined, step.c)
      case 'symlink':
        return this.#make(step, FileType.symlink | 0o777, `target ${step.c}`)
      case 'link':
        return this.#link(step)
      case 'unlink':
        return this.#unlink(step)
      case 'rename':
        return this.#rename(step)
      case 'exchange':
        return this.#exchange(step)
      case 'chmod':
      case 'xattr':
        return this.#attributes(step)
      case 'truncate':
      case 'write':
      case 'punch':
      case 'clone':
      case 'shift':
        return this.#content(step)
    }
  }

  async #make(step: Step, mode: number, target?: string, rdev = 0): Promise<Change> {
    const [path, parent] = pick(this.#model.directories(), step.a)!
    const name = freeName(parent, step.b)
    const time = this.#time()
    const ino = this.#worktree.allocate()
    const inode = this.#model.inode(ino, mode, time)
    Object.assign(inode, { rdev, target, uid: step.c, gid: step.d })
    if (target !== undefined) inode.size = target.length
    this.#model.link(parent, name, inode, time)
    await this.find(path)
    const bytes = target === undefined ? {} : { target: Buffer.from(target) }
    const { uid, gid } = inode
    return { type: 'make', parent: parent.ino, name, ino, mode, uid, gid, rdev, ...bytes, time }
  }

  #link(step: Step): Promise<Change> | undefined {
    const from = pick(
      this.#model.names().filter((entry) => !entry.inode.names),
      step.a,
    )
    const [path, parent] = pick(this.#model.directories(), step.b)!
    if (!from) return undefined
    const name = freeName(parent, step.c)
    const time = this.#time()
    this.#model.link(parent, name, from.inode, time)
    return this.#loaded([from.path, path], {
      type: 'link',
      ino: from.inode.ino,
      parent: parent.ino,
      name,
      time,
    })
  }

  #unlink(step: Step): Promise<Change> | undefined {
    const entry = pick(
      this.#model.names().filter(({ inode }) => !inode.names?.size),
      step.a,
    )
    if (!entry) return undefined
    const time = this.#time()
    const { path, parent, name } = entry
    this.#model.unlink(parent, name, time)
    return this.#loaded([path], { type: 'unlink', parent: parent.ino, name, time })
  }

  #rename(step: Step): Promise<Change> | undefined {
    const from = pick(this.#model.names(), step.a)
    const [path, newParent] = pick(this.#model.directories(), step.b)!
    if (!from || (from.inode.names && this.#model.isInside(newParent, from.inode))) return undefined
    const taken = pick([...newParent.names!], step.c)
    const replaced = step.d % 2 && taken ? taken : undefined
    if (replaced && !mayReplace(from.inode, replaced[1])) return undefined
    const newName = replaced?.[0] ?? freeName(newParent, step.c)
    const time = this.#time()
    this.#model.rename(from.parent, from.name, newParent, newName, time)
    return this.#loaded([from.path, path, ...(replaced ? [[...path, newName]] : [])], {
      type: 'rename',
      parent: from.parent.ino,
      name: from.name,
      newParent: newParent.ino,
      newName,
      exchange: false,
      time,
    })
  }

  #exchange(step: Step): Promise<Change> | undefined {
    const names = this.#model.names()
    const [from, to] = [pick(names, step.a), pick(names, step.b)]
    if (!from || !to) return undefined
    if (from.inode.names && this.#model.isInside(to.parent, from.inode)) return undefined
    if (to.inode.names && this.#model.isInside(from.parent, to.inode)) return undefined
    const time = this.#time()
    this.#model.exchange(from.parent, from.name, to.parent, to.name, time)
    return this.#loaded([from.path, to.path], {
      type: 'rename',
      parent: from.parent.ino,
      name: from.name,
      newParent: to.parent.ino,
      newName: to.name,
      exchange: true,
      time,
    })
  }

  #attributes(step: Step): Promise<Change> | undefined {
    const entry = pick([{ path: [], inode: this.#model.root }, ...this.#model.names()], step.a)!
    const { inode, path } = entry
    const time = this.#time()
    inode.ctime = time
    if (step.kind === 'xattr') {
      const name = nameFromText(`user.${step.b % 3}`)
      if (step.c % 4 === 0) inode.xattrs.delete(name)
      else inode.xattrs.set(name, `value ${step.c}`)
      const value = step.c % 4 === 0 ? {} : { value: Buffer.from(`value ${step.c}`) }
      return this.#loaded([path], { type: 'xattr', ino: inode.ino, name, ...value, time })
    }
    const mode = step.b & 0o7777
    inode.mode = (inode.mode & FileType.mask) | mode
    inode.atime = inode.mtime = { sec: -step.c, nsec: 999_999_999 }
    const { atime, mtime } = inode
    return this.#loaded([path], {
      type: 'attributes',
      ino: inode.ino,
      mode,
      uid: inode.uid,
      atime,
      mtime,
      time,
    })
  }

  #content(step: Step): Promise<Change> | undefined {
    const files = this.#model.names().filter(({ inode }) => isRegular(inode))
    const [entry, other] = [pick(files, step.a), pick(files, step.b)]
    if (!entry || !other) return undefined
    const { inode, path } = entry
    const time = this.#time()
    inode.ctime = time
    const { ino } = inode
    const [offset, length] = [step.c, 1 + step.d]
    if (step.kind === 'truncate') {
      this.#model.resize(inode, offset)
      return this.#loaded([path], { type: 'attributes', ino, size: offset, time })
    }
    inode.mtime = time
    if (step.kind === 'write') return this.#write(path, inode, offset, newSlice(length), time)
    if (step.kind === 'punch') {
      this.#model.fill(inode, offset, length, () => undefined)
      return this.#loaded([path], { type: 'punch', ino, offset, length, time })
    }
    if (step.kind === 'shift') return this.#shift(path, inode, offset, length, time)
    return this.#clone(path, inode, other.path, other.inode, step, time)
  }

  #write(path: readonly Name[], inode: ModelInode, offset: number, slice: Slice, time: Timestamp) {
    this.#model.fill(inode, offset, slice.length, (i) => sliceByte(slice, i))
    inode.size = Math.max(inode.size, offset + slice.length)
    return this.#loaded([path], { type: 'write', ino: inode.ino, offset, slice, time })
  }

  #shift(path: readonly Name[], inode: ModelInode, at: number, length: number, time: Timestamp) {
    const offset = Math.min(at, inode.size)
    const by = length % 2 ? length : -Math.min(length, offset)
    const before = new Map(inode.bytes)
    inode.bytes.clear()
    for (const [i, byte] of before) {
      if (i >= offset) inode.bytes.set(i + by, byte)
      else if (i < offset + by) inode.bytes.set(i, byte)
    }
    inode.size += by
    return this.#loaded([path], { type: 'shift', ino: inode.ino, offset, by, time })
  }

  #clone(
    path: readonly Name[],
    inode: ModelInode,
    fromPath: readonly Name[],
    from: ModelInode,
    step: Step,
    time: Timestamp,
  ) {
    const fromOffset = step.d % 50
    const length = Math.max(0, Math.min(from.size - fromOffset, 60))
    const offset = step.c
    this.#model.fill(inode, offset, length, (i) => from.bytes.get(fromOffset + i))
    inode.size = Math.max(inode.size, offset + length)
    const change = { from: from.ino, fromOffset, ino: inode.ino, offset, length, time }
    return this.#loaded([path, fromPath], { type: 'clone', ...change })
  }

  async #loaded(paths: readonly (readonly Name[])[], change: Change): Promise<Change> {
    for (const path of paths) await this.find(path)
    return change
  }
}

function isRegular(inode: ModelInode): boolean {
  return (inode.mode & FileType.mask) === FileType.regular
}

function mayReplace(moved: ModelInode, replaced: ModelInode): boolean {
  return moved.names ? replaced.names?.size === 0 : !replaced.names
}

function pick<T>(from: readonly T[], number: number): T | undefined {
  return from[number % from.length]
}

function freeName(directory: ModelInode, number: number): Name {
  for (let i = number % 12; ; i++) {
    const name = nameFromText(i % 3 ? `n${i}` : `ñ ${i}`)
    if (!directory.names!.has(name)) return name
  }
}
