import { setImmediate } from 'node:timers/promises'
import fc from 'fast-check'
import { test } from 'tap'
import { nameFromText } from '../../src/terms/name.ts'
import { FileType } from '../../src/tree/inode.ts'
import type { DirectoryEntry, Inode } from '../../src/tree/inode.ts'
import type { Worktree } from '../../src/tree/worktree/worktree.ts'
import { anyStep, newSlice } from './random-changes.ts'
import { TestDrive } from './test-drive.ts'
import { same, Writer } from './writer.ts'
import { propertyRuns } from './property-runs.ts'

const time = { sec: 5000, nsec: 1 }

/** Changes what is in memory, in one turn, as calls of a kernel do that come while the tree is being rebased. */
class Meddler {
  readonly #worktree: Worktree
  changes = 0

  constructor(worktree: Worktree) {
    this.#worktree = worktree
  }

  change(kind: number, number: number): void {
    const directories = [...this.#directories(this.#worktree.root)]
    const parent = directories[number % directories.length]!
    const entries = [...parent.entries!.after(0)]
    const entry = entries[number % entries.length]
    if (kind % 4 === 0 || !entry) return this.#make(parent, kind)
    if (kind % 4 === 1) return this.#write(entry.inode)
    if (kind % 4 === 2) return this.#unlink(parent, entry)
    this.#move(parent, entry, directories[(number >> 3) % directories.length]!)
  }

  *#directories(directory: Inode): Generator<Inode> {
    if (!directory.entries) return
    yield directory
    for (const { inode } of directory.entries.after(0)) yield* this.#directories(inode)
  }

  #make(parent: Inode, kind: number): void {
    const ino = this.#worktree.allocate()
    const mode = kind % 8 === 0 ? FileType.directory | 0o755 : FileType.regular | 0o644
    const name = this.#newName()
    const owner = { uid: 0, gid: 0, rdev: 0 }
    this.#worktree.apply({ type: 'make', parent: parent.ino, name, ino, mode, ...owner, time })
  }

  #write(inode: Inode): void {
    if (!inode.extents) return
    this.changes++
    this.#worktree.apply({ type: 'write', ino: inode.ino, offset: 3, slice: newSlice(20), time })
  }

  #unlink(parent: Inode, { name, inode }: DirectoryEntry): void {
    const isDirectory = (inode.mode & FileType.mask) === FileType.directory
    if (isDirectory && inode.entries?.count !== 0) return
    this.changes++
    this.#worktree.apply({ type: 'unlink', parent: parent.ino, name, time })
  }

  #move(parent: Inode, { name, inode }: DirectoryEntry, newParent: Inode): void {
    let at = newParent
    for (; at !== inode && at !== this.#worktree.root;) at = at.parent!
    if (at === inode) return
    const newName = this.#newName()
    const [from, to] = [parent.ino, newParent.ino]
    const change = { parent: from, name, newParent: to, newName, exchange: false, time }
    this.#worktree.apply({ type: 'rename', ...change })
  }

  #newName() {
    return nameFromText(`m${++this.changes}`)
  }
}

test('changes made while a rebase reads and after it are in the tree and in the journal', async (t) => {
  const anySteps = fc.array(anyStep, { maxLength: 20, size: 'max' })
  const anyMeddling = fc.array(fc.tuple(fc.nat(100), fc.nat(1000)), { maxLength: 12, size: 'max' })
  let changes = 0
  await fc.assert(
    fc.asyncProperty(anySteps, anySteps, anySteps, anyMeddling, async (first, a, b, meddling) => {
      const drive = new TestDrive()
      const one = new Writer(drive, 'one')
      await one.play(first)
      await one.commit()
      const two = new Writer(drive, 'two')
      await two.play(b)
      await two.hold()
      await one.play(a)
      await one.commit()
      drive.packs.slow = true
      const meddler = new Meddler(two.worktree)
      await two.rebase(async (isOver) => {
        for (const [kind, number] of meddling) {
          meddler.change(kind, number)
          if (!isOver()) await setImmediate()
        }
      })
      changes += meddler.changes
      await two.commit()
      await one.rebase()
      same(await one.dump(), await two.dump(), 'the first in the end')
    }),
    propertyRuns(100),
  )
  t.ok(changes > 100, `${changes} changes`)
})
