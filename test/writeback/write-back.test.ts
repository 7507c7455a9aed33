import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'tap'
import type { ManifestState } from '../../src/manifest/manifest.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { silentLog } from '../../src/runtime/log.ts'
import { OverBudget } from '../../src/writeback/commit-budget.ts'
import type { PendingCommit } from '../../src/writeback/pending-commit.ts'
import { Schedule } from '../../src/writeback/schedule.ts'
import { WriteBack, type WriteBackParts } from '../../src/writeback/write-back.ts'
import { never } from './desk.ts'

/** A write-back that has nothing to store, and counts what it would do. */
class Bench {
  readonly worktree = { dirty: false }
  allowed = 0
  isHeld = false
  readonly schedule = new Schedule(systemClock, { delayMs: 3_600_000, bytes: 1 << 30 })
  readonly done: string[] = []
  /** Called while a commit is published, with the sequence that it makes. */
  onPublish: (sequence: bigint) => void = () => {}
  failures = 0
  /** What the budget does not let through; undefined: all is allowed. */
  refusal: OverBudget | undefined
  readonly abandoned: string[] = []
  readonly writeBack: WriteBack

  constructor() {
    const committer: WriteBackParts['committer'] = {
      uploadedBytes: 0,
      begin: () => ({ oldestMs: 0 }) as PendingCommit,
      advance: async (_, sequence) => {
        if (this.refusal && this.allowed === 0) {
          this.isHeld = true
          throw this.refusal
        }
        this.done.push('commit')
        this.worktree.dirty = false
        await sleep(1)
        this.onPublish(sequence + 1n)
        await sleep(1)
        return sequence + 1n
      },
      abandon: async () => void this.abandoned.push('abandon'),
    }
    const budget: WriteBackParts['budget'] = {
      check: () => {
        if (this.refusal && this.isHeld && this.allowed === 0) throw this.refusal
      },
      allow: () => {
        this.allowed++
        return () => this.allowed--
      },
    }
    const rebaser: WriteBackParts['rebaser'] = {
      load: async () => stateOf(0n),
      rebase: async () => {
        if (this.failures-- > 0) throw new Error('no answer')
        this.done.push('rebase')
      },
    }
    const { worktree, schedule } = this
    const stand = { head: { root: undefined, inline: [] } }
    const tools = { appender: undefined, stand, clock: systemClock, log: silentLog }
    const parts = { worktree, schedule, committer, rebaser, budget, ...tools }
    this.writeBack = new WriteBack(parts, 0n)
    this.writeBack.start()
  }

  change(): void {
    this.worktree.dirty = true
    this.writeBack.changed({ type: 'attributes', ino: 1, time: { sec: 1, nsec: 0 } })
  }
}

function stateOf(sequence: bigint): ManifestState {
  return { sequence, root: { blob: sequence }, inline: [] } as unknown as ManifestState
}

test('a commit that the watch tells of before its answer comes is no reason for another', async (t) => {
  const bench = new Bench()
  t.teardown(() => bench.writeBack.stop())
  bench.onPublish = (sequence) => {
    bench.change()
    bench.writeBack.moved(stateOf(sequence))
  }
  bench.change()
  await bench.writeBack.sync(never)
  await sleep(50)
  t.same(bench.done, ['commit'])
  t.ok(bench.worktree.dirty, 'what was changed meanwhile waits for its time')
})

test('what another commits is taken over at once, and what we changed waits for its time', async (t) => {
  const bench = new Bench()
  t.teardown(() => bench.writeBack.stop())
  bench.change()
  bench.writeBack.moved(stateOf(1n))
  await sleep(20)
  t.same(bench.done, ['rebase'])
  t.equal(bench.writeBack.status.sequence, 1n)
  bench.writeBack.moved(stateOf(2n))
  await bench.writeBack.sync(never)
  t.same(bench.done, ['rebase', 'rebase', 'commit'])
})

test('a take-over that failed is tried again', async (t) => {
  const bench = new Bench()
  t.teardown(() => bench.writeBack.stop())
  bench.failures = 1
  bench.writeBack.moved(stateOf(1n))
  await sleep(20)
  t.equal(bench.writeBack.status.state, 'backing-off')
  bench.change()
  await bench.writeBack.sync(never)
  t.same(bench.done, ['rebase', 'commit'])
})

test('over the budget a commit is given up, who waits is told, and others are taken over', async (t) => {
  const bench = new Bench()
  t.teardown(() => bench.writeBack.stop())
  bench.refusal = new OverBudget('too much')
  bench.change()
  await t.rejects(bench.writeBack.sync(never), bench.refusal)
  await t.rejects(bench.writeBack.sync(never), bench.refusal)
  t.same(bench.abandoned, ['abandon'], 'it is packed once')
  t.match(bench.writeBack.status, { state: 'backing-off', why: 'too much', conflicts: 0 })
  bench.writeBack.moved(stateOf(1n))
  await sleep(50)
  t.same(bench.done, ['rebase'], 'what others commit is no matter of money')
  t.equal(await bench.writeBack.sync(never, true), 2n)
  t.same(bench.done, ['rebase', 'commit'])
  t.equal(bench.allowed, 0, 'once')
  bench.change()
  await t.rejects(bench.writeBack.sync(never), bench.refusal)
  bench.refusal = undefined
  t.equal(await bench.writeBack.sync(never), 3n)
})
