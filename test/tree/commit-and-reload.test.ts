import fc from 'fast-check'
import { test } from 'tap'
import { decodeChange, encodeChange } from '../../src/tree/format/change-format.ts'
import type { Worktree } from '../../src/tree/worktree/worktree.ts'
import { dumpWorktree } from './dump-worktree.ts'
import { dumpModel, ModelTree } from './model-tree.ts'
import { anyStep, Player } from './random-changes.ts'
import type { Step } from './random-changes.ts'
import { TestDrive } from './test-drive.ts'
import type { WrittenCommit } from './test-drive.ts'
import { propertyRuns } from './property-runs.ts'

type Event =
  | 'freeze'
  | 'write'
  | 'publish'
  | 'finish'
  | 'thaw'
  | 'crash'
  | 'restate'
  | 'look'
  | 'slow'
  | 'fast'

/** A drive, a worktree on it, the model, and the journal that a crash leaves. */
class Session {
  readonly drive = new TestDrive()
  readonly model = new ModelTree()
  worktree: Worktree
  player: Player
  /** Changes before the last freeze, and those since. */
  before: Uint8Array[] = []
  since: Uint8Array[] = []
  frozen: { tree: ReturnType<Worktree['freeze']>; dump: string[] } | undefined
  written: WrittenCommit | undefined
  published = false
  #running = Promise.resolve()

  constructor() {
    this.worktree = this.drive.open()
    this.player = new Player(this.worktree, this.model)
    this.#keep()
  }

  #keep(): void {
    this.worktree.onChange = (change) => this.since.push(encodeChange(change))
  }

  /** Writing and finishing go on behind while further steps are played. */
  async handle(event: Event): Promise<void> {
    if (!['look', 'slow', 'fast'].includes(event)) await this.#running
    switch (event) {
      case 'freeze':
        return this.#freeze()
      case 'write':
        this.#running = this.#write()
        return
      case 'publish':
        return this.#publish()
      case 'finish':
        this.#running = this.#finish()
        return
      case 'thaw':
        return this.#thaw()
      case 'crash':
        return this.#crash()
      case 'restate':
        return this.#restate()
      case 'look':
        return this.check()
      case 'slow':
      case 'fast':
        this.drive.packs.slow = event === 'slow'
    }
  }

  async check(): Promise<void> {
    same(await this.#dump(this.worktree), dumpModel(this.model), 'the worktree')
  }

  async finishAll(): Promise<void> {
    await this.#running
    await this.#write()
    await this.#publish()
    await this.#finish()
    for (const event of ['freeze', 'write', 'publish', 'finish'] as const) {
      await this.handle(event)
    }
    await this.#running
  }

  #dump(worktree: Worktree): Promise<string[]> {
    return dumpWorktree(worktree, (ref) => this.drive.packs.bytesOf(ref))
  }

  #freeze(): void {
    if (this.frozen) return
    this.frozen = { tree: this.worktree.freeze(), dump: dumpModel(this.model) }
    this.before.push(...this.since)
    this.since = []
  }

  async #write(): Promise<void> {
    if (!this.frozen || this.written) return
    this.written = await this.drive.write(this.frozen.tree, 2000)
    const fresh = this.drive.openAt(this.written.root)
    same(await this.#dump(fresh), this.frozen.dump, 'what was written')
  }

  async #publish(): Promise<void> {
    if (!this.written || this.published) return
    this.drive.publish(this.written)
    this.published = true
    same(
      [...this.drive.liveNow].map(String),
      [...(await this.drive.countLive())].map(String),
      'live bytes',
    )
  }

  async #finish(): Promise<void> {
    if (!this.published) return
    const { frozen, root, settled } = this.written!
    await this.worktree.committed(frozen, root, settled)
    for (const slice of this.worktree.slices()) {
      if (settled(slice)) throw new Error(`slice ${slice.id} is shown although it is settled`)
    }
    this.#done()
    this.before = []
  }

  #thaw(): void {
    if (!this.frozen || this.published) return
    this.worktree.thaw(this.frozen.tree)
    this.#done()
  }

  /** The journal begins anew. */
  #restate(): void {
    if (this.frozen) return
    this.before = []
    this.since = [...this.worktree.restate()].map(encodeChange)
  }

  #done(): void {
    this.frozen = this.written = undefined
    this.published = false
  }

  async #crash(): Promise<void> {
    const kept = this.published ? this.since : [...this.before, ...this.since]
    const changes = kept.map(decodeChange)
    this.#done()
    this.worktree = this.drive.open()
    await this.worktree.replay(changes)
    this.before = []
    this.since = kept
    this.#keep()
    this.player = new Player(this.worktree, this.model)
  }
}

function same(found: readonly string[], wanted: readonly string[], what: string): void {
  if (found.join('\n') === wanted.join('\n')) return
  const missing = wanted.filter((line) => !found.includes(line))
  const extra = found.filter((line) => !wanted.includes(line))
  throw new Error(`${what} differs:\n- ${missing.join('\n- ')}\n+ ${extra.join('\n+ ')}`)
}

const anyEvent = fc.constantFrom<Event[]>(
  'freeze',
  'freeze',
  'write',
  'write',
  'publish',
  'publish',
  'finish',
  'finish',
  'thaw',
  'crash',
  'restate',
  'look',
  'slow',
  'fast',
)
const anything: fc.Arbitrary<Step | Event> = fc.oneof(
  { weight: 3, arbitrary: anyStep },
  { weight: 2, arbitrary: anyEvent },
)

test('changes survive commits, given up commits, crashes at any point and a mount elsewhere', async (t) => {
  const count = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { maxLength: 90, size: 'max' }), async (all) => {
      const session = new Session()
      for (const one of all) {
        if (typeof one === 'string') await session.handle(one)
        else await session.player.play(one)
        const key = typeof one === 'string' ? one : one.kind
        count.set(key, (count.get(key) ?? 0) + 1)
      }
      await session.check()
      await session.finishAll()
      await session.check()
      if (session.worktree.dirty) throw new Error('dirty after a commit of everything')
      if (session.worktree.sliceBytes !== 0) throw new Error('slices are left')
    }),
    propertyRuns(150),
  )
  t.ok(count.size > 20)
})
