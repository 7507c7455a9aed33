import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'tap'
import { ModelWorld } from './model/model-world.ts'
import { allOperations } from './model/operation.ts'
import { carryOut, stepLists } from './model/step.ts'
import type { Step } from './model/step.ts'
import { VfsWorld } from './model/vfs-world.ts'

const umask = 0o027
const lists = stepLists(allOperations)

/** Runs the steps on the file system and on the model, and compares what each answers and what is to be seen then. */
async function compare(list: readonly Step[], lazy: boolean): Promise<void> {
  const vfs = new VfsWorld({ lazy, umask, withXattrs: true })
  const model = new ModelWorld(umask)
  for (const [index, step] of list.entries()) {
    const what = `${index}: ${JSON.stringify(step)}`
    const [here, there] = await carryOut(step, vfs, model)
    strictEqual(here, there, what)
    deepStrictEqual(await vfs.view(), await model.view(), what)
  }
}

for (const lazy of [false, true]) {
  test(`random operations, commits, crashes and remounts do what the model does${lazy ? ' (loaded first)' : ''}`, async () => {
    await fc.assert(
      fc.asyncProperty(lists, (list) => compare(list, lazy)),
      { numRuns: 200 },
    )
  })
}
