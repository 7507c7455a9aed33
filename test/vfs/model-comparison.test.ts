import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'tap'
import { ModelWorld } from './model/model-world.ts'
import { allOperations } from './model/operation.ts'
import type { Operation } from './model/operation.ts'
import { VfsWorld } from './model/vfs-world.ts'

const umask = 0o027
const restart = { type: 'restart' } as const
type Step = Operation | typeof restart

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: allOperations },
  { weight: 1, arbitrary: fc.constant(restart) },
)
const lists = fc.array(steps, { minLength: 1, maxLength: 60 })

/** Runs the steps on the file system and on the model; a restart replays what was recorded. */
async function compare(list: readonly Step[], lazy: boolean): Promise<void> {
  const vfs = new VfsWorld({ lazy, umask, withXattrs: true })
  const model = new ModelWorld(umask)
  for (const [index, step] of list.entries()) {
    const what = `${index}: ${JSON.stringify(step)}`
    if (step.type === 'restart') {
      await vfs.restart()
      for (const slot of [0, 1, 2]) await model.run({ type: 'close', slot })
    } else {
      strictEqual(await vfs.run(step), await model.run(step), what)
    }
    deepStrictEqual(await vfs.view(), await model.view(), what)
  }
}

for (const lazy of [false, true]) {
  test(`random operations and restarts do what the model does${lazy ? ' (loaded first)' : ''}`, async () => {
    await fc.assert(
      fc.asyncProperty(lists, (list) => compare(list, lazy)),
      { numRuns: 200 },
    )
  })
}
