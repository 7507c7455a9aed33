import { decodeChange, encodeChange } from '../../src/tree/format/change-format.ts'
import { FileType } from '../../src/tree/inode.ts'
import type { Inode } from '../../src/tree/inode.ts'
import type { RebaseResult } from '../../src/tree/worktree-api.ts'
import type { Worktree } from '../../src/tree/worktree/worktree.ts'
import { dumpWorktree } from './dump-worktree.ts'
import { modelOf } from './model-of-worktree.ts'
import type { ModelTree } from './model-tree.ts'
import { dumpModel } from './model-tree.ts'
import { Player } from './random-changes.ts'
import type { Step } from './random-changes.ts'
import type { TestDrive } from './test-drive.ts'

/** One machine with the drive mounted. */
export class Writer {
  readonly drive: TestDrive
  readonly host: string
  worktree: Worktree
  model!: ModelTree
  readonly #held = new Set<Inode>()
  #rebases = 0

  constructor(drive: TestDrive, host: string) {
    this.drive = drive
    this.host = host
    this.worktree = drive.open()
  }

  /** `lazily`: nothing is loaded but what the steps need. */
  async play(steps: readonly Step[], lazily = false): Promise<void> {
    const isFresh = lazily && !this.worktree.dirty
    this.model = await this.look(
      isFresh ? this.drive.openAt(this.worktree.base, this.worktree.inline) : this.worktree,
    )
    const player = new Player(this.worktree, this.model)
    for (const step of steps) await player.play(step)
    if (!lazily) same(await this.dump(), dumpModel(this.model), `${this.host} after its steps`)
  }

  look(worktree = this.worktree, onInode?: (inode: Inode) => void): Promise<ModelTree> {
    return modelOf(worktree, (ref) => this.drive.packs.bytesOf(ref), onInode)
  }

  dump(worktree = this.worktree): Promise<string[]> {
    return dumpWorktree(worktree, (ref) => this.drive.packs.bytesOf(ref))
  }

  /** Holds every third inode, as a kernel or an open file does. */
  async hold(): Promise<void> {
    await this.look(this.worktree, (inode) => {
      if (inode.ino % 3 !== 0 || this.#held.has(inode)) return
      this.worktree.retain(inode)
      this.#held.add(inode)
    })
  }

  /**
   * Lays its changes over what is committed, and checks that the result is a tree and replays from its journal. Changes may
   * be made `meanwhile`, by a function that is told when it is too late.
   */
  async rebase(meanwhile?: (isOver: () => boolean) => Promise<void>): Promise<readonly string[]> {
    const { root, inline } = this.drive
    const isKnown = root === this.worktree.base && inline === this.worktree.inline
    if ((!root && inline.length === 0) || isKnown) return []
    const before = new Map([...this.#held].map((inode) => [inode, fieldsOf(inode)]))
    const journal: Uint8Array[] = []
    let isOver = false
    const naming = { host: this.host, time: `t${++this.#rebases}` }
    const rebasing = this.worktree.rebase(
      root,
      naming,
      () => {
        if (isOver || this.worktree.base !== root) throw new Error('told at a wrong time')
        isOver = true
        journal.push(...[...this.worktree.restate()].map(encodeChange))
        this.worktree.onChange = (change) => journal.push(encodeChange(change))
      },
      inline,
    )
    const [result] = await Promise.all([rebasing, meanwhile?.(() => isOver)])
    this.worktree.onChange = () => {}
    await this.#check(before, result, meanwhile === undefined)
    const again = this.drive.open()
    await again.replay(journal.map(decodeChange))
    same(await this.dump(again), await this.dump(), `${this.host} after a replay`)
    return result.conflicts
  }

  /** What is held is still in the tree, and what changed of it was told. */
  async #check(
    before: ReadonlyMap<Inode, string>,
    result: RebaseResult,
    areChangesTheirs: boolean,
  ): Promise<void> {
    const names = new Set<Inode>()
    await this.look(this.worktree, (inode) => {
      for (const { inode: child } of inode.entries?.after(0) ?? []) {
        names.add(child)
      }
    })
    for (const inode of before.keys()) {
      if (inode.nlink > 0 && inode !== this.worktree.root && !names.has(inode)) {
        throw new Error(`held inode ${inode.ino} is another object`)
      }
    }
    if (areChangesTheirs) checkTold(before, result)
  }

  async commit(): Promise<void> {
    await this.rebase()
    const dump = await this.dump()
    if (!this.drive.append(this.worktree)) await this.drive.commit(this.worktree, 3000)
    same(await this.dump(), dump, `${this.host} after its commit`)
    same(await this.dump(this.drive.open()), dump, `what ${this.host} committed`)
    if (this.drive.inline.length > 0) return
    same(
      [...this.drive.liveNow].map(String),
      [...(await this.drive.countLive())].map(String),
      'live bytes',
    )
  }
}

export function same(found: readonly string[], wanted: readonly string[], what: string): void {
  if (found.join('\n') === wanted.join('\n')) return
  const missing = wanted.filter((line) => !found.includes(line))
  const extra = found.filter((line) => !wanted.includes(line))
  throw new Error(`${what} differs:\n- ${missing.join('\n- ')}\n+ ${extra.join('\n+ ')}`)
}

/** What a kernel that writes back late believes of a file without asking. */
function fieldsOf(inode: Inode): string {
  const { size, mtimeSec, mtimeNsec, ctimeSec, ctimeNsec } = inode
  return [size, mtimeSec, mtimeNsec, ctimeSec, ctimeNsec].join(' ')
}

function isRegular({ mode }: Inode): boolean {
  return (mode & FileType.mask) === FileType.regular
}

/** Every held file that changed was told, and only names that are there. */
function checkTold(before: ReadonlyMap<Inode, string>, { changedFiles }: RebaseResult): void {
  const told = new Map(changedFiles.map((file) => [file.inode, file.names]))
  for (const [inode, fields] of before) {
    if (inode.nlink === 0 || !isRegular(inode) || fieldsOf(inode) === fields) continue
    if (!told.has(inode)) throw new Error(`changed file ${inode.ino} is not told`)
  }
  for (const [inode, places] of told) {
    const areThere = places.every(({ directory, name }) => directory.entries?.get(name) === inode)
    if (!areThere || !isRegular(inode)) throw new Error(`what is told of file ${inode.ino}`)
  }
}
