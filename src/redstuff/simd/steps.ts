import { columnsSteps } from './columns-steps.ts'
import { rebuildSteps } from './rebuild-steps.ts'
import { rowsSteps } from './rows-steps.ts'
import { lineSteps, sliverHashesSteps } from './sliver-steps.ts'
import { streamColumnsSteps, streamRowsSteps } from './stream-steps.ts'
import type { Task } from './task.ts'
import { rootSteps, rowRootsSteps } from './tree-steps.ts'
import type { Workspace } from './workspace.ts'

/** Does a task in steps of about a millisecond. */
export function* stepsOf(space: Workspace, task: Task): Generator<void, void> {
  switch (task.kind) {
    case 'rows':
      return yield* rowsSteps(space, task)
    case 'columns':
      return yield* columnsSteps(space, task)
    case 'stream-rows':
      return yield* streamRowsSteps(space, task)
    case 'stream-columns':
      return yield* streamColumnsSteps(space, task)
    case 'row-roots':
      return yield* rowRootsSteps(space, task)
    case 'root':
      return yield* rootSteps(space, task)
    case 'sliver-hashes':
      return yield* sliverHashesSteps(space, task)
    case 'line':
      return yield* lineSteps(space, task)
    case 'rebuild':
      return yield* rebuildSteps(space, task)
    case 'sequence':
      for (const one of task.tasks) yield* stepsOf(space, one)
  }
}
