import fc from 'fast-check'
import { test } from 'tap'
import type { Change } from '../../src/tree/change.ts'
import { decodeChange, encodeChange } from '../../src/tree/format/change-format.ts'
import { Worktree } from '../../src/tree/worktree/worktree.ts'
import { dumpWorktree } from './dump-worktree.ts'
import { dumpModel, ModelTree } from './model-tree.ts'
import { anyStep, Player } from './random-changes.ts'

test('any changes give the tree that the model has', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 60 }), async (steps) => {
      const worktree = new Worktree()
      const model = new ModelTree()
      const player = new Player(worktree, model)
      for (const step of steps) await player.play(step)
      t.strictSame(await dumpWorktree(worktree), dumpModel(model))
    }),
  )
})

test('replay of the changes that were handed on gives the same tree', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 60 }), async (steps) => {
      const worktree = new Worktree()
      const model = new ModelTree()
      const player = new Player(worktree, model)
      const kept: Change[] = []
      worktree.onChange = (change) => kept.push(change)
      for (const step of steps) await player.play(step)
      const again = new Worktree()
      await again.replay(kept.map(encodeChange).map(decodeChange))
      t.strictSame(await dumpWorktree(again), dumpModel(model))
    }),
  )
})
