import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../runtime/clock.ts'
import { maxNameBytes, nameFromText, nameToText, type Name } from '../../terms/name.ts'
import { Trouble } from '../../terms/trouble.ts'
import { FileType, type Inode } from '../../tree/inode.ts'
import type { Timestamp } from '../../tree/time.ts'
import type { NamePlace, WorktreeApi } from '../../tree/worktree-api.ts'
import type { Worktree } from '../../tree/worktree/worktree.ts'
import { isDirectory, isRegular, walk } from '../drive-files.ts'
import type { Drive } from '../open-drive.ts'

/** What was made. */
export interface Planted {
  readonly path: string
  readonly kept: string | undefined
  readonly files: number
  readonly directories: number
}

/** Changes made in one go before others get their turn. */
const perTurn = 200

/** Makes a tree of an earlier state again in the present one, without copying bytes. */
export class Planting {
  readonly #drive: Pick<Drive, 'worktree' | 'onRebased'>
  readonly #worktree: WorktreeApi
  readonly #past: Worktree
  readonly #signal: AbortSignal
  readonly #time: Timestamp
  readonly #timeText: string
  /** New inodes by those that they are copies of, where those have several names. */
  readonly #copies = new Map<Inode, Inode>()
  /** Must stay in memory till the end. */
  readonly #held: Inode[] = []
  readonly #names: NamePlace[] = []
  #files = 0
  #directories = 0
  #done = 0

  constructor(
    drive: Pick<Drive, 'worktree' | 'onRebased'>,
    past: Worktree,
    clock: Clock,
    signal: AbortSignal,
  ) {
    this.#drive = drive
    this.#worktree = drive.worktree
    this.#past = past
    this.#signal = signal
    const ms = clock.now()
    this.#time = { sec: Math.floor(ms / 1000), nsec: (ms % 1000) * 1_000_000 }
    this.#timeText = new Date(ms).toISOString().replace(/:/g, '-').slice(0, 19)
  }

  /**
   * Makes `top` again at a path, with the directories above it where they are gone. What stands there gets another name, in the
   * very turn in which the new one takes its place. Throws Trouble `exists`, `usage`.
   */
  async plant(top: Inode, into: string, progress: (done: number) => void): Promise<Planted> {
    const parts = into.split('/').filter((part) => part !== '' && part !== '.')
    const name = parts.pop()
    if (name === undefined || name === '..' || parts.includes('..')) {
      throw new Trouble(
        'usage',
        'the root of a drive is not replaced: restore what is in it, or give it another path with --into-drive',
      )
    }
    try {
      const parent = await this.#directory(parts)
      const path = `/${[...parts, name].join('/')}`
      const kept = await this.#plantIn(parent, nameFromText(name), top, progress)
      const keptPath = kept && `/${[...parts, nameToText(kept)].join('/')}`
      return { path, kept: keptPath, files: this.#files, directories: this.#directories }
    } finally {
      this.#tellKernel()
      for (const inode of this.#held) this.#worktree.release(inode)
    }
  }

  /** The directory of a path of the drive; what is gone of it is made as it was. */
  async #directory(parts: readonly string[]): Promise<Inode> {
    let directory = this.#worktree.root
    let before: Inode | undefined = this.#past.root
    for (const [i, part] of parts.entries()) {
      const name = nameFromText(part)
      const found = await this.#worktree.lookup(directory, name)
      before = before && isDirectory(before) ? await this.#past.lookup(before, name) : undefined
      if (found && !isDirectory(found)) {
        const path = `/${parts.slice(0, i + 1).join('/')}`
        throw new Trouble(
          'exists',
          `${path} is no directory any more; nothing was changed: restore to another place with --into-drive or --to`,
        )
      }
      const like = before && isDirectory(before) ? before : undefined
      if (!found) await this.#worktree.entries(directory)
      const next = found ?? this.#makeDirectory(directory, name, like ?? directory)
      if (!found && like) this.#setTimes(next, like)
      directory = next
      this.#hold(directory)
    }
    return directory
  }

  /** Resolves with the name under which what stood there is kept. */
  async #plantIn(
    parent: Inode,
    name: Name,
    top: Inode,
    progress: (done: number) => void,
  ): Promise<Name | undefined> {
    this.#hold(parent)
    await this.#worktree.entries(parent)
    if (isRegular(top)) await this.#past.extents(top)
    if (!isDirectory(top)) {
      const kept = this.#setAside(parent, name)
      this.#plantFile(parent, name, top)
      return kept
    }
    const growing = this.#freeName(parent, name, 'restoring')
    await this.#plantTree(parent, growing, top, progress)
    const kept = this.#setAside(parent, name)
    this.#rename(parent, growing, name)
    return kept
  }

  async #plantTree(
    parent: Inode,
    name: Name,
    top: Inode,
    progress: (done: number) => void,
  ): Promise<void> {
    const made = new Map<string, Inode>()
    const timed: (readonly [Inode, Inode])[] = []
    for await (const { path, inode } of walk({ worktree: this.#past }, top)) {
      if (isRegular(inode)) await this.#past.extents(inode)
      const cut = path.lastIndexOf('/')
      const directory = path === '' ? parent : made.get(cut < 0 ? '' : path.slice(0, cut))!
      const last = path === '' ? name : (path.slice(cut + 1) as Name)
      if (isDirectory(inode)) {
        const directoryHere = this.#makeDirectory(directory, last, inode)
        this.#hold(directoryHere)
        made.set(path, directoryHere)
        timed.push([directoryHere, inode])
      } else this.#plantFile(directory, last, inode)
      if (++this.#done % perTurn === 0) {
        progress(this.#done)
        await setImmediate()
        this.#signal.throwIfAborted()
      }
    }
    for (const [here, like] of timed.reverse()) this.#setTimes(here, like)
  }

  #makeDirectory(parent: Inode, name: Name, like: Inode): Inode {
    const { mode, uid, gid } = like
    const made = this.#worktree.apply({
      type: 'make',
      parent: parent.ino,
      name,
      ino: this.#worktree.allocate(),
      mode: FileType.directory | (mode & 0o7777),
      uid,
      gid,
      rdev: 0,
      time: this.#time,
    })
    for (const [xattr, value] of like.xattrs ?? []) {
      this.#worktree.apply({ type: 'xattr', ino: made.ino, name: xattr, value, time: this.#time })
    }
    this.#directories++
    this.#names.push({ directory: parent, name })
    return made
  }

  #setTimes({ ino }: Inode, like: Inode): void {
    const atime = { sec: like.atimeSec, nsec: like.atimeNsec }
    const mtime = { sec: like.mtimeSec, nsec: like.mtimeNsec }
    this.#worktree.apply({ type: 'attributes', ino, atime, mtime, time: this.#time })
  }

  /** A new file that shows the bytes of one before, in one turn. */
  #plantFile(parent: Inode, name: Name, like: Inode): void {
    const known = this.#copies.get(like)
    const inode = known ?? this.#worktree.makeCopy(like)
    if (!known && like.nlink > 1) {
      this.#copies.set(like, inode)
      this.#hold(inode)
    }
    if (!known) this.#files++
    const change = { ino: inode.ino, parent: parent.ino, name, time: this.#time } as const
    this.#worktree.apply({ type: 'link', ...change })
    this.#names.push({ directory: parent, name })
  }

  #setAside(parent: Inode, name: Name): Name | undefined {
    if (!parent.entries?.get(name)) return undefined
    const kept = this.#freeName(parent, name, 'before restore')
    this.#rename(parent, name, kept)
    return kept
  }

  #rename(directory: Inode, name: Name, newName: Name): void {
    const [parent, time] = [directory.ino, this.#time]
    const change = { parent, name, newParent: parent, newName, exchange: false, time } as const
    this.#worktree.apply({ type: 'rename', ...change })
    this.#names.push({ directory, name }, { directory, name: newName })
  }

  /** `name (WHAT TIME)`, with a number where that is taken. */
  #freeName(directory: Inode, name: Name, what: string): Name {
    for (let number = 1; ; number++) {
      const suffix = ` (${what} ${this.#timeText}${number > 1 ? ` ${number}` : ''})`
      const free = `${name.slice(0, maxNameBytes - suffix.length)}${suffix}` as Name
      if (!directory.entries?.get(free)) return free
    }
  }

  #hold(inode: Inode): void {
    this.#worktree.retain(inode)
    this.#held.push(inode)
  }

  #tellKernel(): void {
    const directories = new Set(this.#names.map(({ directory }) => directory))
    this.#drive.onRebased({
      inodes: [...directories],
      names: this.#names,
      changedFiles: [],
      conflicts: [],
    })
  }
}
